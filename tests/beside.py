"""What is at work beside a test."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


@asynccontextmanager
async def beside(*parts: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """These run for as long as the context lasts; an error that one raises fails the test."""
    tasks = list(map(asyncio.create_task, parts))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
