import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.sight import watch_sight
from feddns.controller.touched import Touched
from feddns.model.changes import Create
from feddns.plan.zone import sort_zone
from feddns.telemetry.events import LogEvent
from tests.builders import FED, NOW, a_claim, a_policy, answer, numbered
from tests.controller.world import LOST_AFTER_S, World, service, slices
from tests.providers.flaky import Scene, rival_writes
from tests.virtual import virtually

LB = "lb.cloud.test."

clusters = st.sampled_from(["us", "eu"])
numbers = st.integers(0, 1)
addresses = st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2", "198.51.100.7"]), max_size=2)
hostnames = st.sampled_from(["", "", LB, "other.cloud.test."])
zones = st.sampled_from(["us-a", "eu-a", "eu-b", ""])
resolved = st.sampled_from([["192.0.2.1"], ["192.0.2.2", "198.51.100.7"]])
happenings = st.one_of(
    st.tuples(st.just(World.serve), clusters, numbers, addresses, hostnames),
    st.tuples(st.just(World.withdraw), clusters, numbers),
    st.tuples(st.just(World.make_ready), clusters, numbers, st.lists(zones, max_size=2)),
    st.tuples(st.just(World.place), st.sampled_from(["n", "m"]), st.sampled_from([None, "eu-a", "eu-b", "Bad Zone"])),
    st.tuples(st.just(World.list_all), clusters),
    st.tuples(st.just(World.list_all), st.just("eu")),
    st.tuples(st.just(World.pass_time), st.sampled_from([1.0, 30.0, 50.0, 1000.0]), st.sets(clusters)),
    st.tuples(st.just(World.resolve), st.sampled_from([LB, "other.cloud.test."]), resolved),
    st.just((World.write,)),
)
BEGINNING: tuple[tuple[Any, ...], ...] = (
    (World.list_all, "us"),
    (World.serve, "us", 0, ["192.0.2.1"]),
    (World.make_ready, "us", 0, ["us-a"]),
    (World.serve, "eu", 0, ["198.51.100.7"]),
    (World.make_ready, "eu", 0, ["eu-a"]),
    (World.serve, "eu", 1, [], LB),
    (World.write,),
)
ZONE = (a_claim(), *answer(0, "192.0.2.1", "198.51.100.7"), *answer(2, "198.51.100.9"))
"""What a feddns before this one has written; of `eu`, which is not listed yet, it knew."""


@pytest.mark.servers  # takes its time
@settings(max_examples=150)
@given(st.lists(happenings, max_size=25))
def test_looking_at_what_was_touched_alone_gives_the_zone_that_looking_at_everything_gives(
    story: list[tuple[Any, ...]],
) -> None:
    virtually(_both_ways(story))


async def _both_ways(story: list[tuple[Any, ...]]) -> None:
    world = World()
    thrifty, thorough = world.watcher(world.touched), world.watcher(Touched())
    for watcher in (thrifty, thorough):
        watcher.writer.agenda.read(sort_zone(ZONE, FED))
    thrifty.touched.services(thrifty.loop.everything())
    for happen, *details in [*BEGINNING, *story, (World.write,)]:
        happen(world, *details)
        for _ in range(2):  # before and after new host names are resolved
            thrifty.look_at_touched()
            thorough.look_at_everything()
            await thrifty.hostnames.resolve_all(1.0)
            await thorough.hostnames.resolve_all(1.0)
        thrifty.look_at_touched()
        thorough.look_at_everything()
        if happen is World.write:
            thrifty.write()
            thorough.write()
            assert thrifty.zone() == thorough.zone()
    thrifty.look_at(thrifty.loop.everything())
    assert thrifty.write() == 0


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
    world.touched.cluster(world.views["us"].name)
    watcher.look_at_touched()
    assert watcher.loop.everything() == set()
    assert list(watcher.views.users(LB)) == []


# --- at work


def the_time() -> float:
    return NOW


async def at_work(
    scene: Scene, world: World, touched: Touched, seconds: float, clock: Callable[[], float] = the_time
) -> None:
    """Let the parts work as `feddns run` does."""
    watcher = world.watcher(touched)
    views = watcher.views
    loop = Loop(watcher.judging, views, scene.writer, a_policy("fed"), clock, ProblemLog())
    parts: list[Coroutine[Any, Any, None]] = [scene.writer.run(), loop.run(touched), watch_sight(views, touched, clock)]
    tasks = [asyncio.create_task(part) for part in parts]
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
        work = asyncio.create_task(at_work(scene, world, world.touched, 30, lambda: NOW + 0 * next(looked)))
        await asyncio.sleep(10)
        scene.provider.faults.append(note)
        began = next(looked)
        world.touched.cluster(world.views["us"].name)
        world.serve("us", 999, ["192.0.2.9"])
        await work
        assert at[0] - began < 6, "turns, of 64 services each"
        assert next(looked) - began > 1000 / 64
        assert [record.values for record in scene.writer.agenda.published(numbered(999))] == [("192.0.2.9",)] * 3


@pytest.mark.looptime
async def test_services_that_vanish_together_count_together_for_the_budget(tmp_path: Path, log: list[Any]) -> None:
    world = a_visible_world()
    world.views["us"].replace_services({numbered(n): service("us", n, "192.0.2.1") for n in range(300)}, world.now)
    world.views["us"].replace_slices({f"{n}": slices(n, "us-a") for n in range(300)}, world.now)
    async with Scene.set(tmp_path) as scene:
        work = asyncio.create_task(at_work(scene, world, world.touched, 30))
        await asyncio.sleep(10)
        world.views["us"].replace_services({}, world.now)  # more than are looked at in a row, fewer at a time than held
        await work
        assert len(await scene.ours()) == 900
        assert len([line for line in log if line["event"] == LogEvent.DELETIONS_HELD.message]) == 1


@pytest.mark.looptime
async def test_a_loop_that_is_started_again_looks_at_everything(tmp_path: Path) -> None:
    world = a_visible_world()
    world.serve("us", 1, ["192.0.2.1"])
    world.make_ready("us", 1, ["us-a"])
    async with Scene.set(tmp_path) as scene, scene.running():
        watcher = world.watcher(Touched())
        loop = Loop(watcher.judging, watcher.views, scene.writer, a_policy("fed"), the_time, ProblemLog())
        work = asyncio.create_task(loop.run(Touched()))
        await asyncio.sleep(30)
        work.cancel()
        await asyncio.wait([work])
        assert len(await scene.ours()) == 3


@pytest.mark.looptime
async def test_services_that_only_the_zone_knows_are_looked_at_from_the_start(tmp_path: Path) -> None:
    world = a_visible_world()
    async with Scene.set(tmp_path) as scene:
        await rival_writes(scene.rival, *map(Create, answer(2)))
        await at_work(scene, world, Touched(), 30)
        assert await scene.ours() == frozenset()


@pytest.mark.looptime
async def test_a_cluster_that_falls_silent_is_told_once_and_when_it_is_back(log: list[Any], tmp_path: Path) -> None:
    world = a_visible_world()
    async with Scene.set(tmp_path) as scene:
        clock = asyncio.get_running_loop().time
        work = asyncio.create_task(at_work(scene, world, world.touched, 3 * LOST_AFTER_S, lambda: NOW + clock()))
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
        await at_work(scene, world, world.touched, 10)
        (at, batch) = next((at, batch) for at, batch in scene.provider.calls if batch)
        assert 1.9 <= at <= 2.5
        assert {type(change).__name__ for change in batch.changes} == {"Create"}
