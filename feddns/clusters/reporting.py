"""Problems of Services in the log, each once until it changes."""

import asyncio
from typing import Final

from feddns.clusters.view import ClusterView, Report
from feddns.telemetry.events import LogEvent, log

REPORT_EVERY_S: Final = 1.0


class ProblemLog:
    """Remembers which problems of a view's Services were told, so that each is told once until it changes."""

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        self._told: set[Report] = set()

    def new(self) -> list[Report]:
        """The problems that were not told yet, in order; those that are over are forgotten."""
        present = set(self._view.troubles())
        self._told &= present
        return sorted(present - self._told)

    def tell(self, report: Report) -> None:
        """Write one problem to the log, and count it as told."""
        self._told.add(report)
        key, _, problem = report
        log(LogEvent.PROBLEM, cluster=self._view.name, service=str(key), reason=problem.reason, text=problem.text)


async def log_problems(view: ClusterView) -> None:
    """Write problems of the view's Services to the log, until cancelled."""
    problems = ProblemLog(view)
    while True:
        for report in problems.new():
            problems.tell(report)
        await asyncio.sleep(REPORT_EVERY_S)
