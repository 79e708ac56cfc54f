"""Long work in short pieces: one event loop answers DNS and carries changes alike, and nothing else may hold it up."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def in_turns(everything: Iterable[T], at_once: int) -> AsyncIterator[T]:
    """Each of these, as they are when this begins.

    Args:
        everything: what is to be looked at.
        at_once: so many are looked at in a row, before all else that runs has its turn.
    """
    for number, each in enumerate(tuple(everything), 1):
        yield each
        if number % at_once == 0:
            await asyncio.sleep(0)
