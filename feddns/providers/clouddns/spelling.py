"""Record sets as the API spells them, and as feddns does.

A deletion must repeat the set that is there. How strictly the service compares the text of record data is not
documented, so a set that someone else spelled differently is given back as it was read.
"""

from collections.abc import Iterable

import msgspec

from feddns.model.records import ALIAS, DnsName, RecordSet
from feddns.providers.clouddns.rdata import api_value, canonical_name, canonical_value
from feddns.providers.clouddns.resources import ResourceRecordSet


class Spellings:
    """Remembers the record sets whose spelling is not the one that feddns would use."""

    def __init__(self) -> None:
        self._kept: dict[RecordSet, ResourceRecordSet] = {}

    def of(self, record_set: RecordSet) -> ResourceRecordSet:
        """A record set as the service has it."""
        return self._kept.get(record_set) or spell(record_set)

    def learn(self, resources: Iterable[ResourceRecordSet]) -> tuple[RecordSet, ...]:
        """Remember how the service spells record sets.

        Returns:
            The same in canonical form, in the same order.
        """
        record_sets = []
        for resource in resources:
            record_set = understand(resource)
            if record_set.values and spell(record_set) != resource:
                self._kept[record_set] = resource
            else:
                self._kept.pop(record_set, None)
            record_sets.append(record_set)
        return tuple(record_sets)


def understand(resource: ResourceRecordSet) -> RecordSet:
    """A record set in canonical form; without values where it is more than plain records.

    That is so with a routing policy, and with the service's own type ALIAS, which stands at a zone's apex alone and is
    not what feddns means by an alias.
    """
    kind = resource.type
    rrdatas = resource.rrdatas
    if resource.routing_policy is not msgspec.UNSET or kind == ALIAS or rrdatas is msgspec.UNSET:
        values: tuple[str, ...] = ()
    else:
        values = tuple(sorted([canonical_value(kind, text) for text in rrdatas]))
    ttl = 0 if resource.ttl is msgspec.UNSET else resource.ttl
    return RecordSet(DnsName(canonical_name(resource.name)), kind, ttl, values)


def spell(record_set: RecordSet) -> ResourceRecordSet:
    """A record set as feddns writes it."""
    kind = record_set.type
    rrdatas = tuple([api_value(kind, value) for value in record_set.values])
    return ResourceRecordSet(record_set.name, kind, record_set.ttl, rrdatas)
