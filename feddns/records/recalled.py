"""Where a shard answers already, as the zone tells: after a restart there is no other memory of it."""

from collections.abc import Collection, Iterable

from feddns.model.evidence import Sighting
from feddns.model.records import RecordSet
from feddns.naming import Names


def recalled(sighting: Sighting, published: Iterable[RecordSet], every: Collection[Names]) -> tuple[str, ...]:
    """The zones in whose names a shard answers, and the empty text where it does at all, sorted.

    Args:
        sighting: of the shard.
        published: the record sets of its service in all DNS zones that are written.
        every: the federation's names in each of these.
    """
    shard, topology = sighting.shard, sighting.cluster.topology
    if shard is None:
        return ()
    values = {*shard.addresses, *shard.hostnames, *sighting.resolved}
    found: set[str] = set()
    for record_set in published:
        if values.isdisjoint(record_set.values):
            continue
        for parsed in filter(None, (names.parse(record_set.name) for names in every)):
            scope = parsed[1]
            found.add("")
            if scope.region == topology.region and scope.zone in topology.zones:
                found.add(scope.zone)
    return tuple(sorted(found))
