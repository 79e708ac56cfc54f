"""When a zone that feddns answers from itself can be answered from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.touched import Touched
from feddns.model.changes import Create
from tests.builders import NOW, a_policy, answer, numbered
from tests.controller.world import World, service, slices
from tests.providers.flaky import Scene, rival_writes

pytestmark = pytest.mark.looptime


def a_world(*visible: str) -> World:
    """Each cluster has a Service of its own, and these clusters show theirs."""
    world = World()
    for number, cluster in enumerate(visible):
        world.list_all(cluster)
        world.views[cluster].put_service(numbered(number), service(cluster, number, "192.0.2.1"))
        world.views[cluster].put_slice(f"{number}", slices(number, "us-a"))
    return world


@asynccontextmanager
async def at_work(scene: Scene, world: World) -> AsyncIterator[Loop]:
    watcher = world.watcher(Touched())
    began = asyncio.get_running_loop().time()

    def clock() -> float:
        world.now = NOW + asyncio.get_running_loop().time() - began
        return world.now

    loop = Loop(watcher.judging, watcher.views, scene.writer, a_policy("fed"), clock, ProblemLog())
    work = [asyncio.create_task(part) for part in (scene.writer.run(), loop.run(watcher.touched))]
    try:
        yield loop
    finally:
        for task in work:
            task.cancel()
        await asyncio.wait(work)


async def test_an_empty_zone_can_be_answered_from_once_it_has_what_the_clusters_show(tmp_path: Path) -> None:
    async with Scene.set(tmp_path) as scene, at_work(scene, a_world("us", "eu")) as loop:
        seen = set()
        while not loop.is_filled:
            seen.add(len(scene.writer.agenda.keys()))
            await asyncio.sleep(0.01)
        assert 0 in seen
        assert len(scene.writer.agenda.keys()) == 2


async def test_an_empty_zone_waits_a_while_for_a_cluster_that_cannot_be_seen(tmp_path: Path) -> None:
    async with Scene.set(tmp_path) as scene, at_work(scene, a_world("us")) as loop:
        await asyncio.sleep(4.5)
        assert len(scene.writer.agenda.keys()) == 1
        assert not loop.is_filled
        await asyncio.sleep(1)
        assert loop.is_filled


async def test_an_empty_zone_is_never_answered_from_while_no_cluster_can_be_seen(tmp_path: Path) -> None:
    async with Scene.set(tmp_path) as scene, at_work(scene, a_world()) as loop:
        await asyncio.sleep(1000)
        assert not loop.is_filled


async def test_an_empty_zone_of_clusters_without_services_can_be_answered_from(tmp_path: Path) -> None:
    world = World()
    world.list_all("us")
    world.list_all("eu")
    async with Scene.set(tmp_path) as scene, at_work(scene, world) as loop:
        await asyncio.sleep(1)
        assert loop.is_filled


async def test_an_empty_zone_is_not_answered_from_while_no_cluster_has_joined(tmp_path: Path) -> None:
    world = World()
    world.views.clear()
    async with Scene.set(tmp_path) as scene, at_work(scene, world) as loop:
        await asyncio.sleep(1000)
        assert not loop.is_filled


async def test_a_zone_that_was_ours_before_is_answered_from_at_once(tmp_path: Path) -> None:
    async with Scene.set(tmp_path) as scene:
        await rival_writes(scene.rival, *map(Create, answer(0)))
        async with at_work(scene, a_world()) as loop:
            await scene.writer.known.wait()
            await asyncio.sleep(0)
            assert loop.is_filled


async def test_what_was_filled_once_stays_so_though_a_cluster_is_lost(tmp_path: Path) -> None:
    world = a_world("us", "eu")
    async with Scene.set(tmp_path) as scene, at_work(scene, world) as loop:
        await asyncio.sleep(1)
        assert loop.is_filled
        await asyncio.sleep(1000)
        assert not world.watcher(Touched()).views.all_visible(NOW + 1000)
        assert loop.is_filled
