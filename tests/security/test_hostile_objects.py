"""Objects that no honest cluster has, straight into the decoders: whatever stands in them stays with their Service."""

import ipaddress
import json
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.decode import NodeFacts, ObjectError, Reader, ServiceFacts, service_key
from feddns.clusters.kubernetes.resources import resources
from feddns.clusters.selection import Selection
from feddns.clusters.topology import GRACE_S, Nodes, locate
from feddns.clusters.view import ClusterView
from feddns.clusters.wire import EndpointSlice, Service
from feddns.config.settings import ClusterSettings, ServiceSettings
from feddns.errors import InvalidNameError
from feddns.model.services import Problem, Shard
from feddns.model.topology import ClusterName, Scope
from feddns.naming import Names
from tests.clusters import objects
from tests.clusters.observing import Recorder

NAMES = Names.of("fed", "example.com")
READER = Reader(ClusterName("us"), Selection(ServiceSettings()))
DEEP = b"[" * 100_000 + b"]" * 100_000
ESCAPES = '\x1b[2J\r\n{"level":"error"}\u202e\u2028\x9b31m'
"""Clears a screen, begins a line, forges a log entry, turns the direction of writing, and colours."""


def facts_of(service: Mapping[str, Any]) -> ServiceFacts:
    _, facts = READER.service(msgspec.convert(service, Service))
    assert facts is not None
    return facts


def shard_of(service: Mapping[str, Any]) -> Shard:
    shard = facts_of(service).shard
    assert shard is not None
    return shard


def problems_of(annotations: Mapping[str, str]) -> tuple[Problem, ...]:
    return facts_of(objects.service("web", "192.0.2.1", annotations=dict(annotations))).problems


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("shop/../kube-system", "web"),
        ("..", "web"),
        ("shop", "web/../../secrets/x"),
        ("shop?x=", "web"),
        ("shop", f"web{ESCAPES}"),
        ("shop", "web\0"),
        ("SHOP", "web"),
        ("shop", "w" * 254),
        ("", "web"),
        ("shop", "-"),
        ("shop", "web\n"),
    ],
)
def test_an_object_has_only_a_name_that_kubernetes_gives(namespace: str, name: str) -> None:
    with pytest.raises(ObjectError) as refused:
        service_key(namespace, name)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["a.b", "1", "w" * 64, "xn--bcher-kva.example"])
def test_an_odd_name_makes_no_record_that_is_not_its_own(name: str) -> None:
    key = service_key("shop", name)
    for scope in (Scope("us"), Scope("us", "us-a"), Scope("svc"), Scope("fed", "svc"), Scope("svc", "svc")):
        try:
            dns_name = NAMES.name(key, scope)
        except InvalidNameError:
            continue
        assert NAMES.parse(dns_name) == (key, scope)


labels = st.sampled_from(["svc", "fed", "shop", "web", "us", "us-a", "example", "com", "a", "xn--a"])


@given(st.tuples(labels, labels, labels, labels), st.tuples(labels, labels, labels, labels))
def test_no_two_services_or_places_share_a_name(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Also where a region is called `svc`, or a namespace like the federation."""
    places = [(service_key(namespace, name), Scope(region, zone)) for namespace, name, region, zone in (one, other)]
    names = [NAMES.name(*place) for place in places]
    assert (names[0] == names[1]) is (places[0] == places[1])


def test_thousands_of_unknown_annotations_are_told_in_a_few_words_and_cost_little() -> None:
    began = time.process_time()
    problems = problems_of({f"feddns.io/{number}": "x" for number in range(18_000)})
    assert time.process_time() - began < 0.5
    assert len(problems) <= 12
    assert any("17990 further" in problem.text for problem in problems)


def test_a_list_of_nonsense_is_told_in_a_few_words() -> None:
    assert len(problems_of({"feddns.io/hostname": ",".join(f"no name {number}" for number in range(10_000))})) <= 12


@pytest.mark.parametrize("name", ["ttl", "federate", "ignore", "hostname", "probe", "panic", "no-healthy-shards", "?"])
@pytest.mark.parametrize("value", ["x" * 250_000, "{" * 250_000, "9" * 250_000, ESCAPES, "\0", "1h" * 100_000])
def test_an_annotation_of_any_length_or_form_is_refused_in_words_that_fit(name: str, value: str) -> None:
    problems = problems_of({f"feddns.io/{name}": value, f"feddns.io/{ESCAPES}": "x"})
    assert len(problems) >= 2
    for problem in problems:
        assert problem.text.isprintable()
        assert len(problem.text) < 1_500


def test_ten_thousand_load_balancers_become_a_hundred() -> None:
    addresses = [f"10.{number >> 8}.{number & 255}.1" for number in range(10_000)]
    facts = facts_of(objects.service("web", *addresses))
    assert facts.shard is not None
    assert len(facts.shard.addresses) == 100
    assert [problem.reason for problem in facts.problems] == ["TooManyLoadBalancerEntries"]


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - as a value
        "0.1.2.3",
        "255.255.255.255",
        "224.0.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "::ffff:127.0.0.1",
        "fd00:ec2::254",
        "::",
        "ff02::1",
    ],
)
def test_clients_are_never_led_to_what_only_their_own_machine_may_ask(address: str) -> None:
    facts = facts_of(objects.service("web", address, "192.0.2.1"))
    assert facts.shard is not None
    assert facts.shard.addresses == ("192.0.2.1",)
    assert [problem.reason for problem in facts.problems] == ["InvalidLoadBalancerEntry"]


@pytest.mark.parametrize(
    "text", ["lb.example.com\nwww A 192.0.2.9", "a b", "*.example.com", "lb\\.example.com", "(", ";"]
)
def test_a_load_balancers_name_is_a_host_name_and_nothing_of_a_master_file(text: str) -> None:
    service = objects.service("web", "192.0.2.1")
    service["status"]["loadBalancer"]["ingress"].append({"hostname": text})
    assert shard_of(service).hostnames == ()


def test_endpoints_in_thousands_of_zones_count_without_them() -> None:
    made = objects.endpoint_slice("web-1", "web")
    made["endpoints"] = [{"conditions": {"ready": True}, "zone": f"z{number}"} for number in range(5_000)]
    _, facts = READER.endpoint_slice(msgspec.convert(made, EndpointSlice))
    assert facts is not None
    assert sum(count for _, count in facts.ready) == 5_000
    assert len(facts.ready) <= 101


def test_a_slice_belongs_to_a_service_of_its_own_namespace_alone() -> None:
    for owner in ("../shop/web", "shop/web", "WEB", "web\n", "", "w" * 300):
        _, facts = READER.endpoint_slice(
            msgspec.convert(objects.endpoint_slice("s", owner, ready=[True]), EndpointSlice)
        )
        assert facts is None


def test_a_node_that_changes_its_labels_all_the_time_makes_no_endless_number_of_zones() -> None:
    """A kubelet may write the zone of its own node, so whoever has a node may."""
    nodes, settings = Nodes(), ClusterSettings("us")
    for number in range(30):
        nodes.put(f"honest-{number}", NodeFacts("us", f"us-{number % 3}"), 0.0)
    for number in range(5_000):
        nodes.put("hostile", NodeFacts("us", f"z{number}"), number / 10)
    topology, problems = locate(nodes.places(), settings)
    assert len(topology.zones) == 32
    assert {"us-0", "us-1", "us-2"} <= set(topology.zones)
    assert "TooManyZones" in {problem.reason for problem in problems}
    nodes.forget(GRACE_S * 10)
    assert locate(nodes.places(), settings)[0].zones == ("us-0", "us-1", "us-2", "z4999")


@pytest.mark.parametrize("label", [ESCAPES, "a.b", "*", "_x", "-", "a" * 64, "www\nA 192.0.2.9", "\u212aelvin."])
def test_a_label_that_is_no_dns_label_makes_no_name(label: str) -> None:
    node = objects.node("n1", label, label)
    made = resources(ClusterView(ClusterSettings("us"), 45.0, Recorder(), 0.0), READER, lambda: 0.0)[2]
    _, facts = made.read(made.decode(msgspec.Raw(json.dumps(node).encode())))
    topology, problems = locate(Counter([facts]), ClusterSettings("us"))
    assert topology.region == ""
    assert topology.zones == ()
    assert all(problem.text.isprintable() for problem in problems)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_of_no_calendar_is_none(time: str) -> None:
    made = objects.service("web", "192.0.2.1", creationTimestamp=time)
    assert shard_of(made).addresses == ("192.0.2.1",)


@pytest.mark.parametrize("kind", range(3))
def test_what_is_nested_without_end_is_unreadable_and_no_more(kind: int) -> None:
    resource = resources(ClusterView(ClusterSettings("us"), 45.0, Recorder(), 0.0), READER, lambda: 0.0)[kind]
    with pytest.raises(ObjectError):
        resource.decode(msgspec.Raw(b'{"metadata": {"name": "x", "managedFields": ' + DEEP + b"}}"))


@given(st.ip_addresses())
def test_only_addresses_in_their_canonical_form_are_kept(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    for text in (str(address), str(address).upper(), f" {address}", f"{address}/32", address.exploded):
        kept = shard_of(objects.service("web", text)).addresses
        assert kept in ((), (str(address),))
