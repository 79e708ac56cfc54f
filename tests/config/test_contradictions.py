import pytest

from tests.config.texts import SMALLEST, changed, complaints

LABEL = "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end (RFC 1123)"


def with_cluster(text: str) -> str:
    return SMALLEST + f"- {text}\n"


ASKED = "write:\n  visible:\n    servers:\n    - {{target: {}, addresses: [{}]}}\n"
ALLOWED = "hostnames:\n- domain: {}\n  namespaces: {}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            SMALLEST + ASKED.format("exmple.com", "192.0.2.53"),
            'feddns.yaml:12: unknown target "exmple.com"; did you mean "example.com"? there are: example.com',
        ),
        (
            SMALLEST + ASKED.format("example.com", "192.0.2.53, ns1.example.com"),
            "feddns.yaml:12: write.visible.servers[0].addresses[1] must be an IP address, with or without a port, not",
        ),
        (
            SMALLEST + ALLOWED.format("exämple.com", "[shop]"),
            'feddns.yaml:10: hostnames[0].domain must be in ASCII, not "exämple.com": write xn--exmple-cua',
        ),
        (
            SMALLEST + ALLOWED.format("exa mple", "[shop]"),
            'feddns.yaml:10: hostnames[0].domain must be a DNS name such as example.com, not "exa mple"',
        ),
        (
            SMALLEST + ALLOWED.format("acme.com", "[shop]"),
            'feddns.yaml:10: hostnames[0].domain is "acme.com", which is in no zone that is written: example.com',
        ),
        (
            SMALLEST + ALLOWED.format("example.com", "[]"),
            'feddns.yaml:11: hostnames[0].namespaces is empty; name the namespaces, or "*" for all',
        ),
        (
            changed("myfederation", "MyFed"),
            f'feddns.yaml:1: federation must be a DNS label, not "MyFed": {LABEL}; "myfed" would do',
        ),
        (changed("myfederation", "a.b"), f'feddns.yaml:1: federation must be a DNS label, not "a.b": {LABEL}'),
        (
            changed("example.com", "exämple.com"),
            'feddns.yaml:3: dns.zone must be in ASCII, not "exämple.com": write xn--exmple-cua.com (RFC 5891)',
        ),
        (
            changed("example.com", "a..é"),
            'feddns.yaml:3: dns.zone must be in ASCII, not "a..é": write international labels in their xn-- form',
        ),
        (changed("example.com", "exa mple"), "feddns.yaml:3: dns.zone must be a DNS name such as example.com"),
        (changed("example.com", "'.'"), "feddns.yaml:3: dns.zone must be a DNS name such as example.com"),
        (changed("example.com", ".".join(["a" * 60] * 4)), "feddns.yaml:3: dns.zone is so long that no name"),
        (
            changed("route53: {}", "rout53: {}"),
            'feddns.yaml:5: unknown provider "rout53"; did you mean "route53"? there are: embedded, rfc2136, route53',
        ),
        (
            changed("provider:\n    route53: {}", "provider: {}"),
            "feddns.yaml:4: dns.provider must have exactly one key, the provider's name, not none; there are: emb",
        ),
        (
            changed("route53: {}", "route53: {}\n    embedded: {}"),
            "feddns.yaml:4: dns.provider must have exactly one key, the provider's name, not route53, embedded; there",
        ),
        (
            changed("- name: us\n  kubeconfig: us.kubeconfig\n", "  []\n"),
            "feddns.yaml:6: clusters is empty; a federation needs at least one cluster, or clusterSecrets to find",
        ),
        (
            with_cluster("{name: eu}"),
            'feddns.yaml:9: cluster "eu" needs one of kubeconfig, inCluster: true or manifests',
        ),
        (with_cluster("{name: eu, inCluster: false}"), 'feddns.yaml:9: cluster "eu" needs one of'),
        (
            with_cluster("{name: eu, kubeconfig: a,\n   manifests: b}"),
            'feddns.yaml:10: cluster "eu" has kubeconfig and manifests; keep one of them',
        ),
        (
            with_cluster("{name: eu, inCluster: true,\n   context: b}"),
            'feddns.yaml:10: cluster "eu" has a context, but no kubeconfig to find it in',
        ),
        (
            with_cluster("{name: us, inCluster: true}"),
            'feddns.yaml:9: cluster name "us" is taken by the cluster on line 7; each needs its own',
        ),
        (
            with_cluster("{name: eu, inCluster: true,\n   zones: [a]}"),
            'feddns.yaml:10: cluster "eu" has zones, but no region',
        ),
        (
            with_cluster("{name: eu, inCluster: true,\n   region: eu_west}"),
            f'feddns.yaml:10: clusters[1].region must be a DNS label, not "eu_west": {LABEL}',
        ),
        (
            with_cluster("{name: eu, inCluster: true, region: eu,\n   zones: [a,\n   -b]}"),
            f'feddns.yaml:11: clusters[1].zones[1] must be a DNS label, not "-b": {LABEL}',
        ),
        (
            with_cluster("{name: eu, inCluster: true, region: eu, zones: [a,\n   a]}"),
            'feddns.yaml:10: zone "a" stands twice',
        ),
        (
            SMALLEST + "watch:\n  silence: 50\n  lostAfter: 55\n",
            "feddns.yaml:11: watch.lostAfter must be longer than silence and connectTimeout together (55s), not 55s",
        ),
        (
            SMALLEST + "watch:\n  silence: 50\n",
            "feddns.yaml:9: watch.lostAfter must be longer than silence and connectTimeout together (55s), not 45s",
        ),
        (
            SMALLEST + "services:\n  namespaces:\n    include: [a, b]\n    exclude:\n    - c\n    - b\n",
            'feddns.yaml:14: namespace "b" is both included and excluded',
        ),
        (SMALLEST + "services:\n  selector: 'a in b'\n", "feddns.yaml:10: services.selector: the values of label 'a'"),
    ],
)
def test_a_contradiction_is_told_with_its_line_and_what_would_be_right(text: str, expected: str) -> None:
    assert len(complaints(text)) == 1
    assert complaints(text)[0].startswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        SMALLEST,
        changed("example.com", "_sub.xn--exmple-cua.com."),
        changed("example.com", "test"),
        changed("route53: {}", "route53:"),
        with_cluster("{name: eu, inCluster: true, region: eu, zones: [a, b]}"),
        with_cluster("{name: eu, inCluster: true, region: eu, zones: []}"),
        with_cluster("{name: eu, manifests: b}"),
        with_cluster("{name: eu, kubeconfig: us.kubeconfig, context: eu}"),
        SMALLEST + "watch: {silence: 50, lostAfter: 55.001}",
        SMALLEST + "services: {selector: 'tier=web,!canary', namespaces: {include: [a], exclude: [b]}}",
    ],
)
def test_what_makes_sense_is_taken(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize("listen", ["9797", "localhost:9797", "0.0.0.0:99999", "::9797"])
def test_an_address_to_listen_on_is_a_number_and_a_port(listen: str) -> None:
    (line,) = complaints(f'{SMALLEST}web: {{listen: "{listen}"}}\n')
    assert (
        line == f'feddns.yaml:9: web.listen: "{listen}" is nothing to listen on; write 192.0.2.1:53 or [2001:db8::1]:53'
    )


def test_a_dns_section_whose_lines_are_all_comments_lacks_what_it_must_have() -> None:
    text = "federation: f\ndns:\n  # zone: example.com\nclusters:\n- {name: a, manifests: b}\n"
    assert [line.partition(" is missing")[0] for line in complaints(text)] == [
        "feddns.yaml:2: dns.provider",
        "feddns.yaml:2: dns.zone",
    ]
