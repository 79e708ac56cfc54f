"""What operators order, made known to those who judge and those who write."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from feddns.clock import SteadyClock
from feddns.controller.assemble import Observatory
from feddns.controller.targets import Target
from feddns.model.orders import NO_ORDERS, Drain, Orders, shifted
from feddns.model.topology import ClusterName
from feddns.orders.telling import freeze_notice
from feddns.telemetry.events import LogEvent, log

_GLANCE_S: Final = 1.0
"""How often it is looked whether the wall clock was set."""

_JUMP_S: Final = 1.0
"""By less than this clocks are set all the time."""


def act_on(orders: Orders, seen: Observatory, targets: Iterable[Target]) -> None:
    """Judge and write under these orders from now on.

    Args:
        orders: all that is ordered, dated by the clock of those who judge.
        seen: where it is judged.
        targets: what is written.
    """
    seen.judging.order(orders)
    for target in targets:
        _freeze(target, orders)


def _freeze(target: Target, orders: Orders) -> None:
    target.writer.frozen = "" if orders.freeze is None else freeze_notice(orders.freeze)


class Ordering:
    """Passes on what is ordered.

    Orders are dated by the wall clocks of those who gave them, and judged by a clock that never jumps; so their dates
    are moved whenever the two have come apart. But what is ordered was ordered before it was seen, whatever the date
    says, and goes on from then: no clock that is set later brings back the clients of a cluster that they have left.
    """

    def __init__(self, seen: Observatory, targets: Callable[[], Iterable[Target]], clock: SteadyClock) -> None:
        """Know nothing yet.

        Args:
            seen: where it is judged.
            targets: tells what is written.
            clock: that of those who judge.
        """
        self._seen = seen
        self._targets = targets
        self._clock = clock
        self._orders = NO_ORDERS
        self._drained_at: dict[tuple[ClusterName, float], float] = {}
        self._ahead_s = clock.ahead_of_wall()
        self.admit(targets())

    def admit(self, targets: Iterable[Target]) -> None:
        """Have targets that have come begin under what is ordered."""
        for target in targets:
            if self._seen.orders.known.is_set():
                _freeze(target, self._orders)
            else:
                where = self._seen.orders.describe()
                target.writer.hold(f"what is ordered is not known yet: {where} has not been read")

    async def run(self) -> None:
        """Follow the orders and the wall clock, until cancelled."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._seen.orders.watch(self.take))
            parts.create_task(self._watch_clock())

    def take(self, orders: Orders) -> None:
        """Act on what is ordered from now on."""
        self._orders = orders
        act_on(self._dated(), self._seen, self._targets())

    async def _watch_clock(self) -> None:
        while True:
            ahead_s = self._clock.ahead_of_wall()
            if abs(ahead_s - self._ahead_s) > _JUMP_S:
                log(LogEvent.CLOCK_JUMPED, seconds=round(self._ahead_s - ahead_s, 1))
                self._ahead_s = ahead_s
                self._seen.judging.order(self._dated())
            await asyncio.sleep(_GLANCE_S)

    def _dated(self) -> Orders:
        """The orders by the clock that judges."""
        now, moved = self._clock(), shifted(self._orders, self._ahead_s)
        known, self._drained_at = self._drained_at, {}
        drains: dict[ClusterName, Drain] = {}
        for cluster, drain in moved.drains.items():
            given = cluster, self._orders.drains[cluster].since
            self._drained_at[given] = known.get(given, min(drain.since, now))
            drains[cluster] = msgspec.structs.replace(drain, since=self._drained_at[given])
        return msgspec.structs.replace(moved, drains=drains)
