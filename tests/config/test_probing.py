"""The default probe, the ways of probing and the operator's state, as the configuration says them."""

import ipaddress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.host import ConfigMapSettings
from feddns.config.probing import (
    GrpcSettings,
    HttpSettings,
    HttpsSettings,
    ProbeSettings,
    ProbingSettings,
    TcpSettings,
    TlsSettings,
)
from feddns.config.settings import Settings, StateSettings
from feddns.errors import ConfigError
from tests.config.test_schema import accepts, loads, smallest
from tests.config.texts import SMALLEST, complaints, read


def with_probe(*lines: str) -> str:
    """A configuration whose line 11 is the first of `lines`."""
    return SMALLEST + "health:\n  probe:\n" + "".join(f"    {line}\n" for line in lines)


def settings_of(text: str) -> Settings:
    return read(text).settings


@pytest.mark.parametrize(
    ("lines", "probe"),
    [
        (["tcp: {}"], ProbeSettings(tcp=TcpSettings())),
        (["tcp: {port: 443}", "interval: 1m", "timeout: 0.5"], ProbeSettings(60.0, 0.5, tcp=TcpSettings(443))),
        (
            ["http: {port: web, path: '/healthz?full=1'}"],
            ProbeSettings(http=HttpSettings("web", path="/healthz?full=1")),
        ),
        (["http: {status: [200-299, 404]}"], ProbeSettings(http=HttpSettings(status=("200-299", 404)))),
        (["http: {headersFrom: /run/headers}"], ProbeSettings(http=HttpSettings(headers_from="/run/headers"))),
        (
            ["https: {host: 'a.example:444', serverName: b.example, verify: false, caFile: ca.pem}"],
            ProbeSettings(
                https=HttpsSettings(host="a.example:444", server_name="b.example", verify=False, ca_file="ca.pem")
            ),
        ),
        (["grpc: {service: my.Service}"], ProbeSettings(grpc=GrpcSettings(service="my.Service"))),
        (
            ["grpc: {tls: {}}", "rise: 1", "fall: 2"],
            ProbeSettings(rise=1, fall=2, grpc=GrpcSettings(tls=TlsSettings())),
        ),
    ],
)
def test_a_probe_is_one_of_four_kinds(lines: list[str], probe: ProbeSettings) -> None:
    assert settings_of(with_probe(*lines)).health.probe == probe


def test_nothing_is_probed_by_default() -> None:
    assert settings_of(SMALLEST).health.probe is None
    assert settings_of(SMALLEST).health.probing == ProbingSettings((), 256)


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (["rise: 3"], 10, "health.probe needs exactly one of tcp, http, https and grpc; write tcp: {} for a plain"),
        (["tcp:"], 10, "health.probe needs exactly one of tcp, http, https and grpc; write tcp: {} for a plain"),
        (["tcp: {}", "grpc: {}"], 12, "health.probe has tcp and grpc; keep one of them"),
        (["icmp: {}"], 11, "unknown setting health.probe.icmp; "),
        (["tcp: {}", "interval: 999ms"], 12, "health.probe.interval must be a number of seconds, or a span such as 1h"),
        (["tcp: {}", "interval: 3601"], 12, "health.probe.interval must be a number of seconds, or a span such as 1h"),
        (["tcp: {}", "timeout: 99ms"], 12, "health.probe.timeout must be a number of seconds, or a span such as 1h30"),
        (["tcp: {}", "interval: 2s"], 10, "health.probe.timeout must not be longer than interval (2s), not 3s"),
        (["tcp: {}", "timeout: 11s"], 12, "health.probe.timeout must not be longer than interval (10s), not 11s"),
        (["tcp: {}", "fall: 101"], 12, "health.probe.fall must be a whole number from 1 to 100, not 101"),
        (["http:", "  status:", "  - 600"], 13, "health.probe.http.status[0] must be a whole number from 200 to 599 o"),
        (["http:", "  status:", "  - 299-200"], 13, "health.probe.http.status[0] is a range that ends before it begi"),
        (["http:", "  headersSecret: x"], 12, "unknown setting health.probe.http.headersSecret; did you mean"),
        (["http:", "  method: HEAD", "  body: ok"], 13, "health.probe.http.body cannot be in the answer to HEAD, whic"),
        (["http:", "  serverName: a"], 12, "unknown setting health.probe.http.serverName"),
    ],
)
def test_a_bad_probe_is_told_with_its_line_and_what_would_be_right(lines: list[str], line: int, told: str) -> None:
    (complaint,) = complaints(with_probe(*lines))
    assert complaint.startswith(f"feddns.yaml:{line}: {told}")


def test_networks_may_be_allowed_to_be_probed() -> None:
    settings = settings_of(SMALLEST + "health: {probing: {allow: [127.0.0.0/8, '::1'], concurrency: 4096}}\n")
    assert settings.health.probing.networks == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("10.0.0.1/8", 'is "10.0.0.1/8", which has bits set behind its mask; write 10.0.0.0/8'),
        ("2001:db8::1/32", 'is "2001:db8::1/32", which has bits set behind its mask; write 2001:db8::/32'),
        ("loopback", 'must be a network such as 10.0.0.0/8 or 2001:db8::/32, not "loopback"'),
        ("10.0.0.0/33", 'must be a network such as 10.0.0.0/8 or 2001:db8::/32, not "10.0.0.0/33"'),
    ],
)
def test_what_is_no_network_is_told_with_its_line(network: str, told: str) -> None:
    (complaint,) = complaints(f"{SMALLEST}health:\n  probing:\n    allow:\n    - {network}\n")
    assert complaint == f"feddns.yaml:12: health.probing.allow[0] {told}"


@given(st.text("0123456789abcdef.:/", max_size=20) | st.ip_addresses().map(lambda ip: f"{ip}/12"))
def test_every_network_that_is_taken_is_one(text: str) -> None:
    try:
        loaded = read(msgspec.json.encode(smallest() | {"health": {"probing": {"allow": [text]}}}).decode())
    except ConfigError as error:
        assert "health.probing.allow[0]" in str(error)  # noqa: PT017  # whether it raises is what is tried
    else:
        assert len(loaded.settings.health.probing.networks) == 1


def test_a_shard_must_not_be_held_down_longer_than_the_longest() -> None:
    (complaint,) = complaints(SMALLEST + "health:\n  holdDown: 6m\n")
    assert complaint == "feddns.yaml:10: health.holdDown must not be longer than longestHoldDown (5m), not 6m"
    assert complaints(SMALLEST + "health: {holdDown: 6m, longestHoldDown: 6m}") == []


def test_what_is_ordered_is_kept_in_a_file_or_in_a_config_map() -> None:
    assert settings_of(SMALLEST).state == StateSettings("feddns-state.json", None)
    assert (
        settings_of(SMALLEST + "state: {file: /var/lib/feddns/state.json}").state.file == "/var/lib/feddns/state.json"
    )
    given = settings_of(SMALLEST + "state: {configMap: {namespace: dns}}").state.config_map
    assert given == ConfigMapSettings("dns", name="feddns-state")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("{file: a, configMap: {namespace: dns}}", "state has file and configMap; keep one of them"),
        ("{configMap: {}}", "state.configMap.namespace is missing: of the ConfigMap; it must be there"),
        ("{configMap: {namespace: d.ns}}", 'state.configMap.namespace must be a DNS label, not "d.ns"'),
        ("{configMap: {namespace: DNS}}", "state.configMap.namespace must be the name of a Kubernetes object"),
        ("{configMap: {namespace: dns, name: a/b}}", "state.configMap.name must be the name of a Kubernetes object"),
        ("{configMap: {namespace: dns, context: x}}", "state.configMap has a context, but no kubeconfig to find it in"),
        ("{file: ''}", 'state.file must be the path of a file, not ""'),
    ],
)
def test_a_bad_place_for_orders_is_told(state: str, told: str) -> None:
    (complaint,) = complaints(f"{SMALLEST}state: {state}\n")
    assert complaint.startswith(f"feddns.yaml:9: {told}")


kinds = st.fixed_dictionaries(
    {},
    optional={
        "tcp": st.sampled_from([None, {}, {"port": 1}, {"port": "a"}, {"port": "1"}, {"port": 0}]),
        "http": st.sampled_from(
            [None, {}, {"status": [200, "200-299"]}, {"status": ["2"]}, {"path": "x"}, {"host": "a:1"}]
        ),
        "https": st.sampled_from([None, {}, {"serverName": "a.b"}, {"serverName": "1.2.3.4"}, {"caFile": "x"}]),
        "grpc": st.sampled_from([None, {}, {"tls": {}}, {"tls": None}, {"tls": {"caFile": ""}}, {"service": "a b"}]),
        "rise": st.sampled_from([0, 1, 100, 101, "1"]),
        "interval": st.sampled_from([0.5, 3, 10, "1m", 3600, 3601, "x"]),
    },
)


@given(kinds)
def test_the_schema_takes_the_probes_that_are_taken(probe: dict[str, Any]) -> None:
    tree = smallest() | {"health": {"probe": probe}}
    assert accepts(tree) is loads(tree)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "file": st.sampled_from(["a", "", 1]),
            "configMap": st.sampled_from(
                [None, {}, {"namespace": "a"}, {"namespace": "A"}, {"namespace": "a", "name": ""}]
            ),
        },
    )
)
def test_the_schema_takes_the_places_for_orders_that_are_taken(state: dict[str, Any]) -> None:
    tree = smallest() | {"state": state}
    assert accepts(tree) is loads(tree)
