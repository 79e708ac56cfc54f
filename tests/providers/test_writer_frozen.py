import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.config.settings import WriteSettings
from feddns.telemetry.events import LogEvent
from tests.builders import FED, answer, some_terms
from tests.providers.flaky import Scene, away, held_by, rival_writes
from tests.virtual import virtually

pytestmark = pytest.mark.looptime

LONG_S = 200.0
WORD = "frozen by ann"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Scene.set(tmp_path, some_terms(at_least=1000)) as scene:
        yield scene


def told(log: list[Any]) -> list[str]:
    """Freezes and thaws, as logged."""
    events = (LogEvent.FROZEN.message, LogEvent.THAWED.message)
    return [line["event"] for line in log if line["event"] in events]


async def test_what_is_wanted_while_all_is_frozen_goes_out_when_it_is_thawed(scene: Scene, log: list[Any]) -> None:
    async with scene.running():
        scene.writer.frozen = WORD
        scene.want(*range(20))
        await asyncio.sleep(LONG_S)
        assert scene.provider.batches == []
        scene.writer.frozen = ""
        await asyncio.sleep(1)
        assert await scene.ours() == scene.expected()
        assert len(scene.provider.batches) == 1
    assert told(log) == ["frozen", "thawed"]
    assert [line["reason"] for line in log if line["event"] == "frozen"] == [WORD]


async def test_another_reason_for_the_same_freeze_is_not_told_again(scene: Scene, log: list[Any]) -> None:
    for word in (WORD, WORD, "frozen by bob", "", ""):
        scene.writer.frozen = word
        assert scene.writer.agenda.frozen == scene.writer.frozen == word
    assert told(log) == ["frozen", "thawed"]
    assert {line["zone"] for line in log} == {FED.zone}


async def test_a_batch_that_is_under_way_may_end_and_the_next_waits(scene: Scene) -> None:
    gate = asyncio.Event()
    async with scene.running():
        scene.provider.faults.append(held_by(gate))
        scene.want(1)
        await asyncio.sleep(1)
        scene.want(2)
        scene.writer.frozen = WORD
        gate.set()
        await asyncio.sleep(LONG_S)
        assert await scene.ours() == frozenset(answer(1))
        assert len(scene.provider.batches) == 1


async def test_a_batch_that_fails_is_not_tried_again_once_all_is_frozen(scene: Scene) -> None:
    async with scene.running():
        scene.provider.faults.extend([away()] * 3)
        scene.want(1)
        await asyncio.sleep(0.05)
        scene.writer.frozen = WORD
        tried = len(scene.provider.batches)
        await asyncio.sleep(LONG_S)
        assert len(scene.provider.batches) == tried >= 1
        assert await scene.ours() == frozenset()


async def test_the_zone_is_read_as_ever_and_what_others_change_waits_to_be_put_right(tmp_path: Path) -> None:
    async with Scene.set(tmp_path, some_terms(), WriteSettings(reread=10)) as scene, scene.running():
        scene.want(1)
        await asyncio.sleep(1)
        scene.writer.frozen = WORD
        reads = scene.provider.reads
        await rival_writes(scene.rival)
        await asyncio.sleep(LONG_S)
        assert scene.provider.reads - reads >= LONG_S // 10 - 1
        assert len(scene.provider.batches) == 1


async def test_one_pass_over_what_is_now_writes_nothing_and_ends(scene: Scene) -> None:
    await scene.writer.read()
    scene.want(1)
    scene.writer.frozen = WORD
    await scene.writer.write_all()
    assert scene.provider.batches == []


steps = st.lists(st.sampled_from(["want", "drop", "freeze", "thaw", "wait"]), max_size=30)


@given(steps)
@settings(max_examples=25)
def test_whatever_is_frozen_and_thawed_the_end_is_what_is_wanted_and_nothing_is_written_in_between(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    async def play() -> None:
        async with Scene.set(tmp_path_factory.mktemp("zone"), some_terms(at_least=1000)) as scene, scene.running():
            for number, step in enumerate(steps):
                if step in {"want", "drop"}:
                    scene.want(number % 3, addresses=(f"192.0.2.{number}",) if step == "want" else None)
                elif step in {"freeze", "thaw"}:
                    scene.writer.frozen = WORD if step == "freeze" else ""
                else:
                    await asyncio.sleep(5)
                    written = len(scene.provider.batches)
                    await asyncio.sleep(5)
                    assert not scene.writer.frozen or len(scene.provider.batches) == written
            scene.writer.frozen = ""
            await asyncio.sleep(LONG_S)
            assert await scene.ours() == scene.expected()

    virtually(play())
