"""What a batch makes of a zone: pure, and so easily tested."""

from collections.abc import Mapping

from feddns.errors import Conflict
from feddns.model.changes import Batch
from feddns.model.records import CNAME, RecordSet

Zone = Mapping[tuple[str, str], RecordSet]
"""Record sets by name and type."""


def carried_out(batch: Batch, there: Zone) -> dict[tuple[str, str], RecordSet]:
    """The zone with the batch carried out, which checks everything that the contract asks for.

    Raises:
        Conflict: the claim or a record set is not as the batch expects.
    """
    after = dict(there)
    for record_set in batch.going:
        if after.pop(_key(record_set), None) != record_set:
            raise Conflict(f"{record_set.name} {record_set.type} is not as it was last read")
    for record_set in batch.coming:
        if after.setdefault(_key(record_set), record_set) is not record_set:
            raise Conflict(f"{record_set.name} {record_set.type} is there already")
    _refuse_company(batch, after)
    return after


def _refuse_company(batch: Batch, after: Zone) -> None:
    """A name is either a CNAME or has other records (RFC 1034 section 3.6.2); servers refuse a zone with both."""
    kinds: dict[str, set[str]] = {}
    for name, kind in after:
        kinds.setdefault(name, set()).add(kind)
    for record_set in batch.coming:
        beside = kinds[record_set.name] - {record_set.type}
        if beside and CNAME in kinds[record_set.name]:
            told = ", ".join(sorted(beside))
            raise Conflict(f"{record_set.name} {record_set.type} cannot stand beside the {told} that is there")


def _key(record_set: RecordSet) -> tuple[str, str]:
    return record_set.name, record_set.type
