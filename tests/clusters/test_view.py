from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.decode import NodeFacts, Reader, ServiceFacts, SliceFacts
from feddns.clusters.selection import Selection
from feddns.clusters.sight import Kind
from feddns.clusters.topology import GRACE_S
from feddns.clusters.view import MOST_PROBLEMS, ClusterView
from feddns.clusters.wire import EndpointSlice, Service
from feddns.config.settings import ClusterSettings, ServiceSettings
from feddns.model.evidence import Sight
from feddns.model.services import Problem, ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import ClusterName, Topology
from tests.clusters import objects
from tests.clusters.observing import Recorder

US = ClusterName("us")
WEB, API = ServiceKey("shop", "web"), ServiceKey("shop", "api")
READER = Reader(US, Selection(ServiceSettings()))
PLACED = ClusterSettings(name="us", region="us", zones=("us-a",))


def a_service(name: str = "web", *addresses: str, **metadata: Any) -> ServiceFacts:
    _, facts = READER.service(msgspec.convert(objects.service(name, *addresses, **metadata), Service))
    assert facts is not None
    return facts


def a_slice(owner: str = "web", *, ready: Sequence[bool] = ()) -> SliceFacts:
    _, facts = READER.endpoint_slice(msgspec.convert(objects.endpoint_slice("s", owner, ready=ready), EndpointSlice))
    assert facts is not None
    return facts


def a_view(touched: Recorder | None = None, settings: ClusterSettings = PLACED) -> ClusterView:
    return ClusterView(settings, 45.0, touched or Recorder(), 0.0)


def a_listed_view(touched: Recorder | None = None) -> ClusterView:
    view = a_view(touched)
    view.replace_services({WEB: a_service("web", "192.0.2.1")}, 1.0)
    view.replace_slices({"shop/web-1": a_slice("web", ready=[True])}, 1.0)
    return view


def test_a_shard_is_its_service_with_the_endpoints_of_its_slices() -> None:
    view = a_listed_view()
    ready = ReadyEndpoints(1, (("us-a", 1),))
    assert view.shard(WEB) == Shard(WEB, US, ("192.0.2.1",), ready=ready)
    assert view.shard(WEB) is view.shard(WEB)
    assert view.shard(API) is None
    assert list(view.keys()) == [WEB]


def test_services_are_not_reported_one_by_one_before_all_is_listed() -> None:
    touched = Recorder()
    view = a_view(touched)
    view.replace_services({WEB: a_service("web", "192.0.2.1")}, 1.0)
    view.put_service(API, a_service("api"))
    assert touched.services == []
    assert touched.clusters == []
    assert view.state(1.0).sight is Sight.UNSEEN
    view.replace_slices({}, 2.0)
    assert touched.services == []
    assert touched.clusters == [US]
    assert view.state(2.0).sight is Sight.VISIBLE


def test_a_changed_service_slice_or_load_balancer_touches_the_service() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    view.put_service(WEB, a_service("web", "192.0.2.2"))
    view.put_slice("shop/web-1", a_slice("web", ready=[False]))
    view.put_slice("shop/web-1", None)
    view.put_service(WEB, None)
    assert touched.services == [WEB] * 4
    assert view.shard(WEB) is None


def test_what_is_the_same_as_before_touches_nothing() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    view.put_service(WEB, a_service("web", "192.0.2.1"))
    view.put_slice("shop/web-1", a_slice("web", ready=[True]))
    view.put_service(API, None)
    view.replace_services({WEB: a_service("web", "192.0.2.1")}, 2.0)
    view.replace_slices({"shop/web-1": a_slice("web", ready=[True])}, 2.0)
    assert touched.services == []


def test_slices_of_a_service_that_is_not_federated_are_kept_and_touch_nothing() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    view.put_slice("shop/api-1", a_slice("api", ready=[True]))
    assert touched.services == []
    view.put_service(API, a_service("api", "192.0.2.9"))
    assert touched.services == [API]
    shard = view.shard(API)
    assert shard is not None
    assert shard.ready.total == 1


def test_after_a_list_what_is_not_in_it_is_gone_and_only_what_differs_is_touched() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    view.put_service(API, a_service("api", "192.0.2.9"))
    touched.services.clear()
    view.replace_services({API: a_service("api", "192.0.2.9")}, 5.0)
    assert touched.services == [WEB]
    assert view.shard(WEB) is None
    assert view.shard(API) is not None


def test_a_cluster_that_comes_back_to_sight_is_touched() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    touched.clusters.clear()
    view.failed(Kind.SERVICES, "https://us: connection refused")
    view.heard(Kind.SLICES, 60.0)
    lost = view.state(61.0)
    assert (lost.sight, lost.since, lost.reason) == (Sight.LOST, 46.0, "https://us: connection refused")
    assert view.shard(WEB) is not None
    assert touched.clusters == []
    view.heard(Kind.SERVICES, 62.0)
    back = view.state(62.0)
    assert (back.sight, back.since, back.reason) == (Sight.VISIBLE, 62.0, "")
    assert touched.clusters == [US]


def test_a_cluster_that_is_distrusted_and_trusted_again_is_touched_both_times() -> None:
    touched = Recorder()
    view = a_listed_view(touched)
    touched.clusters.clear()
    assert view.state(1.0).heard_at == 1.0
    for now in (5.0, 30.0, 50.0):
        for kind in view.kinds:
            view.heard(kind, now)
        view.unready("[-]etcd failed", now)
    lost = view.state(50.0)
    assert (lost.sight, lost.since, lost.heard_at) == (Sight.LOST, 50.0, 50.0)
    assert lost.reason == "its API server is not ready: [-]etcd failed"
    assert touched.clusters == [US]
    assert view.ready()
    view.replace_slices({}, 60.0)
    view.replace_services({}, 61.0)
    assert view.state(61.0).sight is Sight.VISIBLE
    assert touched.clusters == [US, US]


def test_problems_of_the_cluster_come_and_go() -> None:
    touched = Recorder()
    view = a_view(touched)
    problem = Problem("MissingPermission", "may not watch nodes")
    view.blame(Kind.NODES, "watch", problem)
    view.blame(Kind.NODES, "watch", problem)
    assert view.state(0.0).problems == (problem,)
    assert touched.clusters == [US]
    view.blame(Kind.NODES, "watch", None)
    view.blame(Kind.NODES, "watch", None)
    assert view.state(0.0).problems == ()
    assert touched.clusters == [US, US]


def test_of_very_many_problems_the_number_is_told() -> None:
    view = a_view()
    for number in range(MOST_PROBLEMS + 7):
        view.blame(Kind.SERVICES, f"shop/{number}", Problem("UnreadableObject", f"{number:03}"))
    problems = view.state(0.0).problems
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == Problem("FurtherProblems", "cluster us: 7 further problems are not shown")


def test_the_problem_of_a_service_without_a_shard_is_the_clusters() -> None:
    view = a_listed_view()
    problem = Problem("InvalidAnnotation", "shop/api ...")
    view.put_service(API, ServiceFacts("uid", None, (problem,)))
    assert view.shard(API) is None
    assert API not in set(view.keys())
    assert view.state(1.0).problems == (problem,)
    assert list(view.troubles()) == [(API, "uid", problem)]
    view.put_service(API, None)
    assert view.state(1.0).problems == ()
    assert not list(view.troubles())


def test_a_shard_carries_its_own_problems() -> None:
    view = a_listed_view()
    view.put_service(WEB, a_service("web", annotations={"feddns.io/ttl": "soon"}))
    shard = view.shard(WEB)
    assert shard is not None
    assert [problem.reason for problem in shard.problems] == ["InvalidAnnotation"]
    assert view.state(1.0).problems == ()
    assert [key for key, _, _ in view.troubles()] == [WEB]
    view.replace_services({}, 2.0)
    assert not list(view.troubles())


def test_the_topology_follows_the_nodes_and_touches_the_cluster() -> None:
    touched = Recorder()
    view = a_view(touched, ClusterSettings(name="us"))
    assert view.kinds == tuple(Kind)
    view.replace_nodes({"n1": NodeFacts("us", "us-a")}, 1.0)
    assert view.state(1.0).topology == Topology("us", ("us-a",))
    touched.clusters.clear()
    view.put_node("n2", NodeFacts("us", "us-a"), 2.0)
    assert touched.clusters == []
    view.put_node("n3", NodeFacts("us", "us-b"), 2.0)
    assert view.state(2.0).topology == Topology("us", ("us-a", "us-b"))
    assert touched.clusters == [US]


def test_a_zone_that_stays_without_nodes_goes_when_its_time_is_up() -> None:
    touched = Recorder()
    view = a_view(touched, ClusterSettings(name="us"))
    view.replace_nodes({"n1": NodeFacts("us", "us-a"), "n2": NodeFacts("us", "us-b")}, 0.0)
    view.put_node("n2", None, 10.0)
    touched.clusters.clear()
    view.heard(Kind.NODES, 10.0 + GRACE_S)
    assert view.state(10.0 + GRACE_S).topology == Topology("us", ("us-a",))
    assert touched.clusters == [US]


SERVICES = st.dictionaries(
    st.sampled_from([WEB, API]), st.sampled_from([a_service("web", "192.0.2.1"), a_service("web", "192.0.2.2")])
)
SLICES = st.dictionaries(
    st.sampled_from(["shop/1", "shop/2"]),
    st.sampled_from([a_slice("web", ready=[True]), a_slice("api", ready=[False])]),
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("service"), st.sampled_from([WEB, API]), st.none() | st.just(a_service("web", "192.0.2.3"))),
        st.tuples(
            st.just("slice"),
            st.sampled_from(["shop/1", "shop/2"]),
            st.none() | st.just(a_slice("web", ready=[True, True])),
        ),
    )
)


def told(view: ClusterView, events: list[Any]) -> None:
    for kind, ident, facts in events:
        (view.put_service if kind == "service" else view.put_slice)(ident, facts)


def shown(view: ClusterView) -> dict[ServiceKey, Shard | None]:
    return {key: view.shard(key) for key in (WEB, API)}


@given(SERVICES, SLICES, EVENTS, SERVICES, SLICES)
def test_any_events_and_then_a_list_show_what_the_list_alone_shows(
    services: dict[ServiceKey, ServiceFacts],
    slices: dict[str, SliceFacts],
    events: list[Any],
    services_then: dict[ServiceKey, ServiceFacts],
    slices_then: dict[str, SliceFacts],
) -> None:
    view, alone = a_view(), a_view()
    view.replace_services(services, 1.0)
    view.replace_slices(slices, 1.0)
    told(view, events)
    view.replace_services(services_then, 2.0)
    view.replace_slices(slices_then, 2.0)
    alone.replace_slices(slices_then, 2.0)
    alone.replace_services(services_then, 2.0)
    assert shown(view) == shown(alone)
    assert sorted(view.keys()) == sorted(alone.keys())


@given(SERVICES, SLICES, EVENTS)
def test_no_shard_changes_untouched(
    services: dict[ServiceKey, ServiceFacts], slices: dict[str, SliceFacts], events: list[Any]
) -> None:
    touched = Recorder()
    view = a_view(touched)
    view.replace_services(services, 1.0)
    view.replace_slices(slices, 1.0)
    for event in events:
        before = shown(view)
        touched.services.clear()
        told(view, [event])
        assert {key for key, shard in shown(view).items() if shard != before[key]} <= set(touched.services)


def test_what_is_made_of_a_service_is_told_by_source_while_the_service_is_there() -> None:
    view = a_listed_view()
    view.put_service(WEB, a_service("web"))
    held, frozen = Problem("DeletionHeld", "shop/web ..."), Problem("ChangesFrozen", "shop/web ...")
    view.concern(WEB, "health", (held,))
    view.concern(WEB, "zone", (frozen,))
    view.concern(API, "zone", (frozen,))
    assert [(key, problem) for key, _, problem in view.concerns()] == [(WEB, held), (WEB, frozen)]
    view.concern(WEB, "health", ())
    view.concern(WEB, "other", ())
    assert [(key, problem) for key, _, problem in view.concerns()] == [(WEB, frozen)]
    view.put_service(WEB, None)
    assert not list(view.concerns())
