"""Twins: targets of one zone, as at two vendors, which should hold the same records."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from feddns.controller.assemble import Target
from feddns.plan.agenda import Agenda
from feddns.telemetry.events import LogEvent, log

_LOOK_S: Final = 15.0
"""How often twins are compared. They differ for moments while each is written; twice in a row is told."""


def twins(targets: Sequence[Target]) -> tuple[tuple[Target, Target], ...]:
    """Every two targets that have the same zone."""
    return tuple(pair for pair in combinations(targets, 2) if pair[0].policy.names == pair[1].policy.names)


def differences(one: Agenda, other: Agenda) -> int:
    """How many record sets only one of two zones holds, as far as is known; one that differs in TTL or value counts once."""
    count = 0
    for key in {*one.keys(), *other.keys()}:
        mine, theirs = one.published(key), other.published(key)
        if mine != theirs:
            differing = set(mine).symmetric_difference(theirs)
            count += len({(record_set.name, record_set.type) for record_set in differing})
    return count


def trouble(targets: Sequence[Target]) -> Iterator[str]:
    """A line for each two twins that differ, for people."""
    for one, other in comparable(targets):
        count = differences(one.writer.agenda, other.writer.agenda)
        if count:
            zone = one.policy.names.zone
            yield f"the twins {one.name} and {other.name} of {zone} differ in {count} record set{'s' * (count > 1)}"


async def watch(targets: Sequence[Target]) -> None:
    """Compare twins again and again and tell when they begin and cease to differ, until cancelled."""
    seen: dict[tuple[str, str], int] = {}
    told: set[tuple[str, str]] = set()
    while True:
        await asyncio.sleep(_LOOK_S)
        for one, other in comparable(targets):
            pair = one.name, other.name
            before, seen[pair] = seen.get(pair, 0), differences(one.writer.agenda, other.writer.agenda)
            if seen[pair] and before and pair not in told:
                told.add(pair)
                log(LogEvent.TWINS_DIFFER, zone=one.policy.names.zone, twins=pair, record_sets=seen[pair])
            elif not seen[pair] and pair in told:
                told.discard(pair)
                log(LogEvent.TWINS_AGREE, zone=one.policy.names.zone, twins=pair)


def comparable(targets: Sequence[Target]) -> Iterator[tuple[Target, Target]]:
    """Twins whose zones have been read both."""
    for one, other in twins(targets):
        if one.writer.known.is_set() and other.writer.known.is_set():
            yield one, other
