"""A store that is watched: what it has told so far, and what it has logged."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog.testing

from feddns.model.orders import Orders
from feddns.orders.store import OrderStore
from feddns.telemetry.events import LogEvent
from tests.beside import beside


@asynccontextmanager
async def watched(store: OrderStore) -> AsyncIterator[list[Orders]]:
    """What the watch tells, as it comes; an error that it raises fails the test."""
    told: list[Orders] = []
    async with beside(store.watch(told.append)):
        yield told


@contextmanager
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The lines of the log, as they come."""
    with structlog.testing.capture_logs() as lines:
        yield lines


def troubles(lines: list[MutableMapping[str, Any]]) -> list[str]:
    """The reasons why orders could not be read, as logged."""
    return [line["reason"] for line in lines if line["event"] == LogEvent.ORDERS_UNREADABLE.message]
