"""Failovers as a zone has them: names that began to lead elsewhere, or to have addresses of their own again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from feddns.model.changes import Change, Create, Delete
from feddns.model.records import CNAME, DnsName, RecordSet
from feddns.model.topology import Scope
from feddns.naming import Names

_OF_SERVICE: Final = 4
"""So many labels of a name, the service's, its namespace's, the federation's and `svc`, say which service it is of."""


class Move(msgspec.Struct, frozen=True, order=True, gc=False):
    """One name that has moved.

    Attributes:
        scope: what the name speaks for.
        leads_to: the name of the federation that it leads to now; empty where it answers by itself again.
        values: what it holds now.
    """

    name: DnsName
    scope: Scope
    leads_to: str
    values: tuple[str, ...]


def moves(changes: Iterable[Change], names: Names) -> Iterator[Move]:
    """The failovers, there and back, that changes of one service make; a name that is new or goes has not moved.

    Args:
        changes: all that are made to the service's names together.
        names: the federation's, in the zone.
    """
    gone: defaultdict[DnsName, list[RecordSet]] = defaultdict(list)
    come: defaultdict[DnsName, list[RecordSet]] = defaultdict(list)
    for change in changes:
        if not isinstance(change, Create):
            gone[change.name].append(change.current)
        if not isinstance(change, Delete):
            come[change.name].append(change.desired)
    for name in sorted(gone.keys() & come.keys()):
        led_to, leads_to = _leads_to(gone[name]), _leads_to(come[name])
        if bool(led_to) is not bool(leads_to) and (parsed := names.parse(name)) is not None:
            values = tuple(value for record_set in come[name] for value in record_set.values)
            yield Move(name, parsed[1], leads_to, values)


def _leads_to(records: Iterable[RecordSet]) -> str:
    """The name of the same service that record sets of one name lead to; empty where they answer themselves.

    All names of a service begin with the same labels, which is looked at without reading them: of a cluster that fails,
    thousands of names move at once.
    """
    for record_set in records:
        service = record_set.name.split(".", _OF_SERVICE)[:_OF_SERVICE]
        if record_set.type == CNAME and record_set.values[0].split(".", _OF_SERVICE)[:_OF_SERVICE] == service:
            return record_set.values[0]
    return ""
