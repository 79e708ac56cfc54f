import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.providers.delays import Delays
from tests.builders import NOW, a_decision, answer, numbered, some_terms
from tests.providers.flaky import Scene, held_by, throttled

pytestmark = pytest.mark.looptime

ONE, OTHER = numbered(1), numbered(2)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Scene.set(tmp_path, some_terms(at_least=0, share=0.0)) as scene:
        yield scene


def now() -> float:
    return NOW + asyncio.get_running_loop().time()


def want(scene: Scene, number: int, *addresses: str, since: float) -> None:
    """A service that changed at `since` is to have these addresses; none for no records."""
    records = answer(number, *addresses) if addresses else ()
    scene.wanted[numbered(number)] = records
    scene.writer.want(a_decision(numbered(number), records), since)
    scene.writer.go()


def seen(scene: Scene) -> tuple[int, float]:
    """How many changes were measured, and their sum."""
    histogram = scene.writer.delays.histogram
    return histogram.count, round(histogram.sum, 2)


async def test_a_change_is_measured_from_when_it_was_seen_until_its_batch_is_taken(scene: Scene) -> None:
    async with scene.running():
        want(scene, 1, "192.0.2.1", since=now() - 2)
        await asyncio.sleep(1)
        assert seen(scene) == (1, 2.0)


async def test_what_feddns_finds_at_its_start_is_not_measured(scene: Scene) -> None:
    async with scene.running():
        scene.want(1, 2, 3)
        await asyncio.sleep(1)
        assert seen(scene) == (0, 0.0)


async def test_what_comes_to_nothing_is_not_measured(scene: Scene) -> None:
    async with scene.running():
        want(scene, 1, "192.0.2.1", since=now())
        await asyncio.sleep(1)
        want(scene, 1, "192.0.2.1", since=now())
        await asyncio.sleep(1)
        assert seen(scene)[0] == 1


async def test_a_batch_that_fails_is_measured_when_it_is_taken_at_last(scene: Scene) -> None:
    async with scene.running():
        scene.provider.faults += [throttled(5.0)]
        want(scene, 1, "192.0.2.1", since=now())
        await asyncio.sleep(60)
        count, seconds = seen(scene)
        assert count == 1
        assert 5.0 <= seconds < 60.0


async def test_what_changes_again_while_a_batch_is_under_way_is_measured_by_itself(scene: Scene) -> None:
    gate = asyncio.Event()
    async with scene.running():
        scene.provider.faults += [held_by(gate)]
        want(scene, 1, "192.0.2.1", since=now())
        await asyncio.sleep(10)
        want(scene, 1, "192.0.2.9", since=now())
        await asyncio.sleep(1)
        gate.set()
        await asyncio.sleep(1)
        assert seen(scene) == (2, 12.0)


async def test_what_a_freeze_holds_is_not_measured_and_what_comes_after_it_is(scene: Scene) -> None:
    async with scene.running():
        scene.writer.frozen = "frozen by ann"
        want(scene, 1, "192.0.2.1", since=now())
        await asyncio.sleep(3600)
        scene.writer.frozen = ""
        await asyncio.sleep(1)
        assert seen(scene)[0] == 0
        want(scene, 2, "192.0.2.2", since=now() - 1)
        await asyncio.sleep(1)
        assert seen(scene) == (1, 1.0)


async def test_what_a_budget_holds_is_not_measured(scene: Scene) -> None:
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(1)
        want(scene, 1, since=now())
        await asyncio.sleep(1)
        assert scene.writer.agenda.held(now())
        want(scene, 1, "192.0.2.1", since=now() - 50)
        await asyncio.sleep(1)
        assert seen(scene)[0] == 0


def test_the_earliest_of_several_changes_counts() -> None:
    delays = Delays(lambda: NOW + 10)
    delays.note(ONE, NOW + 4)
    delays.note(ONE, NOW + 1)
    delays.note(ONE, NOW + 6)
    delays.note(OTHER, NOW + 2)
    with delays.sending([ONE]):
        pass
    assert (delays.histogram.count, delays.histogram.sum) == (1, 9.0)
