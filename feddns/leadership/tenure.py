"""How long this replica may write, by a clock that never jumps; and who is told when that begins and ends."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

from feddns.telemetry.events import LogEvent, log

_A_HAIR_S: Final = 0.001
"""Timers may fire that much before their time; and theirs stands still while the machine sleeps."""


class Led(Protocol):
    """Something that only the leader does."""

    def begin(self) -> None:
        """Do it from now on; another has done it until now."""

    def end(self) -> None:
        """Do it no more."""


class Tenure:
    """The time of one leader, which each renewal of its lease extends; to be used inside a running event loop.

    It is over when its time is, whatever the event loop was kept from doing by then: a process that was stopped, or a
    machine that slept, wakes up without it.

    Args:
        clock: gives seconds that go on evenly, also while the process is stopped.
        until: when it ends, if it has begun.
    """

    def __init__(self, clock: Callable[[], float], until: float = -math.inf) -> None:
        self._clock = clock
        self._until = until
        self._led: Callable[[], Iterable[Led]] = tuple
        self._begun = asyncio.Event()
        self._ended = asyncio.Event()
        (self._begun if self.lasts() else self._ended).set()
        self._timer: asyncio.TimerHandle | None = None

    def lasts(self) -> bool:
        """Whether this replica may write now."""
        return self._clock() < self._until

    def tell(self, led: Callable[[], Iterable[Led]]) -> None:
        """Have told of each beginning and end what this gives at that moment."""
        self._led = led

    def extend(self, until: float) -> bool:
        """Let it last until then, by the clock; whether it was over, and so has begun anew."""
        is_new = not self.lasts()
        if is_new:
            self._run_out()
            for led in self._led():  # before the first of them may write: what they know is old
                led.begin()
            self._ended.clear()
            self._begun.set()
        self._until = until
        self._set_timer()
        return is_new

    def end(self) -> None:
        """Let it end now."""
        self._until = -math.inf
        self._note_end()

    def lose(self) -> None:
        """Let it end now, as the lease is another's; nothing where it is over."""
        self._until = -math.inf
        self._run_out()

    async def while_it_lasts(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work whenever this replica leads, and only then; until cancelled, or until the work ends by itself.

        Args:
            work: made anew each time; cancelled where the leader's time ends.
        """
        while True:
            await self._begun.wait()
            working = asyncio.ensure_future(work())
            ending = asyncio.ensure_future(self._ended.wait())
            try:
                await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
            finally:
                working.cancel()
                ending.cancel()
                await asyncio.wait((working, ending))
            if not working.cancelled():  # it ended by itself, or failed to end
                return working.result()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        left_s = max(_A_HAIR_S, self._until - self._clock())
        self._timer = asyncio.get_running_loop().call_later(left_s, self._look)

    def _look(self) -> None:
        if self.lasts():
            self._set_timer()
        else:
            self._run_out()

    def _run_out(self) -> None:
        """Take note that it is over though nobody has ended it."""
        if self._begun.is_set():
            log(LogEvent.LEADERSHIP_LOST)
        self._note_end()

    def _note_end(self) -> None:
        if self._begun.is_set():
            self._begun.clear()
            self._ended.set()
            for led in self._led():
                led.end()
