from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.decode import ObjectError, Reader, ServiceFacts, SliceFacts
from feddns.clusters.selection import Selection
from feddns.clusters.wire import EndpointSlice, Node, Service
from feddns.config.settings import NamespaceSettings, ServiceSettings
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName
from tests.clusters import objects

WEB = ServiceKey("shop", "web")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def a_reader(services: ServiceSettings | None = None) -> Reader:
    return Reader(ClusterName("us"), Selection(services or ServiceSettings()))


def read(service: dict[str, Any], services: ServiceSettings | None = None) -> ServiceFacts | None:
    key, facts = a_reader(services).service(msgspec.convert(service, Service))
    assert key == WEB
    return facts


def shard_of(service: dict[str, Any]) -> Shard:
    facts = read(service)
    assert facts is not None
    assert facts.shard is not None
    return facts.shard


def slice_of(value: dict[str, Any]) -> SliceFacts:
    ident, facts = a_reader().endpoint_slice(msgspec.convert(value, EndpointSlice))
    assert ident == "shop/web-1"
    assert facts is not None
    return facts


def with_ingress(*ingress: dict[str, Any]) -> dict[str, Any]:
    return {**objects.service(), "status": {"loadBalancer": {"ingress": list(ingress)}}}


def test_a_load_balancer_is_read_with_all_that_a_shard_says() -> None:
    service = objects.service(
        "web", "192.0.2.2", "192.0.2.1", "2001:DB8:0::1", creationTimestamp="2026-01-01T00:00:00Z"
    )
    service["metadata"]["annotations"] = {"feddns.io/ttl": "60"}
    assert shard_of(service) == Shard(
        key=WEB,
        cluster=ClusterName("us"),
        addresses=("192.0.2.1", "192.0.2.2", "2001:db8::1"),
        ttl_s=60,
        created_at=1_767_225_600.0,
    )


def test_a_pending_load_balancer_is_a_shard_without_addresses() -> None:
    pending = objects.service()
    assert shard_of(pending) == shard_of({**pending, "status": None}) == shard_of({**pending, "status": {}})
    assert shard_of(with_ingress({}, {"ip": ""})) == Shard(WEB, ClusterName("us"))


@pytest.mark.parametrize("spec", [None, {}, {"type": "ClusterIP"}, {"type": "ExternalName"}, {"type": "NodePort"}])
def test_a_service_of_another_type_is_none_of_ours(spec: object) -> None:
    assert read({**objects.service("web", "192.0.2.1"), "spec": spec}) is None


def test_a_service_that_is_being_deleted_is_none_of_ours_any_more() -> None:
    assert read(objects.service("web", "192.0.2.1", deletionTimestamp="2026-01-01T00:00:00Z")) is None


def test_an_ignored_service_and_one_that_is_not_selected_are_none_of_ours() -> None:
    ignored = objects.service("web", annotations={"feddns.io/ignore": "true"})
    assert read(ignored) is None
    assert read(objects.service(), ServiceSettings(select="annotated")) is None
    assert read(objects.service(), ServiceSettings(selector="tier=web")) is None
    assert read(objects.service(), ServiceSettings(namespaces=NamespaceSettings(exclude=("shop",)))) is None


def test_a_bad_annotation_never_drops_the_service() -> None:
    facts = read(objects.service("web", "192.0.2.1", annotations={"feddns.io/ttl": "soon"}))
    assert facts is not None
    assert facts.shard is not None
    assert facts.shard.ttl_s is None
    assert [problem.reason for problem in facts.problems] == ["InvalidAnnotation"]
    assert facts.shard.problems == facts.problems
    assert facts.uid == "uid-web"


def test_a_bad_wish_to_be_federated_is_told_though_there_is_no_shard() -> None:
    facts = read(objects.service(annotations={"feddns.io/federate": "yes"}), ServiceSettings(select="annotated"))
    assert facts is not None
    assert facts.shard is None
    assert [problem.reason for problem in facts.problems] == ["InvalidAnnotation"]


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("LB-1.us-east-1.elb.amazonaws.com", "lb-1.us-east-1.elb.amazonaws.com."),
        ("a.example.", "a.example."),
        ("_x.example", "_x.example."),
    ],
)
def test_a_host_name_is_lower_case_with_the_final_dot(text: str, absolute: str) -> None:
    assert shard_of(with_ingress({"hostname": text})).hostnames == (absolute,)


def test_an_address_in_the_place_of_a_host_name_is_an_address() -> None:
    shard = shard_of(with_ingress({"hostname": "192.0.2.1"}))
    assert (shard.addresses, shard.hostnames) == (("192.0.2.1",), ())


@pytest.mark.parametrize(
    "text",
    [
        "300.1.1.1",
        "0.0.0.0",  # noqa: S104  # nothing is bound to it
        "::",
        "224.0.0.1",
        "fe80::1%eth0",
        "1.2.3",
        "a b",
        "-a.example",
        "a..b",
        "x" * 64,
        "a." * 130,
    ],
)
def test_garbage_is_a_problem_and_the_rest_counts(text: str) -> None:
    shard = shard_of(with_ingress({"ip": text}, {"ip": "192.0.2.1"}))
    assert shard.addresses == ("192.0.2.1",)
    assert shard.hostnames == ()
    (problem,) = shard.problems
    assert problem.reason == "InvalidLoadBalancerEntry"
    assert len(problem.text) < 400


def test_no_more_than_a_hundred_entries_are_read() -> None:
    shard = shard_of(with_ingress(*({"ip": f"192.0.2.{number}"} for number in range(101))))
    assert len(shard.addresses) == 100
    assert shard.problems == (
        Problem(
            "TooManyLoadBalancerEntries",
            "shop/web in cluster us: its load balancer has 101 entries; only the first 100 are read",
        ),
    )


def test_endpoints_are_counted_by_zone_and_no_word_means_ready() -> None:
    value = objects.endpoint_slice("web-1", "web", ready=[True, None, False], zone="US-A")
    value["endpoints"] += [{"addresses": ["10.0.0.9"]}, {"conditions": {}, "zone": None}]
    facts = slice_of(value)
    assert facts.service == WEB
    assert facts.ready == (("", 2), ("us-a", 2))
    assert facts.not_ready == 1


@pytest.mark.parametrize(
    ("conditions", "ready", "terminating"),
    [
        ({"ready": False, "serving": True, "terminating": True}, 0, 1),
        ({"ready": False, "serving": False, "terminating": True}, 0, 0),
        ({"ready": False, "serving": True, "terminating": False}, 0, 0),
        ({"ready": False, "terminating": True}, 0, 0),
        ({"ready": False, "serving": None, "terminating": True}, 0, 0),
        ({"ready": False, "serving": True}, 0, 0),
        ({"ready": True, "serving": True, "terminating": True}, 1, 0),
        ({"ready": None, "serving": True, "terminating": True}, 1, 0),
        ({"terminating": True}, 1, 0),
        (None, 1, 0),
    ],
)
def test_an_endpoint_that_serves_while_it_terminates_is_not_ready_but_told_apart(
    conditions: object, ready: int, terminating: int
) -> None:
    facts = slice_of(objects.endpoint_slice(endpoints=[{"addresses": ["10.0.0.1"], "conditions": conditions}]))
    counts = (sum(count for _, count in facts.ready), facts.not_ready, facts.terminating)
    assert counts == (ready, 1 - ready, terminating)


def test_endpoints_of_a_service_that_publishes_not_ready_addresses_are_ready_as_its_slices_say() -> None:
    """As kube-controller-manager writes it for a pod that is not ready, and for one that is being deleted."""
    pods = [
        {"ready": True, "serving": False, "terminating": False},
        {"ready": True, "serving": False, "terminating": True},
    ]
    endpoints = [
        {
            "addresses": [f"10.0.0.{number}"],
            "conditions": conditions,
            "nodeName": "n1",
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": f"web-{number}", "uid": "u"},
            "zone": "us-a",
        }
        for number, conditions in enumerate(pods, 1)
    ]
    facts = slice_of(objects.endpoint_slice(endpoints=endpoints, ports=[{"name": "", "port": 80, "protocol": "TCP"}]))
    assert (facts.ready, facts.not_ready, facts.terminating) == ((("us-a", 2),), 0, 0)


@pytest.mark.parametrize("endpoints", [None, []])
def test_a_slice_without_endpoints_has_none(endpoints: object) -> None:
    assert slice_of(objects.endpoint_slice(endpoints=endpoints)).ready == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600.0),
        ("2026-01-01T00:00:00.250000000Z", 1_767_225_600.25),
        ("yesterday", None),
        ("", None),
        ("9999-99-99T00:00:00Z", None),
    ],
)
def test_a_slice_tells_when_it_changed_where_it_can(text: str, at: float | None) -> None:
    value = objects.endpoint_slice()
    value["metadata"]["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": text}
    assert slice_of(value).changed_at == at


def test_a_slice_of_no_service_or_of_an_excluded_namespace_is_left_out() -> None:
    orphan = objects.endpoint_slice()
    orphan["metadata"]["labels"] = None
    assert a_reader().endpoint_slice(msgspec.convert(orphan, EndpointSlice)) == ("shop/web-1", None)
    excluding = a_reader(ServiceSettings(namespaces=NamespaceSettings(exclude=("shop",))))
    value = msgspec.convert(objects.endpoint_slice("web-1", "web", ready=[True]), EndpointSlice)
    assert excluding.endpoint_slice(value) == ("shop/web-1", None)


def test_a_node_is_placed_by_its_labels_old_ones_included() -> None:
    reader = a_reader()
    name, facts = reader.node(msgspec.convert(objects.node("n1", "US-Central1", "US-Central1-B"), Node))
    assert name == "n1"
    assert facts is not None
    assert (facts.region, facts.zone) == ("us-central1", "us-central1-b")
    old = {"failure-domain.beta.kubernetes.io/region": "r", "failure-domain.beta.kubernetes.io/zone": "z"}
    _, facts = reader.node(msgspec.convert(objects.node("n1", "", "", **old), Node))
    assert facts is not None
    assert (facts.region, facts.zone) == ("r", "z")
    _, facts = reader.node(msgspec.convert({"metadata": {"name": "n1"}}, Node))
    assert facts is not None
    assert (facts.region, facts.zone) == ("", "")


@pytest.mark.parametrize(
    "metadata", [{}, {"name": "web"}, {"namespace": "shop"}, {"name": "x" * 254, "namespace": "s"}]
)
def test_an_object_without_a_usable_name_is_an_error_of_its_own(metadata: dict[str, str]) -> None:
    with pytest.raises(ObjectError, match="no usable namespace and name"):
        a_reader().service(msgspec.convert({"metadata": metadata}, Service))
    labelled = {"metadata": {**metadata, "labels": {"kubernetes.io/service-name": "web"}}}
    with pytest.raises(ObjectError, match="no usable namespace and name"):
        a_reader().endpoint_slice(msgspec.convert(labelled, EndpointSlice))


@given(
    st.sampled_from(["metadata", "spec", "status", "endpoints", "addressType"]),
    JSON,
    st.sampled_from(
        [objects.service("web", "192.0.2.1"), objects.endpoint_slice("web-1", "web", ready=[True]), objects.node()]
    ),
)
def test_whatever_json_stands_in_an_object_only_typed_errors_come_of_it(
    field: str, value: object, manifest: dict[str, Any]
) -> None:
    reader = a_reader()
    text = msgspec.json.encode({**manifest, field: value})
    readers: tuple[tuple[Any, Any], ...] = (
        (Service, reader.service),
        (EndpointSlice, reader.endpoint_slice),
        (Node, reader.node),
    )
    for kind, read_it in readers:
        try:
            read_it(msgspec.json.decode(text, type=kind))
        except (msgspec.MsgspecError, ObjectError):
            continue
