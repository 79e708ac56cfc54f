"""One look at the clusters, for the commands that look, tell or act once and exit."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from feddns.controller.assemble import Federation, Observatory
from feddns.decide import decide
from feddns.errors import ProviderError
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from feddns.plan.proposal import Plan

_TICK_S: Final = 0.01


@asynccontextmanager
async def watching(seen: Observatory, grace_s: float) -> AsyncIterator[None]:
    """Watch the clusters for a moment.

    The body begins when every cluster has been seen and its load balancers' host names are resolved, or `grace_s`
    seconds have passed.
    """
    tasks = [asyncio.create_task(source.run(), name=source.view.name) for source in seen.sources]
    try:
        await _until_seen(seen, grace_s)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_seen(seen: Observatory, grace_s: float) -> None:
    try:
        async with asyncio.timeout(grace_s):
            while not seen.views.all_visible(time.time()):  # noqa: ASYNC110 - a matter of time, which nothing tells
                await asyncio.sleep(_TICK_S)
            for key in seen.views.keys():  # noqa: SIM118 - views are no mapping
                seen.views.sightings(key, time.time())
            await seen.hostnames.resolve_all(grace_s)
    except TimeoutError:
        return


def decide_all(seen: Observatory) -> list[Decision]:
    """What should be, by service, as if the zone were empty."""
    now = time.time()
    return [decide(key, seen.views.sightings(key, now), (), {}, now, seen.policy) for key in sorted(seen.views.keys())]


async def plan(federation: Federation) -> Plan:
    """What would be done to the zone now.

    Raises:
        ProviderError: the zone cannot be read.
    """
    await federation.writer.read()
    federation.loop.turn(sorted(federation.loop.everything()))
    return federation.writer.agenda.plan(time.time())


async def apply(federation: Federation) -> Plan:
    """Do what is to be done to the zone now, but what the budget holds or the zone refuses.

    Returns:
        What was planned, with all that was held back.

    Raises:
        ProviderError: the zone cannot be read or written.
    """
    planned = await plan(federation)
    touched = federation.observatory.touched
    await federation.writer.write_all()
    while keys := touched.take(federation.loop.everything):
        federation.loop.turn(keys)
        if touched.is_empty:
            await federation.writer.write_all()
    return planned


async def explain(federation: Federation, key: ServiceKey) -> tuple[Decision, str]:
    """The decision on one service, and why the zone could not be read where it could not."""
    trouble = ""
    try:
        await federation.writer.read()
    except ProviderError as error:
        trouble = str(error)
    return federation.loop.decide(key), trouble


def troubles(seen: Observatory, decisions: Iterable[Decision]) -> list[str]:
    """A line for each thing that a person should put right, other than clusters that cannot be seen."""
    found = [problem for state in seen.views.states(time.time()) for problem in state.problems]
    for decision in decisions:
        found.extend(decision.problems)
        for verdict in decision.verdicts:
            found.extend(() if verdict.shard is None else verdict.shard.problems)
    return [f"{problem.reason}: {problem.text}" for problem in found]


def unseen(seen: Observatory) -> list[str]:
    """A line for each cluster that cannot be seen, for people."""
    return [
        f"cluster {state.name} cannot be seen, so its answers stay as they are: {state.reason}"
        for state in seen.views.states(time.time())
        if state.sight is not Sight.VISIBLE
    ]
