"""One look at the clusters, for the commands that look, tell or act once and exit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, TypeVar

import msgspec

from feddns.clock import STEADY
from feddns.controller.assemble import Observatory
from feddns.controller.crew import Crew, Part
from feddns.controller.ordering import act_on
from feddns.controller.targets import Target
from feddns.decide import decide
from feddns.errors import OrdersError, ProviderError
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight
from feddns.model.orders import Orders
from feddns.plan.hostnames import undisputed
from feddns.plan.proposal import Plan, changed_services

T = TypeVar("T")

_TICK_S: Final = 0.01

_LEAST_FOR_HOSTNAMES_S: Final = 1.0
"""So long host names are looked up at least, whatever is left of the time."""

_LEAST_FOR_PROBES_S: Final = 5.0
"""So long probes have at least: a time-out three times in a row takes longer, which is rarely worth the wait."""

_EXPLAIN_PATIENCE_S: Final = 5.0
"""So long an explanation waits for the zone: it tells much without it."""


@asynccontextmanager
async def watching(seen: Observatory, grace_s: float) -> AsyncIterator[None]:
    """Watch the clusters for a moment.

    The body begins when every cluster has been seen, its load balancers' host names are resolved and probes have come
    to a result, or `grace_s` seconds have passed; host names have a moment in any case.
    """
    crew = Crew()
    try:
        watches = [Part(f"cluster {source.view.name}", source, source.run) for source in seen.sources]
        await crew.keep((*watches, Part("probes", seen.prober, seen.prober.run)))
        await _until_seen(seen, grace_s)
        yield
    finally:
        await crew.keep(())


async def take_orders(seen: Observatory, targets: Iterable[Target] = ()) -> str:
    """Act on what operators have ordered; why that is not known where it cannot be read, else empty.

    What is not known may be a freeze, so nothing is written then.
    """
    try:
        orders = await seen.orders.read()
    except OrdersError as error:
        for target in targets:
            target.writer.frozen = f"what is ordered is not known: {error}"
        return str(error)
    act_on(orders, seen, targets)
    return ""


@asynccontextmanager
async def obeying(seen: Observatory, targets: Iterable[Target]) -> AsyncIterator[None]:
    """Act on what is ordered while the body writes: much takes long, and a freeze is to stop what is left of it."""
    targets = tuple(targets)

    def take(orders: Orders) -> None:
        if orders != seen.judging.orders:
            act_on(orders, seen, targets)

    crew = Crew()
    try:
        await crew.keep([Part("orders", seen.orders, partial(seen.orders.watch, take))])
        yield
    finally:
        await crew.keep(())


async def _until_seen(seen: Observatory, grace_s: float) -> None:
    clock = asyncio.get_running_loop().time
    ends = clock() + grace_s
    with suppress(TimeoutError):
        async with asyncio.timeout_at(ends):
            while not seen.views.all_visible(STEADY()):  # noqa: ASYNC110 - a matter of time, which nothing tells
                await asyncio.sleep(_TICK_S)
    states = seen.views.states(STEADY())
    for key in seen.views.keys():  # noqa: SIM118 - views are no mapping
        seen.views.sightings(key, states)  # which makes known what host names there are
    # A cluster that cannot be seen uses up all of the grace, and should not cost the others their host names.
    await seen.hostnames.resolve_all(max(ends - clock(), _LEAST_FOR_HOSTNAMES_S))
    seen.judging.look(seen.views.keys())
    with suppress(TimeoutError):
        async with asyncio.timeout_at(max(ends, clock() + _LEAST_FOR_PROBES_S)):
            await seen.prober.first_results()


def decide_all(seen: Observatory) -> list[Decision]:
    """What should be in every zone, by service, as if the zones were empty; twins have the same."""
    policies = {policy.names: policy for policy in seen.policies.values()}
    assessments = seen.judging.assessments(sorted(seen.views.keys()))
    return [
        decision
        for policy in policies.values()
        for decision in undisputed(decide(assessment, (), {}, policy) for assessment in assessments)
    ]


async def each(targets: Iterable[Target], work: Callable[[Target], Awaitable[T]]) -> dict[str, T | ProviderError]:
    """The outcome of some work at every target, all at once, by name: one that fails holds up no other."""

    async def outcome(target: Target) -> T | ProviderError:
        try:
            return await work(target)
        except ProviderError as error:
            return error

    targets = tuple(targets)
    outcomes = await asyncio.gather(*map(outcome, targets))
    return {target.name: found for target, found in zip(targets, outcomes, strict=True)}


Planned = tuple[Plan, list[Decision]]
"""A plan, and the decisions that it follows from."""


def plans(outcomes: Mapping[str, Planned | ProviderError]) -> dict[str, Plan | ProviderError]:
    """The plans alone."""
    return {name: outcome if isinstance(outcome, ProviderError) else outcome[0] for name, outcome in outcomes.items()}


def all_decisions(outcomes: Mapping[str, Planned | ProviderError]) -> list[Decision]:
    """The decisions alone, of all targets."""
    return [
        decision for outcome in outcomes.values() if not isinstance(outcome, ProviderError) for decision in outcome[1]
    ]


async def plan(target: Target) -> Planned:
    """What would be done to the zone now, and the decisions that it follows from.

    Raises:
        ProviderError: the zone cannot be read.
    """
    await target.writer.read()
    decisions = target.loop.turn(sorted(target.loop.everything()))
    return target.writer.agenda.plan(STEADY()), decisions


async def apply(target: Target) -> Planned:
    """Do what is to be done to the zone now, but what the budget holds or the zone refuses.

    Returns:
        What was done with all that is left undone, and the decisions that it follows from.

    Raises:
        ProviderError: the zone cannot be read or written.
    """
    agenda, touched = target.writer.agenda, target.touched
    _, decisions = await plan(target)
    before = {key: agenda.published(key) for key in agenda.keys()}  # noqa: SIM118 - an agenda is no mapping
    await target.writer.write_all()
    while keys := touched.take(target.loop.everything):  # what moved meanwhile, in the clusters or in the zone
        target.loop.turn(keys)
        if touched.is_empty:
            await target.writer.write_all()
    after = {key: agenda.published(key) for key in agenda.keys()}  # noqa: SIM118 - likewise
    done = msgspec.structs.replace(agenda.plan(STEADY()), services=changed_services(before, after))
    return done, decisions


async def look(target: Target) -> str:
    """Read the zone, for an explanation; why it cannot be read where it cannot, else empty."""
    try:
        await target.writer.read(_EXPLAIN_PATIENCE_S)
    except ProviderError as error:
        return str(error)
    return ""


def troubles(seen: Observatory, decisions: Iterable[Decision]) -> list[str]:
    """A line for each thing that a person should put right, other than clusters that cannot be seen."""
    states = seen.views.states(STEADY())
    found = [problem for state in states for problem in state.problems if problem.text not in state.reason]
    for decision in decisions:
        found.extend(decision.problems)
        for verdict in decision.verdicts:
            found.extend(() if verdict.shard is None else verdict.shard.problems)
    return list(dict.fromkeys(f"{problem.reason}: {problem.text}" for problem in found))


def unseen(seen: Observatory, consequence: str) -> list[str]:
    """A line for each cluster that cannot be seen, with what follows from that, for people; not for evicted ones."""
    return [
        f"cluster {state.name} cannot be seen, so {consequence}: {state.reason}"
        for state in seen.views.states(STEADY())
        if state.sight is not Sight.VISIBLE and state.name not in seen.judging.orders.evictions
    ]
