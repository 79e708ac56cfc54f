import asyncio
import time

import pytest

from feddns.probes.pulse import Pulse


async def test_time_in_which_the_loop_was_held_up_is_lost() -> None:
    pulse = Pulse()
    pulse.start()
    await asyncio.sleep(0.15)
    before = pulse.lost_s
    time.sleep(0.4)  # noqa: ASYNC251 - this is what is measured
    assert pulse.lost_s - before >= 0.28  # at most a beat of it goes unseen
    await asyncio.sleep(0.15)
    assert pulse.lost_s - before >= 0.28
    pulse.stop()


@pytest.mark.looptime
async def test_time_that_is_slept_is_not_lost() -> None:
    pulse = Pulse()
    assert pulse.lost_s == 0
    pulse.start()
    await asyncio.sleep(100)
    assert pulse.lost_s == 0
    pulse.stop()
    await asyncio.sleep(100)
    assert pulse.lost_s == 0
