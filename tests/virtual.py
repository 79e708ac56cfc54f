"""An event loop in virtual time, for property tests: each example has a loop of its own."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import looptime


def virtually(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, with sleeps that take no time."""
    with asyncio.Runner(loop_factory=looptime.new_event_loop) as runner:
        runner.run(main)
