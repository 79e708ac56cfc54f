"""Published answers that no visible cluster accounts for, and that stay while a cluster cannot be seen.

After a start, what a cluster that is not seen yet once contributed is known only from the zone. So while any cluster is
out of sight, an address in the zone that no visible cluster is known to have had is taken to be that cluster's.
"""

from collections.abc import Iterable

import msgspec

from feddns.model.records import ADDRESS_TYPES, ALIAS, CNAME, RecordSet, is_address
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names


class Leftover(msgspec.Struct, frozen=True, gc=False):
    """What stays of one scope's published answer: addresses, and host names that are no names of the federation."""

    addresses: frozenset[str] = frozenset()
    hostnames: frozenset[str] = frozenset()

    def merged(self, other: "Leftover") -> "Leftover":
        """Both together."""
        return Leftover(self.addresses | other.addresses, self.hostnames | other.hostnames)


def leftovers(names: Names, published: Iterable[RecordSet], accounted: frozenset[str]) -> dict[Scope, Leftover]:
    """What stays of each published scope, with what stays of the scopes below it: so no answer leads to nothing.

    Args:
        names: the federation's names.
        published: the record sets of one service that are in the zone.
        accounted: addresses and host names that visible clusters are known to have had.
    """
    found: dict[Scope, Leftover] = {}
    for record_set in published:
        parsed = names.parse(record_set.name)
        if parsed is None:
            continue
        own = _of(names, record_set, accounted)
        scope: Scope | None = parsed[1]
        while scope is not None:
            found[scope] = found.get(scope, Leftover()).merged(own)
            scope = scope.parent
    found.setdefault(GLOBAL, Leftover())
    return found


def _of(names: Names, record_set: RecordSet, accounted: frozenset[str]) -> Leftover:
    if record_set.type in ADDRESS_TYPES:
        return Leftover(addresses=frozenset(filter(is_address, record_set.values)) - accounted)
    if record_set.type in {CNAME, ALIAS}:
        foreign = frozenset(value for value in record_set.values if names.parse(value) is None)
        return Leftover(hostnames=foreign - accounted)
    return Leftover()
