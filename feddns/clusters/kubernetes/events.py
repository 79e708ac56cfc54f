"""Problems of Services, told to their owners as Warning Events beside the Service, and in the log."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from feddns.clusters.backoff import Backoff
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.reporting import REPORT_EVERY_S, ProblemLog, Report
from feddns.clusters.view import ClusterView
from feddns.errors import ClusterError
from feddns.model.services import Problem, ServiceKey
from feddns.telemetry.events import LogEvent, log

_MOST_AT_ONCE: Final = 20  # Events a second; the rest follow in the next seconds
_MOST_MESSAGE: Final = 1024  # as validation of Events has it
_CLOSED_S: Final = 600.0
_COMPONENT: Final = "feddns"
# It is there already; or its Service or namespace has just gone; or it is not to this API server's taste.
_FOR_GOOD: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})


class EventReporter:
    """Writes problems of a view's Services to the log and as Events to their cluster.

    An Event is named after what it says, so that a restart, or a second replica, does not say it again while the API
    server still keeps it.

    Args:
        view: of the cluster.
        access: the way to its API server.
        longest_backoff_s: seconds between two attempts while it cannot be reached.
        clock: gives seconds since the epoch.
    """

    def __init__(self, view: ClusterView, access: Access, longest_backoff_s: float, clock: Callable[[], float]) -> None:
        self._view = view
        self._access = access
        self._clock = clock
        self._backoff = Backoff(longest_backoff_s)
        self._problems = ProblemLog(view)
        self._unsent: dict[Report, None] = {}
        self._closed: dict[str, float] = {}
        self._is_refusal_told = False

    async def run(self) -> None:
        """Look for new problems until cancelled."""
        while True:
            pause_s = await self._turn()
            await asyncio.sleep(pause_s)

    async def _turn(self) -> float:
        for report in self._problems.new():
            self._problems.tell(report)
            self._unsent[report] = None
        try:
            for report in list(self._unsent)[:_MOST_AT_ONCE]:
                await self._send(report)
                del self._unsent[report]
        except Refused as error:
            return max(REPORT_EVERY_S, self._backoff.failed(error.retry_after_s))
        except ClusterError:  # the cluster's watchers tell of that
            return max(REPORT_EVERY_S, self._backoff.failed())
        self._backoff.succeeded()
        return REPORT_EVERY_S

    async def _send(self, report: Report) -> None:
        key, uid, problem = report
        now = self._clock()
        if now < self._closed.get(key.namespace, now):
            return
        body = event(key, uid, problem, datetime.fromtimestamp(now, UTC))
        try:
            await self._access.post(f"/api/v1/namespaces/{key.namespace}/events", body)
        except Refused as error:
            if error.status == HTTPStatus.FORBIDDEN:
                self._close(key.namespace, now, error)
            elif error.status not in _FOR_GOOD:
                raise

    def _close(self, namespace: str, now: float, error: Refused) -> None:
        """Send nothing to this namespace for a while: Events are not allowed there, or it is being deleted."""
        self._closed[namespace] = now + _CLOSED_S
        if not self._is_refusal_told:
            self._is_refusal_told = True
            log(LogEvent.EVENTS_REFUSED, cluster=self._view.name, error=str(error))


def event(key: ServiceKey, uid: str, problem: Problem, now: datetime) -> dict[str, Any]:
    """A core/v1 Event about a Service."""
    digest = hashlib.sha256(f"{uid}\0{problem.reason}\0{problem.text}".encode()).hexdigest()[:16]
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{key.name[:200]}.{digest}", "namespace": key.namespace},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Service",
            "namespace": key.namespace,
            "name": key.name,
            "uid": uid,
        },
        "type": "Warning",
        "reason": problem.reason,
        "message": problem.text[:_MOST_MESSAGE],
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }
