"""The loop of one target: for each service that was touched, look, decide, and have it written."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from feddns.controller.judging import Judging
from feddns.controller.problems import ProblemLog
from feddns.controller.touched import Touched
from feddns.controller.views import Views
from feddns.decide import Policy, decide
from feddns.model.assessments import Assessment
from feddns.model.decisions import Decision, Memory
from feddns.model.services import ServiceKey
from feddns.providers.writer import ZoneWriter

_FIRST_SIGHT_S: Final = 2.0
"""How long the first decisions wait for the last cluster: they are right without it, but would be made twice."""


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

    async def run(self, touched: Touched) -> None:
        """Decide what is touched, until cancelled."""
        await self._writer.known.wait()
        await self._first_sight()
        touched.services(self.everything())
        async for keys, were_last in touched.chunks(self.everything):
            self.turn(keys)
            self._writer.go(all_decided=were_last)

    def turn(self, keys: Iterable[ServiceKey]) -> list[Decision]:
        """Look at services and have written what follows."""
        decisions = [self._decide(assessment) for assessment in self._judging.assessments(keys)]
        for decision in decisions:
            self._writer.want(decision)
        return decisions

    def decide(self, key: ServiceKey) -> Decision:
        """Decide one service, and remember it."""
        (assessment,) = self._judging.assessments((key,))
        return self._decide(assessment)

    def _decide(self, assessment: Assessment) -> Decision:
        key = assessment.key
        decision = decide(assessment, self._writer.agenda.published(key), self._memory.get(key, {}), self._policy)
        self._remember(decision)
        return decision

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
        self._problems.tell(self, decision, self._views.reported(decision.key))
