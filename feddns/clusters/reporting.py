"""Problems of Services in the log, each once until it changes."""

import asyncio
from typing import Final

from feddns.clusters.view import ClusterView, Report
from feddns.telemetry.events import LogEvent, log
from feddns.turns import in_turns

REPORT_EVERY_S: Final = 1.0

_AT_ONCE: Final = 32
"""So many problems are looked at in a row; a line of the log takes some ten microseconds."""


class ProblemLog:
    """Remembers which problems of a view's Services were told, so that each is told once until it changes."""

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        self._told: set[Report] = set()

    async def tell(self) -> None:
        """Write the problems to the log that were not told yet; those that are over are forgotten."""
        present: set[Report] = set()
        async for report in in_turns(self._view.troubles(), _AT_ONCE):
            present.add(report)
            if report not in self._told:
                key, _, problem = report
                values = {"cluster": self._view.name, "service": str(key)}
                log(LogEvent.PROBLEM, **values, reason=problem.reason, text=problem.text)
        self._told = present


async def log_problems(view: ClusterView) -> None:
    """Write problems of the view's Services to the log, until cancelled."""
    problems = ProblemLog(view)
    while True:
        await problems.tell()
        await asyncio.sleep(REPORT_EVERY_S)
