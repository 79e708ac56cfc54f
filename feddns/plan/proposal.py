"""What is proposed for one service, and for a whole zone."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.changes import Change, Delete, Replace
from feddns.model.records import ADDRESS_TYPES, ALIAS, CNAME, MANAGED_TYPES, DnsName, RecordSet, ZoneName
from feddns.model.services import Problem, ServiceKey
from feddns.plan.budget import NO_GROUNDS, Cause, Grounds, Held, Loss, losses
from feddns.plan.diff import diff

_ANSWERED_BY_ADDRESSES: Final = (*ADDRESS_TYPES, ALIAS)


class ServiceChanges(msgspec.Struct, frozen=True, gc=False):
    """The changes of one service's names.

    Attributes:
        urgent: whether an address leaves an answer: clients are being led to it now, so it goes before what only adds.
        losses: the deletions among the changes that a budget counts.
    """

    key: ServiceKey
    changes: tuple[Change, ...]
    urgent: bool = False
    losses: tuple[Loss, ...] = ()

    def only(self, changes: tuple[Change, ...]) -> "ServiceChanges":
        """Some of the changes."""
        left = tuple(loss for loss in self.losses if loss.deletion in changes)
        return ServiceChanges(self.key, changes, urgent=self.urgent, losses=left)

    def without(self, held: Collection[Cause]) -> "ServiceChanges":
        """The changes but the losses of some causes."""
        stay = [loss.deletion for loss in self.losses if loss.cause in held]
        if not stay:
            return self
        if len(stay) == len(self.changes):
            return ServiceChanges(self.key, ())
        return self.only(tuple(change for change in self.changes if change not in stay))


class Plan(msgspec.Struct, frozen=True):
    """What would be done to a zone.

    Attributes:
        services: the changes that would be made, in the order in which they would go out.
        held: the causes whose deletions would not be made, and why; empty where the budgets cover all.
        withheld: the deletions that are held.
        refusal: why nothing at all may be written; empty where it may.
        problems: what a person should put right.
        frozen: whose word holds all of it up, for people; empty where nothing does.
    """

    zone: ZoneName
    services: tuple[ServiceChanges, ...]
    held: tuple[Held, ...] = ()
    withheld: tuple[Loss, ...] = ()
    refusal: str = ""
    problems: tuple[Problem, ...] = ()
    frozen: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes that would be made."""
        return tuple(change for service in self.services for change in service.changes)

    def withheld_for(self, cause: Cause) -> tuple[Delete, ...]:
        """The deletions that are held for one cause."""
        return tuple(loss.deletion for loss in self.withheld if loss.cause is cause)


def propose(
    key: ServiceKey, desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...], grounds: Grounds = NO_GROUNDS
) -> ServiceChanges:
    """The changes that lead one service from what is in the zone to what should be."""
    if desired == current:
        return ServiceChanges(key, ())
    changes = diff(desired, current)
    urgent = any(_takes_an_address_away(change) for change in changes)
    return ServiceChanges(key, changes, urgent=urgent, losses=losses(changes, grounds))


def changed_services(
    before: Mapping[ServiceKey, tuple[RecordSet, ...]], after: Mapping[ServiceKey, tuple[RecordSet, ...]]
) -> tuple[ServiceChanges, ...]:
    """The changes that led a zone's services from one state to another, in the order in which such changes go out."""
    services = (propose(key, after.get(key, ()), before.get(key, ())) for key in before.keys() | after.keys())
    return in_order(service for service in services if service.changes)


def in_order(services: Iterable[ServiceChanges]) -> tuple[ServiceChanges, ...]:
    """Services in the order in which they go out when they have come together."""
    return tuple(sorted(services, key=lambda service: (not service.urgent, service.key)))


def _takes_an_address_away(change: Change) -> bool:
    match change:
        case Delete(current):
            return current.type in _ANSWERED_BY_ADDRESSES
        case Replace(current, desired):
            return current.type in _ANSWERED_BY_ADDRESSES and not set(current.values) <= set(desired.values)
        case _:
            return False


def beside_foreign(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...], foreign: Mapping[DnsName, frozenset[str]]
) -> tuple[tuple[RecordSet, ...], tuple[Problem, ...]]:
    """`desired` as far as it can stand beside what others keep at the same names.

    A name with a foreign record set cannot become a CNAME (RFC 2181 section 10.1), and one with foreign addresses
    cannot have ours: it stays as it is.
    """
    if not foreign:
        return desired, ()
    blocked = {record_set.name for record_set in desired if _collides(record_set, foreign)}
    if not blocked:
        return desired, ()
    possible = [record_set for record_set in desired if record_set.name not in blocked]
    possible.extend(record_set for record_set in current if record_set.name in blocked)
    problems = tuple(
        Problem("ForeignRecords", f"{name} stays as it is: others keep {', '.join(sorted(foreign[name]))} there")
        for name in sorted(blocked)
    )
    return tuple(sorted(possible)), problems


def _collides(record_set: RecordSet, foreign: Mapping[DnsName, frozenset[str]]) -> bool:
    others = foreign.get(record_set.name, frozenset())
    return bool(others if record_set.type == CNAME else others & MANAGED_TYPES)
