"""Which changes go out together in the next batch."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from feddns.model.changes import Change, Create, Delete, Limits
from feddns.model.records import ALIAS, CNAME, DnsName, RecordSet
from feddns.plan.ownership import owned_name
from feddns.plan.proposal import ServiceChanges


def take(waiting: Iterable[ServiceChanges], limits: Limits) -> tuple[ServiceChanges, ...]:
    """The first services of `waiting` whose changes fit into one batch together.

    A service is taken whole or not at all; only one that is larger than a whole batch is taken in stages, alone.
    """
    taken: list[ServiceChanges] = []
    together = _NOTHING
    for service in waiting:
        together += cost(service.changes)
        if not together.fits(limits):
            return tuple(taken) or (_first_stage(service, limits),)
        taken.append(service)
    return tuple(taken)


class Cost(msgspec.Struct, frozen=True, gc=False):
    """What changes count against a batch's limits, in the units of `Limits`."""

    additions: int = 0
    removals: int = 0
    values: int = 0
    characters: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """Both together."""
        return Cost(
            self.additions + other.additions,
            self.removals + other.removals,
            self.values + other.values,
            self.characters + other.characters,
        )

    def fits(self, limits: Limits) -> bool:
        """Whether one batch may hold it."""
        return (
            self.additions + self.removals <= limits.changes
            and self.characters <= limits.characters
            and self.additions <= limits.additions
            and self.removals <= limits.removals
            and self.values <= limits.values
        )


_NOTHING: Final = Cost()


def cost(changes: Iterable[Change]) -> Cost:
    """What changes count; a replacement is a removal and an addition, as every provider counts it."""
    additions = removals = values = characters = 0
    for change in changes:
        if not isinstance(change, Delete):
            additions += _sets(change.desired)
            values += _sets(change.desired) * len(change.desired.values)
            characters += sum(map(len, change.desired.values))
        if not isinstance(change, Create):
            removals += _sets(change.current)
            values += _sets(change.current) * len(change.current.values)
            characters += sum(map(len, change.current.values))
    return Cost(additions, removals, values, characters)


def _sets(record_set: RecordSet) -> int:
    """How many record sets it is for a provider: an alias stands for addresses of both families."""
    return 2 if record_set.type == ALIAS else 1


def _first_stage(service: ServiceChanges, limits: Limits) -> ServiceChanges:
    stage: list[Change] = []
    for group in by_name_in_safe_order(service.changes):
        if stage and not cost((*stage, *group)).fits(limits):
            break
        stage.extend(group)
    stage.sort(key=lambda change: not isinstance(change, Delete))
    return service.only(tuple(stage))


def by_name_in_safe_order(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """All changes of one name after another: what is led to comes first, and goes last.

    The changes of a hostname and of its ownership are kept together.
    """
    groups: dict[DnsName, list[Change]] = {}
    for change in changes:
        groups.setdefault(owned_name(change.name), []).append(change)
    coming = {name for name, group in groups.items() if not all(isinstance(change, Delete) for change in group)}
    to = dict(step for group in groups.values() for change in group for step in _leads(change))
    for name in sorted(coming, key=lambda name: (_steps(name, to), name)):
        yield tuple(groups[name])
    for name in sorted(groups.keys() - coming, key=lambda name: (-_steps(name, to), name)):
        yield tuple(groups[name])


def _leads(change: Change) -> Iterator[tuple[DnsName, DnsName]]:
    """From which name to which the change's record set leads, once it is there or as long as it is."""
    record_set = change.current if isinstance(change, Delete) else change.desired
    if record_set.type == CNAME:
        yield record_set.name, DnsName(record_set.values[0])


def _steps(name: DnsName, to: Mapping[DnsName, DnsName]) -> int:
    """How many names are passed on the way from `name`."""
    passed = {name}
    while (name := to.get(name, name)) not in passed:
        passed.add(name)
    return len(passed)
