"""Twins: targets of one zone, as at two vendors, which should hold the same records."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

import msgspec

from feddns.controller.targets import Target
from feddns.model.records import ZoneName
from feddns.plan.agenda import Agenda
from feddns.telemetry.events import LogEvent, log

_LOOK_S: Final = 15.0
"""How often twins are compared. They differ for moments while each is written; twice in a row is told."""


def twins(targets: Sequence[Target]) -> tuple[tuple[Target, Target], ...]:
    """Every two targets that have the same zone."""
    return tuple(pair for pair in combinations(targets, 2) if pair[0].policy.names == pair[1].policy.names)


def differences(one: Agenda, other: Agenda) -> int:
    """How many record sets only one of two zones holds, as far as is known; where TTL or values differ, once."""
    count = 0
    for key in {*one.keys(), *other.keys()}:
        mine, theirs = one.published(key), other.published(key)
        if mine != theirs:
            differing = set(mine).symmetric_difference(theirs)
            count += len({(record_set.name, record_set.type) for record_set in differing})
    return count


class Difference(msgspec.Struct, frozen=True, rename="camel"):
    """How far two twins are apart.

    Attributes:
        targets: their names.
        record_sets: so many only one of them holds, or holds with another TTL or values.
    """

    zone: ZoneName
    targets: tuple[str, str]
    record_sets: int

    def __str__(self) -> str:
        one, other = self.targets
        plural = "s" if self.record_sets > 1 else ""
        return f"the twins {one} and {other} of {self.zone} differ in {self.record_sets} record set{plural}"


def compared(targets: Sequence[Target]) -> list[Difference]:
    """Each two twins whose zones have been read, the equal ones too."""
    return [
        Difference(one.policy.names.zone, (one.name, other.name), differences(one.writer.agenda, other.writer.agenda))
        for one, other in _comparable(targets)
    ]


async def watch(targets: Callable[[], Sequence[Target]]) -> None:
    """Compare twins again and again and tell when they begin and cease to differ, until cancelled."""
    seen: dict[tuple[str, str], int] = {}
    told: set[tuple[str, str]] = set()
    while True:
        await asyncio.sleep(_LOOK_S)
        for found in compared(targets()):
            pair = found.targets
            before, seen[pair] = seen.get(pair, 0), found.record_sets
            if found.record_sets and before and pair not in told:
                told.add(pair)
                log(LogEvent.TWINS_DIFFER, zone=found.zone, twins=pair, record_sets=found.record_sets)
            elif not found.record_sets and pair in told:
                told.discard(pair)
                log(LogEvent.TWINS_AGREE, zone=found.zone, twins=pair)


def _comparable(targets: Sequence[Target]) -> Iterator[tuple[Target, Target]]:
    """Twins whose zones have been read both."""
    for one, other in twins(targets):
        if one.writer.known.is_set() and other.writer.known.is_set():
            yield one, other
