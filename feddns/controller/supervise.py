"""Keeps the parts of feddns alive: what one of them did not foresee is logged, and never the end of the others."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from feddns.errors import ProviderError
from feddns.telemetry.events import LogEvent, log

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0


async def keep_alive(name: str, part: Callable[[], Awaitable[None]], fatal: tuple[type[Exception], ...] = ()) -> None:
    """Run a part until cancelled, and start it again after a pause whenever it ends.

    Args:
        name: of the part, for the log.
        part: makes the part's work, anew each time.
        fatal: errors that starting again cannot mend; they are raised.
    """
    pause_s = _FIRST_PAUSE_S
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await part()
            log(LogEvent.PART_FAILED, part=name, reason="it ended")
        except fatal:
            raise
        except Exception as error:  # noqa: BLE001 - the one place that keeps parts alive
            log(LogEvent.PART_FAILED, part=name, reason=repr(error), exc_info=not isinstance(error, ProviderError))
        if clock() - began > _LONGEST_PAUSE_S:
            pause_s = _FIRST_PAUSE_S
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter needs no secrecy
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
