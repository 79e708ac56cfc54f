import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Fence
from feddns.providers.base import OpenProvider, Paced
from feddns.providers.embedded import EmbeddedSettings
from feddns.providers.measured import RESULTS, Calls, Measured
from tests.builders import FED, a_claim, answer
from tests.providers.flaky import Flaky, held_by, nothing, raising

BATCH = Batch((Create(answer(1)[0]),), Fence(None, a_claim(seq=1)))


class Deskside(Flaky):
    """A provider that lets its writer wait."""

    def pause_s(self, *, is_full: bool) -> float:
        return 1.0 if is_full else 2.0


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Flaky]:
    provider = Deskside.open(EmbeddedSettings(), FED.zone, tmp_path)
    yield provider
    await provider.close()


def counted(calls: Calls) -> dict[tuple[str, str], int]:
    return {key: count for key, count in calls.results.items() if count}


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (Throttled("later"), "throttled"),
        (Unavailable("away", outcome_unknown=True), "unavailable"),
        (Conflict("moved"), "conflict"),
        (Rejected("never"), "rejected"),
        (Unauthorized("who?"), "unauthorized"),
        (ProviderError("what?"), "error"),
    ],
)
async def test_a_failed_call_counts_by_what_went_wrong_and_is_told_to_nobody(
    provider: Flaky, error: ProviderError, result: str
) -> None:
    calls, written = Calls(), list[Batch]()
    measured = Measured(provider, calls, written.append)
    provider.faults += [raising(error)]
    with pytest.raises(type(error)):
        await measured.apply(BATCH)
    assert counted(calls) == {("apply", result): 1}
    assert result in RESULTS
    assert calls.durations["apply"].count == 1
    assert written == []


async def test_calls_that_go_well_are_counted_and_batches_told(provider: Flaky) -> None:
    calls, written = Calls(), list[Batch]()
    measured = Measured(provider, calls, written.append)
    provider.faults += [nothing]
    await measured.apply(BATCH)
    assert set(await measured.read_zone()) >= {answer(1)[0]}
    assert [zone.name for zone in await measured.zones()] == [FED.zone]
    assert counted(calls) == {("apply", "ok"): 1, ("read_zone", "ok"): 1, ("zones", "ok"): 1}
    assert written == [BATCH]


async def test_a_call_that_is_cancelled_counts_as_nothing(provider: Flaky) -> None:
    calls = Calls()
    provider.faults += [held_by(asyncio.Event())]
    work = asyncio.create_task(Measured(provider, calls, lambda _: None).apply(BATCH))
    await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    assert counted(calls) == {}
    assert calls.durations["apply"].count == 0


async def test_it_says_what_the_provider_says(provider: Flaky, tmp_path: Path) -> None:
    measured = Measured(provider, Calls(), lambda _: None)
    assert (measured.limits, measured.identity) == (provider.limits, provider.identity)
    assert isinstance(measured, Paced)
    assert (measured.pause_s(is_full=True), measured.pause_s(is_full=False)) == (1.0, 2.0)
    unpaced: OpenProvider = Flaky.open(EmbeddedSettings(), FED.zone, tmp_path)
    assert Measured(unpaced, Calls(), lambda _: None).pause_s(is_full=True) == 0.0
    await unpaced.close()
