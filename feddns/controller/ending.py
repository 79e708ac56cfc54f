"""How feddns ends: nothing is cut in two, another replica takes over at once, and no client meets a closed door."""

import asyncio
import os
import signal
import threading
from typing import Final

from feddns.controller.assemble import Federation
from feddns.providers.base import Lingering
from feddns.providers.gate import Gate
from feddns.telemetry.events import LogEvent, log

BATCH_S: Final = 2.0
"""How long a batch that is under way may take yet."""

_HAND_OVER_S: Final = 3.0
"""So long that may take together with giving up the lease."""

_REST_S: Final = 1.5
"""So long parts and providers have after that to put away what they hold."""


class Ending:
    """Ends feddns at the first signal, in good order and in a few seconds; at the second one at once.

    From the first signal on it is not ready, so that Kubernetes leads nobody here any more. Whoever does not know that
    yet is still answered by the embedded server for a while, as by CoreDNS (its `lameduck`).

    Args:
        federation: all parts.
        work: what is cancelled in the end.
    """

    def __init__(self, federation: Federation, work: "asyncio.Task[None]") -> None:
        self._federation = federation
        self._work = work
        self._ending: asyncio.Task[None] | None = None

    def ask(self, number: signal.Signals) -> None:
        """End, as a signal says; a person at a terminal (SIGINT) is not kept waiting for clients."""
        if self._ending is not None:
            log(LogEvent.STOPPED, signals=2)
            os._exit(128 + number)
        self._federation.is_ending = True
        linger_s = 0.0 if number is signal.SIGINT else self._linger_s()
        _end_within(max(linger_s, _HAND_OVER_S) + _REST_S)
        self._ending = asyncio.create_task(self._end(linger_s), name="ending")

    async def _end(self, linger_s: float) -> None:
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._linger(linger_s))
                both.create_task(self._hand_over())
        finally:
            self._work.cancel()

    async def _linger(self, seconds: float) -> None:
        """Have what is answered from here follow the clusters for as long as somebody asks."""
        await asyncio.sleep(seconds)
        await asyncio.gather(*(gate.shut() for gate in self._gates(lingering=True)))

    async def _hand_over(self) -> None:
        """Let what is being written come to its end, begin nothing new, and let another replica lead."""
        try:
            async with asyncio.timeout(BATCH_S):
                await asyncio.gather(*(gate.shut() for gate in self._gates(lingering=False)))
        except TimeoutError:
            # It may still be carried out, so nobody is invited: the lease runs out by itself.
            log(LogEvent.ABANDONED, what="a batch", reason=f"it takes longer than {BATCH_S:g} s")
        else:
            await self._federation.leadership.release()

    def _gates(self, *, lingering: bool) -> list[Gate]:
        targets = self._federation.targets
        return [each.writer.gate for each in targets if isinstance(each.provider, Lingering) is lingering]

    def _linger_s(self) -> float:
        providers = (target.provider for target in self._federation.targets)
        return max((each.lameduck_s for each in providers if isinstance(each, Lingering)), default=0.0)


def _end_within(seconds: float) -> None:
    """End the process by then, whatever it is doing: a request that hangs in a thread would be waited for."""

    def end() -> None:
        log(LogEvent.ABANDONED, what="what was under way", reason=f"feddns was to end within {seconds:g} s")
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
