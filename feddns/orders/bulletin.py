"""What every store does with the orders that it sees: pass on what is news, and tell trouble once."""

import asyncio
from collections.abc import Callable

from feddns.model.orders import NO_ORDERS, Orders
from feddns.telemetry.events import LogEvent, log


class Bulletin:
    """Passes on each change of what is ordered, and tells trouble once."""

    def __init__(self, place: str, known: asyncio.Event, seen: Callable[[Orders], None]) -> None:
        """Know nothing yet.

        Args:
            place: where the orders are, for the log.
            known: to be set once they are known.
            seen: told of them.
        """
        self._place = place
        self._known = known
        self._seen = seen
        self._orders: Orders | None = None
        self._trouble = ""

    def tell(self, orders: Orders) -> None:
        """Pass on what is ordered, where that is news."""
        self._trouble = ""
        before, self._orders = self._orders, orders
        if orders == before:
            return
        if orders != (before or NO_ORDERS):
            log(LogEvent.ORDERS_CHANGED, kept_in=self._place, **_told(orders))
        self._seen(orders)
        self._known.set()

    def trouble(self, reason: str) -> None:
        """Log why the orders cannot be known now."""
        if reason != self._trouble:
            self._trouble = reason
            log(LogEvent.ORDERS_UNREADABLE, kept_in=self._place, reason=reason)


def _told(orders: Orders) -> dict[str, object]:
    return {
        "drained": sorted(orders.drains),
        "evicted": sorted(orders.evictions),
        "frozen": orders.freeze is not None,
    }
