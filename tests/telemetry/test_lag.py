import asyncio
import time

import pytest

from feddns.telemetry.lag import Lag

pytestmark = pytest.mark.servers  # as it takes most of a second


async def test_what_holds_the_event_loop_up_is_seen() -> None:
    lag = Lag()
    work = asyncio.create_task(lag.run())
    await asyncio.sleep(0.45)
    time.sleep(0.2)  # noqa: ASYNC251 - which is what it must not do
    while not lag.histogram.count:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
    work.cancel()
    assert 0.1 < lag.histogram.sum < 5
