"""One look at the clusters, for the commands that look, tell or act once and exit."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from feddns.controller.assemble import Federation, Observatory
from feddns.controller.supervise import keep_alive
from feddns.decide import decide
from feddns.errors import ProviderError
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.proposal import Plan, changed_services

_TICK_S: Final = 0.01

_LEAST_FOR_HOSTNAMES_S: Final = 1.0
"""So long host names are looked up at least, whatever is left of the time."""

_EXPLAIN_PATIENCE_S: Final = 5.0
"""So long an explanation waits for the zone: it tells much without it."""


@asynccontextmanager
async def watching(seen: Observatory, grace_s: float) -> AsyncIterator[None]:
    """Watch the clusters for a moment.

    The body begins when every cluster has been seen and its load balancers' host names are resolved, or `grace_s`
    seconds have passed; host names have a moment in any case.
    """
    tasks = [asyncio.create_task(keep_alive(source.view.name, source.run)) for source in seen.sources]
    try:
        await _until_seen(seen, grace_s)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_seen(seen: Observatory, grace_s: float) -> None:
    clock = asyncio.get_running_loop().time
    ends = clock() + grace_s
    with suppress(TimeoutError):
        async with asyncio.timeout_at(ends):
            while not seen.views.all_visible(time.time()):  # noqa: ASYNC110 - a matter of time, which nothing tells
                await asyncio.sleep(_TICK_S)
    for key in seen.views.keys():  # noqa: SIM118 - views are no mapping
        seen.views.sightings(key, time.time())  # which makes known what host names there are
    # A cluster that cannot be seen uses up all of the grace, and should not cost the others their host names.
    await seen.hostnames.resolve_all(max(ends - clock(), _LEAST_FOR_HOSTNAMES_S))


def decide_all(seen: Observatory) -> list[Decision]:
    """What should be, by service, as if the zone were empty."""
    now = time.time()
    return [decide(key, seen.views.sightings(key, now), (), {}, now, seen.policy) for key in sorted(seen.views.keys())]


async def plan(federation: Federation) -> tuple[Plan, list[Decision]]:
    """What would be done to the zone now, and the decisions that it follows from.

    Raises:
        ProviderError: the zone cannot be read.
    """
    await federation.writer.read()
    decisions = federation.loop.turn(sorted(federation.loop.everything()))
    return federation.writer.agenda.plan(time.time()), decisions


async def apply(federation: Federation) -> tuple[Plan, list[Decision]]:
    """Do what is to be done to the zone now, but what the budget holds or the zone refuses.

    Returns:
        What was done with all that is left undone, and the decisions that it follows from.

    Raises:
        ProviderError: the zone cannot be read or written.
    """
    agenda, touched = federation.writer.agenda, federation.observatory.touched
    _, decisions = await plan(federation)
    before = {key: agenda.published(key) for key in agenda.keys()}  # noqa: SIM118 - an agenda is no mapping
    await federation.writer.write_all()
    while keys := touched.take(federation.loop.everything):  # what moved meanwhile, in the clusters or in the zone
        federation.loop.turn(keys)
        if touched.is_empty:
            await federation.writer.write_all()
    after = {key: agenda.published(key) for key in agenda.keys()}  # noqa: SIM118 - likewise
    done = msgspec.structs.replace(agenda.plan(time.time()), services=changed_services(before, after))
    return done, decisions


async def explain(federation: Federation, key: ServiceKey) -> tuple[Decision, tuple[RecordSet, ...] | None, str]:
    """The decision on one service, its records in the zone, and why that could not be read where it could not."""
    writer = federation.writer
    try:
        await writer.read(_EXPLAIN_PATIENCE_S)
    except ProviderError as error:
        return federation.loop.decide(key), None, str(error)
    return federation.loop.decide(key), writer.agenda.published(key), ""


def troubles(seen: Observatory, decisions: Iterable[Decision]) -> list[str]:
    """A line for each thing that a person should put right, other than clusters that cannot be seen."""
    states = seen.views.states(time.time())
    found = [problem for state in states for problem in state.problems if problem.text not in state.reason]
    for decision in decisions:
        found.extend(decision.problems)
        for verdict in decision.verdicts:
            found.extend(() if verdict.shard is None else verdict.shard.problems)
    return [f"{problem.reason}: {problem.text}" for problem in found]


def unseen(seen: Observatory, consequence: str) -> list[str]:
    """A line for each cluster that cannot be seen, with what follows from that, for people."""
    return [
        f"cluster {state.name} cannot be seen, so {consequence}: {state.reason}"
        for state in seen.views.states(time.time())
        if state.sight is not Sight.VISIBLE
    ]
