"""The clock that everything is judged by: seconds since the epoch that never jump."""

import time
from collections.abc import Callable
from typing import Final

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts the time that the machine was suspended, too, where there is such a clock (clock_gettime(2))."""


class SteadyClock:
    """Begins at the wall clock's time and goes on evenly, whatever is done to the wall clock.

    A wall clock that is set forward would make every cluster look silent, and one that is set back every silent cluster
    look alive.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(_BOOTTIME),
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()

    def __call__(self) -> float:
        """The time now."""
        return self._steady() + self._offset

    def ahead_of_wall(self) -> float:
        """Seconds that this clock is ahead of the wall clock, by which what others have dated must be moved."""
        return self() - self._wall()


STEADY: Final = SteadyClock()
"""The one of this process, so that all its parts agree."""
