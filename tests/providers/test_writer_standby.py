"""The writer of a replica that does not always lead."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from feddns.config.settings import WriteSettings
from feddns.errors import Unavailable
from feddns.model.changes import Create, Limits
from feddns.model.records import RecordSet
from feddns.plan.budget import Cause
from feddns.telemetry.events import LogEvent
from tests.builders import answer, numbered, some_terms
from tests.providers.flaky import Scene, away, held_by, rival_writes

pytestmark = pytest.mark.looptime

REREAD_S = 600.0


class Standby(Scene):
    """A writer that leads when it is told to."""

    leads = False

    def guard(self) -> None:
        self.writer.gate.guard(lambda: self.leads)

    def lead(self) -> None:
        self.writer.begin()
        self.leads = True

    def stand_by(self) -> None:
        self.leads = False
        self.writer.end()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Standby]:
    async with Standby.set(tmp_path, some_terms(at_least=1000), WriteSettings(reread=REREAD_S)) as scene:
        scene.guard()
        yield scene


async def test_a_standby_reads_the_zone_now_and_then_and_writes_nothing(scene: Standby) -> None:
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(2.5 * REREAD_S)
        assert scene.provider.batches == []
        assert scene.provider.reads == 3


async def test_it_knows_what_it_would_write(scene: Standby) -> None:
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(1)
        assert [each.key for each in scene.writer.agenda.plan(0.0).services] == [numbered(1)]
        assert not scene.writer.frozen


async def test_who_begins_to_lead_reads_the_zone_before_it_writes(scene: Standby) -> None:
    async with scene.running():
        scene.want(1, 2)
        await asyncio.sleep(1)
        await rival_writes(scene.rival, *map(Create, answer(1)))
        scene.provider.calls.clear()
        scene.lead()
        await asyncio.sleep(1)
        assert scene.provider.order == ["read", "apply"]
        assert await scene.ours() == scene.expected()


async def test_a_reading_that_began_before_it_led_is_not_enough(scene: Standby) -> None:
    read_zone = scene.provider.read_zone

    async def slowly() -> tuple[RecordSet, ...]:
        contents = await read_zone()
        await asyncio.sleep(5)
        return contents

    scene.provider.read_zone = slowly  # type: ignore[method-assign]  # this one instance is slow
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(REREAD_S - 1)
        scene.provider.calls.clear()
        await asyncio.sleep(3)
        assert scene.provider.order == ["read"]
        scene.lead()
        await asyncio.sleep(20)
        assert scene.provider.order == ["read", "read", "apply"]


async def test_a_reading_that_fails_is_made_up_for_before_it_writes(scene: Standby) -> None:
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(1)
        scene.provider.calls.clear()
        scene.provider.read_faults.extend([Unavailable("no")] * 3)
        scene.lead()
        await asyncio.sleep(100)
        assert scene.provider.order == ["read"] * 4 + ["apply"]


async def test_it_is_asked_right_before_each_batch_whether_it_leads(scene: Standby) -> None:
    scene.provider.limits_ = Limits(2, 10_000)
    gate = asyncio.Event()
    async with scene.running():
        scene.lead()
        scene.provider.faults.append(held_by(gate))
        scene.want(*range(10))
        await asyncio.sleep(1)
        scene.leads = False  # as its time goes by, which nobody tells
        gate.set()
        await asyncio.sleep(100)
        assert len(scene.provider.batches) == 1
        assert len(await scene.ours()) == 2


async def test_a_pause_that_the_provider_asks_for_does_not_outlast_its_time(scene: Standby) -> None:
    pauses = [5.0]

    def pause_s(*, is_full: bool) -> float:  # noqa: ARG001 - as the protocol has it
        return pauses.pop() if pauses else 0.0

    scene.provider.pause_s = pause_s  # type: ignore[attr-defined]  # which makes it a Paced one
    async with scene.running():
        scene.lead()
        scene.want(1)
        await asyncio.sleep(1)
        scene.stand_by()
        await asyncio.sleep(1)
        scene.lead()  # another has led meanwhile: what is known is old
        scene.provider.calls.clear()
        await asyncio.sleep(10)
        assert scene.provider.order == ["read", "apply"]


async def test_a_batch_that_is_under_way_when_another_may_lead_is_given_up(scene: Standby, log: list[Any]) -> None:
    async with scene.running():
        scene.lead()
        scene.provider.faults.append(held_by(asyncio.Event()))
        scene.want(1)
        await asyncio.sleep(1)
        scene.stand_by()
        await asyncio.sleep(50)
        assert await scene.ours() == frozenset()
        assert len(scene.provider.batches) == 1
        scene.lead()
        await asyncio.sleep(50)
        assert await scene.ours() == scene.expected()
    (line,) = (line for line in log if line["event"] == LogEvent.PROVIDER_FAILED.message)
    assert "leads no more" in line["reason"]


async def test_what_the_leader_writes_is_not_taken_for_a_strangers_work(tmp_path: Path) -> None:
    """Else its deletion would be held as drift, when this replica leads and it has to go."""
    async with Standby.set(tmp_path, some_terms(at_least=0, share=0.0), WriteSettings(reread=REREAD_S)) as scene:
        scene.guard()
        async with scene.running():
            await asyncio.sleep(1)
            await rival_writes(scene.rival, *(Create(*answer(number)) for number in range(5)))
            await asyncio.sleep(2 * REREAD_S)
            scene.want(*range(5), addresses=None)
            scene.lead()
            await asyncio.sleep(1)
            assert [held.cause for held in scene.writer.agenda.held(0.0)] == [Cause.SPECIFICATION]


async def test_a_standby_tells_of_no_problem_that_the_leader_tells_of(tmp_path: Path, log: list[Any]) -> None:
    async with Standby.set(tmp_path, some_terms(at_least=0, share=0.0)) as scene:
        scene.guard()
        await rival_writes(scene.rival, *(Create(*answer(number)) for number in range(5)))
        async with scene.running():
            scene.want(*range(5), addresses=None)
            await asyncio.sleep(100)
            assert LogEvent.DELETIONS_HELD.message not in [line["event"] for line in log]
            scene.lead()
            await asyncio.sleep(1)
            assert LogEvent.DELETIONS_HELD.message in [line["event"] for line in log]


async def test_at_the_end_a_batch_comes_to_its_own_and_none_follows(scene: Standby) -> None:
    gate = asyncio.Event()
    async with scene.running():
        scene.lead()
        scene.provider.faults.append(held_by(gate))
        scene.want(1)
        await asyncio.sleep(1)
        scene.want(2)
        ending = asyncio.create_task(scene.writer.gate.shut())
        await asyncio.sleep(1)
        assert not ending.done()
        gate.set()
        await ending
        assert await scene.ours() == frozenset(answer(1))
        scene.lead()
        await asyncio.sleep(100)
        assert len(scene.provider.batches) == 1


async def test_where_nothing_is_under_way_the_end_need_not_be_waited_for(scene: Standby) -> None:
    async with scene.running():
        scene.provider.faults.append(away())
        scene.lead()
        scene.want(1)
        await asyncio.sleep(0.01)
        began = asyncio.get_running_loop().time()
        await scene.writer.gate.shut()
        assert asyncio.get_running_loop().time() - began < 0.01
