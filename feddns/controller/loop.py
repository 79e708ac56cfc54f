"""The loop of one target: for each service that was touched, look, decide, and have it written."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from feddns.controller.judging import Judging
from feddns.controller.notices import of_moves
from feddns.controller.problems import ProblemLog
from feddns.controller.touched import Touched
from feddns.controller.views import Views
from feddns.decide import Policy, decide
from feddns.model.assessments import Assessment
from feddns.model.decisions import Decision, Memory
from feddns.model.services import ServiceKey
from feddns.plan.moves import moves
from feddns.plan.proposal import ServiceChanges
from feddns.providers.writer import ZoneWriter
from feddns.turns import in_turns

_FIRST_SIGHT_S: Final = 2.0
"""How long the first decisions wait for the last cluster: they are right without it, but would be made twice."""

_FILL_PATIENCE_S: Final = 5.0
"""How long an empty zone waits for the last cluster before it is answered from; one that is down may be so for days."""

_TOLD_AT_ONCE: Final = 64
"""So many services' owners are told in a row: of a cluster that fails, all names move in one batch."""

_NO_CHANGES: Final[Mapping[ServiceKey, float]] = {}


class Loop:
    """Owns the memory of what was decided."""

    def __init__(
        self,
        judging: Judging,
        views: Views,
        writer: ZoneWriter,
        policy: Policy,
        clock: Callable[[], float],
        problems: ProblemLog,
    ) -> None:
        self._judging = judging
        self._views = views
        self._writer = writer
        self._policy = policy
        self._clock = clock
        self._problems = problems
        self._memory: dict[ServiceKey, Memory] = {}
        self._is_filled = False
        self._is_caught_up = False
        self._fill_until = -math.inf
        writer.course.settled = judging.failovers.follow(self)
        writer.course.written = self._announce

    def follow(self, policy: Policy) -> None:
        """Decide by another policy from now on, for the same names."""
        self._policy = policy

    async def run(self, touched: Touched) -> None:
        """Decide what is touched, until cancelled."""
        await self._writer.known.wait()
        with self._judging.recalling(self._writer.agenda.published):
            await self._keep_deciding(touched)

    async def _keep_deciding(self, touched: Touched) -> None:
        self._is_filled |= self._writer.agenda.claim is not None
        self._fill_until = self._clock() + _FILL_PATIENCE_S
        await self._first_sight()
        everything = self.everything()
        self._is_caught_up |= not everything
        touched.begin(everything)
        async for since, were_last in touched.chunks(self.everything):
            self.turn(since, since)
            self._writer.go(all_decided=were_last)
            self._is_caught_up |= were_last

    @property
    def is_filled(self) -> bool:
        """Whether the zone can be answered from: it was ours before, or has what the clusters show.

        An empty zone would tell resolvers that no service exists, and they remember that. Who knows of no cluster, as
        before the first one joins, knows of no service either.
        """
        if not self._is_filled:
            now, agenda = self._clock(), self._writer.agenda
            sees_all = bool(self._views.states(now)) and self._views.all_visible(now)
            has_all = sees_all and self._is_caught_up and not agenda.waiting
            self._is_filled = has_all or (now >= self._fill_until and agenda.claim is not None)
        return self._is_filled

    def turn(self, keys: Iterable[ServiceKey], since: Mapping[ServiceKey, float] = _NO_CHANGES) -> list[Decision]:
        """Look at services and have written what follows.

        Args:
            keys: the services.
            since: when they changed, in seconds since the epoch; infinite or nothing where they did not.
        """
        decisions = [self._decide(assessment) for assessment in self._judging.assessments(keys)]
        for decision in decisions:
            self._writer.want(decision, since.get(decision.key, math.inf))
        return decisions

    def decide(self, key: ServiceKey) -> Decision:
        """Decide one service, and remember it."""
        (assessment,) = self._judging.assessments((key,))
        return self._decide(assessment)

    def retold(self, key: ServiceKey) -> Decision | None:
        """The decision that follows from what is believed of a service; None where that is nothing.

        It judges, remembers and writes nothing.
        """
        believed = self._judging.believed(key)
        if believed is None:
            return None
        return decide(believed, self._writer.agenda.published(key), self._memory.get(key, {}), self._policy)

    def _decide(self, assessment: Assessment) -> Decision:
        key = assessment.key
        decision = decide(assessment, self._writer.agenda.published(key), self._memory.get(key, {}), self._policy)
        self._remember(decision)
        self._problems.tell(self, assessment, decision, self._views)
        return decision

    async def _announce(self, written: Iterable[ServiceChanges]) -> None:
        """Have the owners of services told of the names that have moved."""
        async for service in in_turns(written, _TOLD_AT_ONCE):
            moved = tuple(moves(service.changes, self._policy.names))
            believed = self._judging.believed(service.key) if moved else None
            if believed is not None:
                self._views.announce(service.key, of_moves(moved, believed))

    def everything(self) -> set[ServiceKey]:
        """Every service that a cluster shows, the zone holds or a decision was made on."""
        return {*self._views.keys(), *self._writer.agenda.keys(), *self._judging.keys(), *self._memory}

    async def _first_sight(self) -> None:
        try:
            async with asyncio.timeout(_FIRST_SIGHT_S):
                while not self._views.all_visible(self._clock()):  # noqa: ASYNC110 - a matter of time, which nothing tells
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return

    def _remember(self, decision: Decision) -> None:
        if decision.memory:
            self._memory[decision.key] = decision.memory
        else:
            self._memory.pop(decision.key, None)
