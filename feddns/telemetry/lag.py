"""How late the event loop is: whatever holds it up holds up DNS answers and changes alike."""

import asyncio
from typing import Final

from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric

_LOOK_S: Final = 0.5


class Lag:
    """Measures by a timer.

    Attributes:
        histogram: seconds that the timer came late.
        tasks: how many tasks the event loop had at the last look.
    """

    def __init__(self) -> None:
        self.histogram = Histogram(Metric.EVENT_LOOP_LAG.bounds)
        self.tasks = 0

    async def run(self) -> None:
        """Measure until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due_at = clock() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self.histogram.observe(max(0.0, clock() - due_at))
            self.tasks = len(asyncio.all_tasks())
