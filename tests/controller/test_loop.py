import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.controller.loop import Loop
from feddns.controller.touched import Touched
from feddns.telemetry.events import LogEvent
from tests.builders import NOW, a_policy, answer, numbered
from tests.controller.world import LOST_AFTER_S, Watcher, World, service, slices
from tests.providers.flaky import Scene
from tests.virtual import virtually

LB = "lb.cloud.test."

clusters = st.sampled_from(["us", "eu"])
numbers = st.integers(0, 2)
addresses = st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2", "198.51.100.7"]), max_size=2)
hostnames = st.sampled_from(["", "", LB, "other.cloud.test."])
zones = st.sampled_from(["us-a", "eu-a", "eu-b", ""])
happenings = st.one_of(
    st.tuples(st.just(World.serve), clusters, numbers, addresses, hostnames),
    st.tuples(st.just(World.withdraw), clusters, numbers),
    st.tuples(st.just(World.make_ready), clusters, numbers, st.lists(zones, max_size=2)),
    st.tuples(st.just(World.place), st.sampled_from(["n", "m"]), st.sampled_from([None, "eu-a", "eu-b", "Bad Zone"])),
    st.tuples(st.just(World.list_all), clusters),
    st.tuples(st.just(World.pass_time), st.sampled_from([1.0, 30.0, 50.0, 1000.0]), st.sets(clusters)),
    st.tuples(st.just(World.resolve), st.sampled_from([LB, "other.cloud.test."]), addresses),
    st.just(("write",)),
)


@settings(max_examples=200)
@given(st.lists(happenings, max_size=30))
def test_looking_at_what_was_touched_alone_gives_the_zone_that_looking_at_everything_gives(
    story: list[tuple[Any, ...]],
) -> None:
    virtually(_both_ways(story))


async def _both_ways(story: list[tuple[Any, ...]]) -> None:
    world = World()
    thrifty, thorough = world.watcher(world.touched), world.watcher(Touched())
    for happen, *details in [(World.list_all, "us"), *story, ("write",)]:
        if happen != "write":
            happen(world, *details)
        await look(thrifty, thorough, resolve=happen is World.resolve)
        if happen == "write":
            thrifty.write()
            thorough.write()
            assert thrifty.zone() == thorough.zone()
    thrifty.look_at(thrifty.loop.everything())
    assert thrifty.write() == 0


async def look(thrifty: Watcher, thorough: Watcher, *, resolve: bool) -> None:
    thrifty.look_at_touched()
    thorough.look_at(thorough.loop.everything())
    if resolve:
        await thrifty.hostnames.resolve_all(1.0)
        await thorough.hostnames.resolve_all(1.0)
        thrifty.look_at_touched()
        thorough.look_at(thorough.loop.everything())


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


def problems(log: list[Any]) -> list[tuple[str, str]]:
    return [(line["service"], line["reason"]) for line in log if line["event"] == LogEvent.PROBLEM.message]


def a_visible_world() -> World:
    world = World()
    world.list_all("us")
    world.list_all("eu")
    return world


@pytest.mark.looptime
async def test_a_host_name_that_does_not_resolve_is_told_once_and_again_when_it_is_back(log: list[Any]) -> None:
    world = a_visible_world()
    watcher = world.watcher(world.touched)
    world.serve("us", 1, [], LB)
    world.make_ready("us", 1, ["us-a"])
    watcher.look_at_touched()
    for trouble in (True, False, True):
        world.resolves = {} if trouble else {LB: ("192.0.2.1",)}
        for _ in range(3):
            await watcher.hostnames.resolve_all(1.0)
            world.touched.cluster(world.views["us"].name)
            watcher.look_at_touched()
    assert problems(log) == [("shop/s1", "HostnameNotResolved")] * 2
    assert "no name server answered; its last addresses stay" in log[-1]["text"]


def test_what_is_wrong_with_a_service_in_its_cluster_is_left_to_the_source_to_tell(log: list[Any]) -> None:
    world = a_visible_world()
    world.views["us"].put_service(numbered(1), service("us", 1, "192.0.2.1", problem="feddns.io/ttl is soon"))
    world.watcher(world.touched).look_at_touched()
    assert problems(log) == []


def test_what_is_wrong_with_a_service_over_all_clusters_is_told_once_until_it_is_over(log: list[Any]) -> None:
    world = a_visible_world()
    watcher = world.watcher(world.touched)
    own = answer(1)[0].name  # a load balancer that would lead to itself
    for hostname in (own, "", own):
        world.serve("us", 1, ["192.0.2.1"], hostname)
        watcher.look_at_touched()
        watcher.look_at(watcher.loop.everything())
    assert problems(log) == [("shop/s1", "HostnameLoops")] * 2


def test_nothing_is_remembered_of_a_service_that_is_gone_everywhere() -> None:
    world = a_visible_world()
    watcher = world.watcher(world.touched)
    world.serve("us", 1, ["192.0.2.1"], LB)
    world.make_ready("us", 1, ["us-a"])
    watcher.look_at_touched()
    watcher.write()
    assert watcher.loop.everything() == {numbered(1)}
    world.withdraw("us", 1)
    watcher.look_at_touched()
    watcher.write()
    watcher.look_at([numbered(1)])
    assert watcher.loop.everything() == set()
    assert list(watcher.views.users(LB)) == []


# --- at work


async def until_written(scene: Scene, loop: Loop, touched: Touched, seconds: float) -> None:
    tasks = [asyncio.create_task(part) for part in (scene.writer.run(), loop.run(touched), loop.watch_sight(touched))]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.looptime
async def test_a_change_is_written_before_all_else_that_is_to_be_looked_at_has_been(tmp_path: Path) -> None:
    world = a_visible_world()
    world.views["us"].replace_services({numbered(n): service("us", n, "192.0.2.1") for n in range(1000)}, world.now)
    world.views["us"].replace_slices({f"{n}": slices(n, "us-a") for n in range(1000)}, world.now)
    looked = iter(range(1_000_000))
    at: list[int] = []

    async def note(_provider: object, _batch: object) -> None:
        at.append(next(looked))

    async with Scene.set(tmp_path) as scene:
        loop = Loop(world.watcher(world.touched).views, scene.writer, a_policy("fed"), lambda: NOW + 0 * next(looked))
        work = asyncio.create_task(until_written(scene, loop, world.touched, 30))
        await asyncio.sleep(10)
        scene.provider.faults.append(note)
        began = next(looked)
        world.touched.cluster(world.views["us"].name)
        world.serve("us", 999, ["192.0.2.9"])
        await work
        assert at[0] - began < 5 * 64
        assert next(looked) - began > 1000
        assert [record.values for record in scene.writer.agenda.published(numbered(999))] == [("192.0.2.9",)] * 3


@pytest.mark.looptime
async def test_a_cluster_that_falls_silent_is_told_once_and_when_it_is_back(log: list[Any], tmp_path: Path) -> None:
    world = a_visible_world()
    async with Scene.set(tmp_path) as scene:
        clock = asyncio.get_running_loop().time
        loop = Loop(world.watcher(world.touched).views, scene.writer, a_policy("fed"), lambda: NOW + clock())
        work = asyncio.create_task(until_written(scene, loop, world.touched, 3 * LOST_AFTER_S))
        for second in range(int(3 * LOST_AFTER_S) - 1):
            await asyncio.sleep(1)
            world.now = NOW + clock()
            world.hear("us")
            if second > 2 * LOST_AFTER_S:
                world.hear("eu")
        await work
        sights = [(line["event"], line["cluster"]) for line in log if line["event"].startswith("cluster")]
        assert sights == [
            (LogEvent.CLUSTER_VISIBLE.message, "us"),
            (LogEvent.CLUSTER_VISIBLE.message, "eu"),
            (LogEvent.CLUSTER_LOST.message, "eu"),
            (LogEvent.CLUSTER_VISIBLE.message, "eu"),
        ]


@pytest.mark.looptime
async def test_the_first_decisions_wait_a_moment_for_the_last_cluster_and_no_longer(tmp_path: Path) -> None:
    world = World()
    world.list_all("us")
    world.serve("us", 1, ["192.0.2.1"])
    world.make_ready("us", 1, ["us-a"])
    async with Scene.set(tmp_path) as scene:
        loop = Loop(world.watcher(world.touched).views, scene.writer, a_policy("fed"), lambda: NOW)
        await until_written(scene, loop, world.touched, 10)
        (at, batch) = next((at, batch) for at, batch in scene.provider.calls if batch)
        assert 1.9 <= at <= 2.5
        assert {type(change).__name__ for change in batch.changes} == {"Create"}
