import asyncio
from itertools import pairwise
from typing import Any

import pytest

from feddns.controller.supervise import keep_alive
from feddns.errors import Rejected, Unavailable
from feddns.telemetry.events import LogEvent

pytestmark = [pytest.mark.looptime, pytest.mark.usefixtures("log")]


class Part:
    """Work that ends as told after a while, and notes when it began."""

    def __init__(self, error: BaseException | None = None, lasts_s: float = 0.0) -> None:
        self.error = error
        self.lasts_s = lasts_s
        self.began: list[float] = []

    async def run(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.lasts_s)
        if self.error is not None:
            raise self.error

    @property
    def pauses(self) -> list[float]:
        return [later - earlier - self.lasts_s for earlier, later in pairwise(self.began)]


async def kept_alive(part: Part, seconds: float) -> None:
    task = asyncio.create_task(keep_alive("part", part.run))
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_part_that_fails_is_started_again_after_pauses_that_grow_up_to_a_bound(log: list[Any]) -> None:
    part = Part(KeyError("a fault of ours"))
    await kept_alive(part, 600)
    longest = [0.5, 1, 2, 4, 8, 16, 30, 30]
    for pause_s, most_s in zip(part.pauses, longest, strict=False):
        assert most_s / 2 <= pause_s <= most_s
    assert len(part.pauses) > 20
    assert max(part.pauses) <= 30
    lines = [line for line in log if line["event"] == LogEvent.PART_FAILED.message]
    assert len(lines) == len(part.began)
    assert (lines[0]["part"], lines[0]["reason"]) == ("part", "KeyError('a fault of ours')")


async def test_a_part_that_ends_is_started_again_too(log: list[Any]) -> None:
    part = Part()
    await kept_alive(part, 10)
    assert len(part.began) > 3
    assert log[0]["reason"] == "it ended"


async def test_a_part_that_worked_for_long_is_started_again_soon() -> None:
    part = Part(KeyError(), lasts_s=40)
    await kept_alive(part, 600)
    assert max(part.pauses) <= 0.5


async def test_only_what_nobody_foresaw_is_logged_with_a_traceback(log: list[Any]) -> None:
    for error in (KeyError(), Unavailable("away"), ExceptionGroup("two", [KeyError(), Unavailable("away")])):
        await kept_alive(Part(error), 0.1)
    assert [line["exc_info"] for line in log] == [True, False, True]


async def test_what_starting_again_cannot_mend_is_raised() -> None:
    part = Part(Rejected("cannot listen there"))
    with pytest.raises(Rejected):
        await keep_alive("nameserver", part.run, (Rejected,))
    assert len(part.began) == 1


async def test_one_part_that_fails_does_not_disturb_another() -> None:
    good = Part(lasts_s=1000)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keep_alive("part", part.run)) for part in (Part(KeyError()), good)]
        await asyncio.sleep(500)
        for task in tasks:
            task.cancel()
    assert good.began == [0]


@pytest.mark.parametrize("after_s", [0.0, 0.2, 50.0])
async def test_being_cancelled_ends_it_in_the_part_and_in_a_pause(after_s: float) -> None:
    await kept_alive(Part(KeyError(), lasts_s=0.1), after_s)
