import asyncio
import math

import pytest

from feddns.leadership.tenure import Tenure

pytestmark = pytest.mark.looptime


def now() -> float:
    return asyncio.get_running_loop().time()


class Clock:
    """The loop's clock, and what went by while the process was stopped."""

    def __init__(self) -> None:
        self.slept_s = 0.0

    def __call__(self) -> float:
        return now() + self.slept_s


class Witness:
    """Notes what it is told, and whether it might write at that moment."""

    def __init__(self, tenure: Tenure) -> None:
        self.told: list[str] = []
        self.lasted: list[bool] = []
        self._tenure = tenure
        tenure.tell(lambda: (self,))

    def begin(self) -> None:
        self.told.append("begin")
        self.lasted.append(self._tenure.lasts())

    def end(self) -> None:
        self.told.append("end")
        self.lasted.append(self._tenure.lasts())


async def test_it_begins_with_a_lease_ends_with_its_time_and_tells_both_while_nothing_may_be_written() -> None:
    tenure = Tenure(now)
    witness = Witness(tenure)
    assert not tenure.lasts()
    assert tenure.extend(now() + 4)
    assert tenure.lasts()
    await asyncio.sleep(3)
    assert not tenure.extend(now() + 4)
    await asyncio.sleep(3.9)
    assert tenure.lasts()
    await asyncio.sleep(0.2)
    assert not tenure.lasts()
    assert witness.told == ["begin", "end"]
    assert witness.lasted == [False, False]


async def test_a_process_that_was_stopped_wakes_up_without_it_and_is_told_that_it_ended_before_it_begins_anew() -> None:
    clock = Clock()
    tenure = Tenure(clock)
    witness = Witness(tenure)
    tenure.extend(clock() + 4)
    clock.slept_s = 60.0  # no timer has fired
    assert not tenure.lasts()
    assert tenure.extend(clock() + 4)
    assert witness.told == ["begin", "end", "begin"]
    assert witness.lasted == [False, False, False]


async def test_an_end_is_told_once() -> None:
    tenure = Tenure(now)
    witness = Witness(tenure)
    tenure.extend(now() + 4)
    tenure.end()
    tenure.end()
    await asyncio.sleep(10)
    assert witness.told == ["begin", "end"]
    assert not tenure.lasts()


async def test_one_without_end_always_lasts() -> None:
    tenure = Tenure(now, until=math.inf)
    assert tenure.lasts()
    assert await asyncio.wait_for(_first_run(tenure), 1) == 1


async def test_what_only_the_leader_does_is_done_while_it_leads_and_no_longer() -> None:
    tenure = Tenure(now)
    runs: list[tuple[float, float]] = []

    async def work() -> None:
        began = now()
        try:
            await asyncio.Event().wait()
        finally:
            runs.append((began, now()))

    task = asyncio.create_task(tenure.while_it_lasts(work))
    await asyncio.sleep(1)
    tenure.extend(5)
    await asyncio.sleep(9)
    tenure.extend(20)
    await asyncio.sleep(5)
    task.cancel()
    await asyncio.wait([task])
    assert [tuple(map(round, run)) for run in runs] == [(1, 5), (10, 15)]


async def test_an_error_of_what_only_the_leader_does_is_not_swallowed() -> None:
    tenure = Tenure(now, until=math.inf)

    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await tenure.while_it_lasts(work)


async def test_nor_is_one_that_it_ends_by() -> None:
    tenure = Tenure(now)
    tenure.extend(4)

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError

    with pytest.raises(LookupError):
        await asyncio.wait_for(tenure.while_it_lasts(work), 10)


async def _first_run(tenure: Tenure) -> int:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1

    await tenure.while_it_lasts(work)
    return runs
