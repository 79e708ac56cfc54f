"""What a batch makes of a zone: pure, and so easily tested."""

from collections.abc import Mapping

from feddns.errors import Conflict, Rejected
from feddns.model.changes import Batch, Create, Delete, Replace
from feddns.model.records import CNAME, RecordSet, ZoneName

Zone = Mapping[tuple[str, str], RecordSet]
"""Record sets by name and type."""


def carried_out(batch: Batch, there: Zone, zone: ZoneName) -> dict[tuple[str, str], RecordSet]:
    """The zone with the batch carried out, which checks everything that the contract asks for.

    Raises:
        Conflict: the claim or a record set is not as the batch expects.
        Rejected: a record set cannot stand in the zone.
    """
    fence = batch.fence
    gone = [change.current for change in batch.changes if isinstance(change, Replace | Delete)]
    came = [change.desired for change in batch.changes if isinstance(change, Create | Replace)]
    after = dict(there)
    for record_set in [*gone, *([fence.expected] if fence.expected else [])]:
        if after.pop(_key(record_set), None) != record_set:
            raise Conflict(f"{record_set.name} {record_set.type} is not as it was last read")
    for record_set in [*came, *([fence.desired] if fence.desired else [])]:
        if after.setdefault(_key(record_set), record_set) is not record_set:
            raise Conflict(f"{record_set.name} {record_set.type} is there already")
        if not f".{record_set.name}".endswith(f".{zone}"):
            raise Rejected(f"{record_set.name} is not in the zone {zone}", frozenset({record_set.name}))
    _refuse_company(came, after)
    return after


def _refuse_company(came: list[RecordSet], after: Zone) -> None:
    """A name is either a CNAME or has other records (RFC 1034 section 3.6.2); servers refuse a zone with both."""
    kinds: dict[str, set[str]] = {}
    for name, kind in after:
        kinds.setdefault(name, set()).add(kind)
    for record_set in came:
        beside = kinds[record_set.name] - {record_set.type}
        if beside and CNAME in kinds[record_set.name]:
            told = ", ".join(sorted(beside))
            raise Conflict(f"{record_set.name} {record_set.type} cannot stand beside the {told} that is there")


def _key(record_set: RecordSet) -> tuple[str, str]:
    return record_set.name, record_set.type
