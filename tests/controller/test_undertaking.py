"""Purge and release on a zone that fails, moves, and is killed in the middle."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.controller.undertaking import Look, Undertaking, survey
from feddns.errors import Rejected, Unauthorized, Unavailable
from feddns.handover.departure import Departure, purge, release
from feddns.model.changes import Batch, Create, Fence, Limits
from feddns.model.records import A, DnsName, RecordSet
from feddns.providers.embedded import Embedded, EmbeddedSettings
from tests.builders import FED, a_claim, answer
from tests.lab.api import until
from tests.providers.flaky import Fault, Flaky, Scene, away, lost, overtaken, raising, throttled

WWW = RecordSet(DnsName("www.example.com."), A, 60, ("192.0.2.200",))
COUNT = 9


class SmallBatches(Flaky):
    limits_ = Limits(2, 10_000)


@pytest.fixture
async def zone(tmp_path: Path) -> AsyncIterator[SmallBatches]:
    """A zone with our names and one that is not ours, in batches of two."""
    provider = SmallBatches.open(EmbeddedSettings(), FED.zone, tmp_path)
    await fill(provider)
    yield provider
    await provider.close()


async def fill(provider: Embedded) -> None:
    records = [WWW, *(record_set for number in range(COUNT) for record_set in answer(number))]
    await Embedded.apply(provider, Batch(tuple(map(Create, records)), Fence(None, a_claim())))


def purging(provider: Embedded) -> Look[Departure]:
    return lambda record_sets: purge(record_sets, FED, "me", provider.limits)


async def carry_out(provider: Flaky, *faults: Fault, deadline_s: float = 300.0) -> None:
    shown = await survey(provider, purging(provider), deadline_s)
    provider.faults.extend(faults)
    await Undertaking(provider, purging(provider), shown, deadline_s).carry_out()


async def contents(provider: Embedded) -> set[RecordSet]:
    """The zone without what the server itself has in it."""
    apex = {FED.zone, f"ns1.{FED.zone}"}
    return {each for each in await Embedded.read_zone(provider) if each.name not in apex}


async def test_all_is_purged_batch_by_batch_and_the_zone_is_read_to_prove_it(zone: SmallBatches) -> None:
    await carry_out(zone)
    assert await contents(zone) == {WWW}
    assert zone.order == ["read", "read", *["apply"] * 5, "read"]


@pytest.mark.looptime
async def test_lost_answers_conflicts_and_outages_do_not_stop_it(zone: SmallBatches) -> None:
    faults = (lost(done=True), throttled(3.0), lost(done=False), away(), overtaken(), lost(done=True), away())
    await carry_out(zone, *faults)
    assert await contents(zone) == {WWW}
    assert not zone.faults


@pytest.mark.looptime
async def test_it_gives_up_when_one_step_takes_too_long(zone: SmallBatches) -> None:
    with pytest.raises(Unavailable):
        await carry_out(zone, *[away()] * 1_000, deadline_s=30)
    assert zone.calls[-1][0] < 60


@pytest.mark.looptime
async def test_what_only_a_person_can_mend_ends_it_at_once(zone: SmallBatches) -> None:
    with pytest.raises(Unauthorized):
        await carry_out(zone, raising(Unauthorized("may not write")))
    assert zone.calls[-1][0] < 1


async def test_records_that_were_not_shown_are_not_deleted(zone: SmallBatches) -> None:
    new = Create(answer(77)[0])
    with pytest.raises(Rejected, match="somebody else writes in the zone"):
        await carry_out(zone, overtaken(new))
    assert {WWW, new.desired} < await contents(zone)


async def test_whoever_writes_again_what_was_deleted_is_noticed(zone: SmallBatches) -> None:
    async def restore(provider: Flaky, batch: Batch) -> None:
        """A feddns that still runs puts right what went a moment ago."""
        gone = set(answer(0)) - await contents(provider)
        await overtaken(*map(Create, gone))(provider, batch)

    async def nothing(_provider: Flaky, _batch: Batch) -> None:
        pass

    with pytest.raises(Rejected, match="feddns run"):
        await carry_out(zone, nothing, restore)


async def test_a_claim_that_somebody_takes_again_after_its_end_is_noticed(zone: SmallBatches) -> None:
    class Retaken(SmallBatches):
        async def apply(self, batch: Batch) -> None:
            await super().apply(batch)
            if batch.fence.desired is None:
                await Embedded.apply(self, Batch((), Fence(None, a_claim(seq=1))))

    zone.__class__ = Retaken
    with pytest.raises(Rejected, match="the claim is not as it was shown"):
        await carry_out(zone)


async def test_another_owner_who_takes_the_claim_meanwhile_ends_it(zone: SmallBatches) -> None:
    async def taken(provider: Flaky, batch: Batch) -> None:
        await Embedded.apply(provider, Batch((), Fence(batch.fence.expected, a_claim("them"))))

    with pytest.raises(Rejected, match='claimed by owner "them"'):
        await carry_out(zone, taken)
    assert a_claim("them") in await contents(zone)


async def test_a_release_wins_over_a_writer_that_is_at_work(tmp_path: Path) -> None:
    async with Scene.set(tmp_path) as scene, scene.running():
        scene.want(1, 2)
        await until(lambda: holds(scene.writer.agenda.owned == 2), 10.0)
        before = await scene.ours()

        def releasing(record_sets: tuple[RecordSet, ...]) -> Departure:
            return release(record_sets, FED, "me", scene.rival.limits)

        shown = await survey(scene.rival, releasing, 10.0)
        await Undertaking(scene.rival, releasing, shown, 10.0).carry_out()
        scene.want(1, 3, addresses=["192.0.2.9"])
        await until(lambda: holds(bool(scene.writer.agenda.refusal)), 10.0)
        assert "feddns adopt" in scene.writer.agenda.refusal
        assert await scene.ours() == before
        assert not any(record_set.name == FED.claim for record_set in await scene.rival.read_zone())


async def holds(condition: bool) -> bool:  # noqa: FBT001 - a condition is what it takes
    return condition


PURGE = """
import asyncio, sys
from pathlib import Path
from feddns.controller.undertaking import Undertaking, survey
from feddns.handover.departure import purge
from feddns.providers.embedded import EmbeddedSettings
from tests.builders import FED
from tests.controller.test_undertaking import SmallBatches, purging

async def main():
    provider = SmallBatches.open(EmbeddedSettings(), FED.zone, Path(sys.argv[1]))
    shown = await survey(provider, purging(provider), 20.0)
    print("begun", flush=True)
    await Undertaking(provider, purging(provider), shown, 20.0).carry_out()
    await provider.close()

asyncio.run(main())
"""


def start_purge(folder: Path) -> subprocess.Popen[bytes]:
    """A purge in a process of its own, once it has shown what it will do."""
    process = subprocess.Popen([sys.executable, "-c", PURGE, str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


async def left_in(folder: Path, *batches: Batch) -> set[RecordSet]:
    """What the zone in a folder holds, after batches are applied."""
    provider = Embedded.open(EmbeddedSettings(), FED.zone, folder)
    try:
        for batch in batches:
            await provider.apply(batch)
        return await contents(provider)
    finally:
        await provider.close()


@pytest.mark.servers
def test_a_purge_that_is_killed_in_the_middle_goes_on_when_it_is_started_again(tmp_path: Path) -> None:
    many = [WWW, *(record_set for number in range(400) for record_set in answer(number))]
    chance = random.Random(5)
    counts = [len(asyncio.run(left_in(tmp_path, Batch(tuple(map(Create, many)), Fence(None, a_claim())))))]
    while len(counts) < 20 and counts[-1] > 1:
        process = start_purge(tmp_path)
        time.sleep(chance.random() * 0.1)
        process.kill()
        process.communicate()
        left = asyncio.run(left_in(tmp_path))
        assert WWW in left
        counts.append(len(left))
    assert counts == sorted(counts, reverse=True)
    assert any(1 < count < counts[0] for count in counts), "none was killed in the middle: this run proved nothing"
    process = start_purge(tmp_path)
    process.communicate()
    assert process.returncode == 0
    assert asyncio.run(left_in(tmp_path)) == {WWW}
