"""What no DNS server takes, or some drop without a word: found before a batch is sent."""

from typing import Final

from feddns.errors import Rejected
from feddns.model.changes import Batch
from feddns.model.labels import is_within
from feddns.model.records import CNAME, RecordSet, ZoneName

_LONGEST_TTL: Final = 2**31 - 1


def refuse_impossible(batch: Batch, zone: ZoneName) -> None:
    """Refuse a batch that no zone could hold; whether values are data of their type is not looked at.

    Raises:
        Rejected: a record set cannot stand in the zone, or beside another one of the batch.
    """
    for side in (batch.going, batch.coming):
        seen: set[tuple[str, str]] = set()
        aliases = {record_set.name for record_set in side if record_set.type == CNAME}
        for record_set in side:
            key = (record_set.name, record_set.type)
            fault = _fault(record_set, zone)
            if key in seen:
                fault = "it is changed twice in one batch"
            elif record_set.name in aliases and record_set.type != CNAME:
                fault = "a name is either a CNAME or has other records (RFC 1034 section 3.6.2)"
            if fault:
                raise rejection(batch, record_set, fault)
            seen.add(key)


def rejection(batch: Batch, record_set: RecordSet, fault: str) -> Rejected:
    """The error for a fault of one record set of a batch.

    It names the record set, unless that is the claim: it is in every batch, so that no service is to blame for it.
    """
    is_claim = record_set in {batch.fence.expected, batch.fence.desired}
    return Rejected(f"{record_set.name} {record_set.type}: {fault}", frozenset(() if is_claim else (record_set.name,)))


def _fault(record_set: RecordSet, zone: ZoneName) -> str:
    count = len(record_set.values)
    if not is_within(record_set.name, zone):
        return f"the name is not in the zone {zone}"
    if not 0 <= record_set.ttl <= _LONGEST_TTL:
        return f"a TTL is 0 to {_LONGEST_TTL} seconds (RFC 2181 section 8), not {record_set.ttl}"
    if count == 0 or (record_set.type == CNAME and count > 1):
        return f"it has {count} values; a CNAME has one, and any other type at least one"
    return ""
