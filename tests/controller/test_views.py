import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.controller.views import Views
from feddns.model.evidence import Sight, Sighting
from feddns.model.services import Problem, ServiceKey
from tests.builders import NOW, numbered
from tests.controller.world import LOST_AFTER_S, Watcher, World, service

LB, OTHER = "lb.cloud.test.", "other.cloud.test."
hostnames = st.sampled_from([LB, OTHER, ""])


def a_scene() -> tuple[World, Watcher]:
    """Two visible clusters, and views of them."""
    world = World()
    world.list_all("us")
    world.list_all("eu")
    return world, world.watcher(world.touched)


def of(views: Views, number: int, now: float = NOW) -> dict[str, Sighting]:
    return {sighting.cluster.name: sighting for sighting in views.sightings(numbered(number), views.states(now))}


@given(st.lists(st.tuples(st.sampled_from(["us", "eu"]), st.integers(0, 2), hostnames), max_size=20))
def test_a_host_name_has_as_users_the_services_that_have_it_somewhere(story: list[tuple[str, int, str]]) -> None:
    world, watcher = a_scene()
    has: dict[tuple[str, int], str] = {}
    for cluster, number, hostname in story:
        world.serve(cluster, number, [], hostname)
        has[cluster, number] = hostname
        watcher.views.sightings(numbered(number), watcher.views.states(NOW))
        for name in (LB, OTHER):
            users = {numbered(number) for (_, number), hostname in has.items() if hostname == name}
            assert set(watcher.views.users(name)) == users


@pytest.mark.looptime
async def test_a_host_name_is_followed_while_any_service_has_it() -> None:
    world, watcher = a_scene()
    world.resolves[LB] = ("192.0.2.1",)
    for number in (1, 2):
        world.serve("us", number, [], LB)
        watcher.views.sightings(numbered(number), watcher.views.states(NOW))
    await watcher.hostnames.resolve_all(1.0)
    touched = watcher.touched.take(list[ServiceKey])
    assert set(touched) == {numbered(1), numbered(2)}
    world.withdraw("us", 1)
    watcher.views.sightings(numbered(1), watcher.views.states(NOW))
    world.resolves[LB] = ("192.0.2.9",)
    await watcher.hostnames.resolve_all(1.0)
    assert of(watcher.views, 2)["us"].resolved == ("192.0.2.9",)
    world.withdraw("us", 2)
    watcher.views.sightings(numbered(2), watcher.views.states(NOW))
    world.resolves.clear()
    await watcher.hostnames.resolve_all(1.0)
    assert watcher.hostnames.problem(LB) is None  # nobody asks for it any more


@pytest.mark.looptime
async def test_a_sighting_tells_what_resolved_what_did_not_and_why_not() -> None:
    world, watcher = a_scene()
    world.serve("us", 1, ["192.0.2.7"], LB)
    before = of(watcher.views, 1)["us"]
    assert (before.resolved, before.unresolved) == ((), (LB,))
    assert before.shard is not None
    assert before.shard.problems == ()
    await watcher.hostnames.resolve_all(1.0)
    failed = of(watcher.views, 1)["us"]
    assert (failed.resolved, failed.unresolved) == ((), (LB,))
    assert failed.shard is not None
    assert failed.shard.problems == (
        Problem("HostnameNotResolved", f"load balancer host name {LB}: no name server answered"),
    )
    world.resolves[LB] = ("192.0.2.9", "192.0.2.3")
    await watcher.hostnames.resolve_all(1.0)
    known = of(watcher.views, 1)["us"]
    assert (known.resolved, known.unresolved) == (("192.0.2.3", "192.0.2.9"), ())
    assert known.shard is not None
    assert known.shard.problems == ()
    assert known.shard.addresses == ("192.0.2.7",)


def test_each_cluster_has_its_sighting_in_the_order_of_the_configuration() -> None:
    world, watcher = a_scene()
    world.serve("eu", 1, ["192.0.2.1"])
    sightings = watcher.views.sightings(numbered(1), watcher.views.states(NOW))
    assert [sighting.cluster.name for sighting in sightings] == ["us", "eu"]
    assert [sighting.shard is None for sighting in sightings] == [True, False]


def test_a_cluster_that_is_silent_for_too_long_is_changed_once() -> None:
    world, watcher = a_scene()
    assert [state.name for state in watcher.views.changed_states(NOW)] == ["us", "eu"]
    assert watcher.views.changed_states(NOW) == []
    later = NOW + LOST_AFTER_S
    world.pass_time(LOST_AFTER_S, ["us"])
    assert [(state.name, state.sight) for state in watcher.views.changed_states(later)] == [("eu", Sight.LOST)]
    assert watcher.views.changed_states(later) == []
    assert not watcher.views.all_visible(later)


def test_what_the_sources_report_is_what_stands_in_the_clusters() -> None:
    world, watcher = a_scene()
    world.views["us"].put_service(numbered(1), service("us", 1, "192.0.2.1", problem="feddns.io/ttl is soon"))
    assert watcher.views.reported(numbered(1)) == {Problem("BadAnnotation", "feddns.io/ttl is soon")}
    assert watcher.views.reported(numbered(2)) == frozenset()
