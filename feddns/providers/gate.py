"""The gate that a writer's batches pass one by one: it is open while this process may write."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from feddns.errors import Unavailable


def _always() -> bool:
    return True


class Gate:
    """Open, unless somebody guards it; shut for good at the end."""

    def __init__(self) -> None:
        self._may_pass: Callable[[], bool] = _always
        self._is_shut = False
        self._passage: asyncio.Timeout | None = None
        self._is_clear = asyncio.Event()
        self._is_clear.set()

    @property
    def is_open(self) -> bool:
        """Whether a batch may pass now."""
        return not self._is_shut and self._may_pass()

    def guard(self, may_pass: Callable[[], bool]) -> None:
        """Have each batch pass only where this says so at that moment."""
        self._may_pass = may_pass

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """One batch passes inside.

        Raises:
            Unavailable: it was cut off; it may have been taken or not.
        """
        self._is_clear.clear()
        try:
            async with asyncio.timeout(None) as passage:
                self._passage = passage
                yield
        except TimeoutError:
            if not passage.expired():
                raise
            raise Unavailable("the batch was given up, as this replica leads no more", outcome_unknown=True) from None
        finally:
            self._passage = None
            self._is_clear.set()

    def cut(self) -> None:
        """Give up the batch that is passing: another may write from now on."""
        if self._passage is not None and not self._passage.expired():
            self._passage.reschedule(asyncio.get_running_loop().time())

    async def shut(self) -> None:
        """Let no further batch pass; returns once none is passing."""
        self._is_shut = True
        await self._is_clear.wait()
