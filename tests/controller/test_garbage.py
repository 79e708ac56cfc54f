import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from feddns.controller.garbage import EVERY_S, collect

pytestmark = pytest.mark.looptime


class Knot:
    """Something that holds itself, as an exception with its traceback does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def only_when_asked() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def test_what_holds_itself_is_gone_a_minute_later_and_what_was_there_before_within_the_hour() -> None:
    work = asyncio.create_task(collect())
    await asyncio.sleep(EVERY_S + 1)
    old = Knot()
    was_old = weakref.ref(old)
    await asyncio.sleep(60 * EVERY_S)  # by now it counts as what stays
    del old
    was_new = weakref.ref(Knot())
    await asyncio.sleep(EVERY_S)
    assert was_new() is None
    assert was_old() is not None
    await asyncio.sleep(60 * EVERY_S)
    assert was_old() is None
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert gc.get_freeze_count() == 0
