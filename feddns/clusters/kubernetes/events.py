"""What the owners of Services should know, told as Events beside the Service; and problems of Services in the log."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from feddns.clusters.allowance import Allowance
from feddns.clusters.backoff import Backoff
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.kubernetes.recorder import Recorder, Saying
from feddns.clusters.reporting import REPORT_EVERY_S, ProblemLog
from feddns.clusters.view import ClusterView, Report
from feddns.errors import ClusterError
from feddns.model.notices import Notice, Turn
from feddns.model.services import ServiceKey
from feddns.turns import in_turns

_MOST_AT_ONCE: Final = 20
"""Events a second; the rest follow in the next seconds."""

_AT_ONCE: Final = 256
"""So many problems are looked at in a row: half a millisecond."""

Due = tuple[Saying, Callable[[], None]]
"""What is to be said, and what is to be called once it was."""


class EventReporter:
    """Tells the owners of a view's Services what they should know.

    What is to be said is looked up when it can be: what was over by then, or turned back, is not said at all. A problem
    is said again only after it was over, and a turn is counted up in the Event of the one before it.

    Args:
        view: of the cluster.
        access: the way to its API server.
        longest_backoff_s: seconds between two attempts while it cannot be reached.
        clock: gives seconds since the epoch.
    """

    def __init__(self, view: ClusterView, access: Access, longest_backoff_s: float, clock: Callable[[], float]) -> None:
        self._view = view
        self._clock = clock
        self._recorder = Recorder(view.name, access, clock)
        self._backoff = Backoff(longest_backoff_s)
        self._allowance = Allowance()
        self._problems = ProblemLog(view)
        self._said: set[Report] = set()

    async def run(self) -> None:
        """Tell of what is so now and of what turns from now on, until cancelled."""
        self._view.news.clear()  # what turned until now was for others to tell
        while True:
            pause_s = await self._turn()
            await asyncio.sleep(pause_s)

    async def _turn(self) -> float:
        await self._problems.tell()
        try:
            await self._say(await self._unsaid())
        except Refused as error:
            return max(REPORT_EVERY_S, self._backoff.failed(error.retry_after_s))
        except ClusterError:  # the cluster's watchers tell of that
            return max(REPORT_EVERY_S, self._backoff.failed())
        self._backoff.succeeded()
        return REPORT_EVERY_S

    async def _unsaid(self) -> list[Report]:
        """The problems that were not said yet; those that are over are forgotten."""
        present, unsaid = set[Report](), dict[Report, None]()
        async for report in in_turns((*self._view.troubles(), *self._view.concerns()), _AT_ONCE):
            present.add(report)
            if report not in self._said:
                unsaid[report] = None
        self._said &= present
        return list(unsaid)

    async def _say(self, reports: Iterable[Report]) -> None:
        """Say what is due, as much of it as may be said at once."""
        now, left = self._clock(), _MOST_AT_ONCE
        self._allowance.tidy(now)
        for saying, said in self._due(reports):
            if self._allowance.is_left(saying.uid, now):
                await self._recorder.say(saying)
                self._allowance.take(saying.uid, now)
                said()
                left -= 1
            if not left:
                return

    def _due(self, reports: Iterable[Report]) -> Iterator[Due]:
        """What is to be said, warnings first, each made only when it is its turn."""
        for report in reports:
            key, uid, problem = report
            saying = Saying(key, uid, "Warning", problem.reason, problem.text, problem.text, counts=False)
            yield saying, partial(self._said.add, report)
        news = sorted(self._view.news.waiting(), key=lambda each: each[1].turn.type == "Normal")
        for key, notice in news:
            if (its_uid := self._view.uid(key)) is not None:
                yield _of_notice(key, its_uid, notice), partial(self._view.news.told, key, notice)


def _of_notice(key: ServiceKey, uid: str, notice: Notice) -> Saying:
    turn: Turn = notice.turn
    return Saying(key, uid, turn.type, turn.reason, notice.text, notice.topic, counts=True)
