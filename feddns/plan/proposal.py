"""What is proposed for one service, and for a whole zone."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.changes import Change, Delete, Replace
from feddns.model.records import ADDRESS_TYPES, ALIAS, CNAME, MANAGED_TYPES, DnsName, RecordSet, ZoneName
from feddns.model.services import Problem, ServiceKey
from feddns.plan.budget import Held, losses
from feddns.plan.diff import diff

_ANSWERED_BY_ADDRESSES: Final = (*ADDRESS_TYPES, ALIAS)


class ServiceChanges(msgspec.Struct, frozen=True, gc=False):
    """The changes of one service's names.

    Attributes:
        urgent: whether an address leaves an answer: clients are being led to it now, so it goes before what only adds.
    """

    key: ServiceKey
    changes: tuple[Change, ...]
    urgent: bool = False


class Plan(msgspec.Struct, frozen=True):
    """What would be done to a zone.

    Attributes:
        services: the changes that would be made, in the order in which they would go out.
        held: deletions that would not be made, and why; None where the budget covers all.
        withheld: the changes that are held.
        refusal: why nothing at all may be written; empty where it may.
        problems: what a person should put right.
    """

    zone: ZoneName
    services: tuple[ServiceChanges, ...]
    held: Held | None = None
    withheld: tuple[Delete, ...] = ()
    refusal: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes that would be made."""
        return tuple(change for service in self.services for change in service.changes)


def propose(key: ServiceKey, desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]) -> ServiceChanges:
    """The changes that lead one service from what is in the zone to what should be."""
    changes = () if desired == current else diff(desired, current)
    return ServiceChanges(key, changes, urgent=any(_takes_an_address_away(change) for change in changes))


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


def without_losses(service: ServiceChanges) -> tuple[ServiceChanges, tuple[Delete, ...]]:
    """The service's changes but those that the budget of deletions counts, and these."""
    lost = losses(service.changes)
    if not lost:
        return service, ()
    rest = tuple(change for change in service.changes if change not in lost)
    return ServiceChanges(service.key, rest, urgent=service.urgent), lost


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
