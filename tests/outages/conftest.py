"""Runs the outages that are asked for side by side, so that all of them together take a few minutes."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import pytest
import pytest_asyncio

from tests.lab.cluster import Cluster
from tests.lab.federation import Lab
from tests.outages.background import Background
from tests.outages.federation import VICTIM, a_federation
from tests.outages.outages import Together
from tests.outages.playing import Case, Course, play

AT_ONCE: Final = 6

Outcomes = Mapping[Case, asyncio.Task[Course]]


class Turn:
    """Cases that may be under way at the same time: those that share an outage, or those that share none.

    Attributes:
        over: set once all have been played.
    """

    def __init__(self, shared: str, parties: int, cluster: Cluster, before: "Turn | None") -> None:
        """Plan a turn.

        Args:
            shared: the outage that its cases share; empty where they share none.
            parties: how many cases it has.
            cluster: the one that a shared outage is of.
            before: the turn that is to be over first.
        """
        self._together = Together(shared, cluster, parties) if shared else None
        self._room = asyncio.Semaphore(parties if shared else AT_ONCE)
        self._left = parties
        self._before = before
        self.over = asyncio.Event()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Together | None]:
        """Wait for the turn; gives what the case shares with others."""
        is_played = False
        try:
            if self._before is not None:
                await self._before.over.wait()
            async with self._room:
                yield self._together
            is_played = True
        finally:
            self._left -= 1
            if not self._left:
                self.over.set()
            if self._together is not None and not is_played:
                await self._together.give_up()


@pytest.fixture(scope="module")
def background() -> Iterator[Background]:
    """Where load balancers and wires live."""
    with Background() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes(
    request: pytest.FixtureRequest, clusters: Lab, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Outcomes]:
    """The cases that are asked for, under way; each test waits for its own."""
    cases = [case for item in request.session.items if (case := _case(item)) is not None]
    turns = _turns(cases, clusters[VICTIM])

    async def run(case: Case) -> Course:
        async with turns[case.outage.shared].taken() as together:
            folder = tmp_path_factory.mktemp("outage")
            async with a_federation(clusters, background, folder) as federation:
                return await play(federation, case, together)

    async with clusters.connect():
        playing = {case: asyncio.create_task(run(case)) for case in cases}
        try:
            yield playing
        finally:
            for task in playing.values():
                task.cancel()
            await asyncio.gather(*playing.values(), return_exceptions=True)
            await clusters.heal()


def _turns(cases: list[Case], cluster: Cluster) -> dict[str, Turn]:
    turns: dict[str, Turn] = {}
    before: Turn | None = None
    for shared in dict.fromkeys(case.outage.shared for case in cases):
        parties = sum(case.outage.shared == shared for case in cases)
        before = turns[shared] = Turn(shared, parties, cluster, before)
    return turns


def _case(item: pytest.Item) -> Case | None:
    """What a test waits for; None where it is none of ours."""
    callspec = getattr(item, "callspec", None)
    case = None if callspec is None else callspec.params.get("case")
    return case if isinstance(case, Case) else None
