import structlog

from feddns.model.services import Problem
from feddns.model.topology import ClusterName
from tests.builders import numbered
from tests.controller.world import Watcher, World, service

ONE = numbered(1)
LB = "lb.cloud.test."


def a_scene() -> tuple[World, Watcher]:
    world = World()
    watcher = world.watcher(world.touched)
    for cluster in ("us", "eu"):
        world.list_all(cluster)
        world.serve(cluster, 1, ["192.0.2.1"])
    return world, watcher


def told(world: World, cluster: str) -> list[Problem]:
    return [problem for _, _, problem in world.views[cluster].concerns()]


async def test_a_host_name_that_does_not_resolve_is_told_in_its_own_cluster_and_in_the_log_once() -> None:
    world, watcher = a_scene()
    world.serve("us", 1, [], hostname=LB)
    watcher.look_at([ONE])
    await watcher.hostnames.resolve_all(1.0)
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            watcher.judging.service(ONE)
            watcher.look_at([ONE])
    assert [problem.reason for problem in told(world, "us")] == ["HostnameNotResolved"]
    assert told(world, "eu") == []
    assert [line["reason"] for line in lines if line["event"] == "problem"] == ["HostnameNotResolved"]
    world.serve("us", 1, ["192.0.2.1"])
    watcher.judging.service(ONE)
    watcher.look_at([ONE])
    assert told(world, "us") == []


def test_what_a_service_has_wrong_itself_is_left_to_its_source() -> None:
    world, watcher = a_scene()
    world.views["us"].put_service(ONE, service("us", 1, "192.0.2.1", problem="feddns.io/ttl is soon"))
    with structlog.testing.capture_logs() as lines:
        watcher.look_at([ONE])
    assert [line for line in lines if line["event"] == "problem"] == []
    assert told(world, "us") == []
    assert len(list(world.views["us"].troubles())) == 1


def test_a_service_that_is_gone_leaves_no_concern() -> None:
    world, watcher = a_scene()
    watcher.views.concern(ONE, watcher.loop, {ClusterName("us"): (Problem("HostnameTaken", "..."),)})
    assert told(world, "us")
    for cluster in ("us", "eu"):
        world.withdraw(cluster, 1)
    watcher.look_at([ONE])
    assert told(world, "us") == []
