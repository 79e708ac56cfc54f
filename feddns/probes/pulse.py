"""Whether our own process was there to hear an answer.

A process that was stopped, starved of CPU or busy elsewhere finds every time limit run out when it comes back, and
connections that the others have given up. That says something of us and nothing of them.
"""

import asyncio
from typing import Final

_BEAT_S: Final = 0.1
_UNNOTICED_S: Final = 0.05


class Pulse:
    """Measures the time in which the event loop did not turn, while it is started; it wakes the process to do so."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._lost_s = 0.0

    @property
    def lost_s(self) -> float:
        """Seconds lost so far; what an interval has lost is the difference of two readings."""
        return self._lost_s + self._overdue_s()

    def start(self) -> None:
        """Measure the running event loop, if that is not done already."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._beat = self._loop.call_later(_BEAT_S, self._next)

    def stop(self) -> None:
        """Measure no more until it is started again."""
        self._lost_s += self._overdue_s()
        if self._beat is not None:
            self._beat.cancel()
        self._beat = self._loop = None

    def _next(self) -> None:
        self._lost_s += self._overdue_s()
        if self._loop is not None:
            self._beat = self._loop.call_later(_BEAT_S, self._next)

    def _overdue_s(self) -> float:
        if self._loop is None or self._beat is None:
            return 0.0
        overdue_s = self._loop.time() - self._beat.when()
        return overdue_s if overdue_s > _UNNOTICED_S else 0.0
