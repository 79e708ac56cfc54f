"""Twins: targets of one zone, as at two vendors, which should hold the same records."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

import msgspec

from feddns.controller.targets import Target
from feddns.model.records import ZoneName
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Agenda
from feddns.telemetry.events import LogEvent, log
from feddns.turns import in_turns

_LOOK_S: Final = 15.0
"""How often twins are compared. They differ for moments while each is written; twice in a row is told."""

_SOON_S: Final = 1.0
"""And how often it is looked whether there is anything to compare yet."""

_AT_ONCE: Final = 256
"""So many services are compared in a row: some half a millisecond."""


def twins(targets: Sequence[Target]) -> tuple[tuple[Target, Target], ...]:
    """Every two targets that have the same zone."""
    return tuple(pair for pair in combinations(targets, 2) if pair[0].policy.names == pair[1].policy.names)


async def differences(one: Agenda, other: Agenda) -> int:
    """How many record sets only one of two zones holds, as far as is known; where TTL or values differ, once."""
    keys = {*one.keys(), *other.keys()}
    return sum([_differing(one, other, key) async for key in in_turns(keys, _AT_ONCE)])


def _differing(one: Agenda, other: Agenda, key: ServiceKey) -> int:
    """The same of one service."""
    mine, theirs = one.published(key), other.published(key)
    if mine == theirs:
        return 0
    return len({(record_set.name, record_set.type) for record_set in set(mine).symmetric_difference(theirs)})


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


async def compared(targets: Sequence[Target]) -> list[Difference]:
    """Each two twins whose zones have been read, the equal ones too; others have their turn in between."""
    return [
        Difference(
            one.policy.names.zone, (one.name, other.name), await differences(one.writer.agenda, other.writer.agenda)
        )
        for one, other in _comparable(targets)
    ]


class Lookout:
    """Compares twins again and again, and tells in the log when they begin and cease to differ.

    Attributes:
        found: what the last look found; nothing before the first.
    """

    def __init__(self) -> None:
        self.found: tuple[Difference, ...] = ()
        self._told: set[tuple[str, str]] = set()

    async def run(self, targets: Callable[[], Sequence[Target]]) -> None:
        """Look until cancelled."""
        while True:
            await self.look(targets())
            await asyncio.sleep(_LOOK_S if self.found else _SOON_S)

    async def look(self, targets: Sequence[Target]) -> None:
        """Compare these targets."""
        found = await compared(targets)
        before, self.found = {each.targets: each.record_sets for each in self.found}, tuple(found)
        for each in found:
            self._tell(each, before.get(each.targets, 0))

    def _tell(self, found: Difference, before: int) -> None:
        pair = found.targets
        if found.record_sets and before and pair not in self._told:
            self._told.add(pair)
            log(LogEvent.TWINS_DIFFER, zone=found.zone, twins=pair, record_sets=found.record_sets)
        elif not found.record_sets and pair in self._told:
            self._told.discard(pair)
            log(LogEvent.TWINS_AGREE, zone=found.zone, twins=pair)


def _comparable(targets: Sequence[Target]) -> Iterator[tuple[Target, Target]]:
    """Twins whose zones have been read both."""
    for one, other in twins(targets):
        if one.writer.known.is_set() and other.writer.known.is_set():
            yield one, other
