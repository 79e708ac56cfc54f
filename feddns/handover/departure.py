"""How a federation leaves a zone: it gives up its claim and leaves its records, or takes all of them away."""

from collections.abc import Iterable

import msgspec

from feddns.handover.staging import giving_up, stages
from feddns.model.changes import Batch, Change, Delete, Limits
from feddns.model.records import TXT, RecordSet
from feddns.naming import Names
from feddns.plan.batching import by_name_in_safe_order
from feddns.plan.claim import next_fence
from feddns.plan.zone import ZoneContents, refusal, sort_zone


class Departure(msgspec.Struct, frozen=True):
    """What leaving a zone means.

    Attributes:
        zone: its name.
        claim: the claim, which goes last; None where there is none.
        goes: the record sets that go before it.
        stays: the federation's record sets that are left.
        batches: what is to be written; empty where there is nothing to do.
        refusals: why it is not done; empty where it may be.
    """

    zone: str
    claim: RecordSet | None
    goes: tuple[RecordSet, ...]
    stays: tuple[RecordSet, ...]
    batches: tuple[Batch, ...]
    refusals: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, beside the claim."""
        return tuple(change for batch in self.batches for change in batch.changes)


def release(record_sets: Iterable[RecordSet], names: Names, owner: str, limits: Limits) -> Departure:
    """Give up the claim and what says whose hostnames are; every name stays as it is, and is nobody's.

    Args:
        record_sets: all of the zone.
        names: the federation's names in it.
        owner: who gives up.
        limits: of the zone's provider.
    """
    contents = sort_zone(record_sets, names)
    if contents.claim is None:
        return Departure(names.zone, None, (), _owned(contents), ())
    goes = tuple(record_set for record_set in _owned(contents) if record_set.type == TXT)
    stays = tuple(record_set for record_set in _owned(contents) if record_set.type != TXT)
    return _departure(contents, goes, stays, (names, owner, limits))


def purge(record_sets: Iterable[RecordSet], names: Names, owner: str, limits: Limits) -> Departure:
    """Take away all that the federation has in a zone; the arguments are as for `release`."""
    record_sets = tuple(record_sets)
    contents = sort_zone(record_sets, names)
    if contents.claim is None:
        # With a claim of ours, what others left behind would not count; so it is no reason to refuse either.
        supposed = filter(None, (next_fence(names, owner, None).desired,))
        contents = msgspec.structs.replace(sort_zone((*record_sets, *supposed), names), claim=None)
        text = refusal(contents, names, owner)
        return Departure(names.zone, None, (), _owned(contents), (), (text,) if text else ())
    return _departure(contents, _owned(contents), (), (names, owner, limits))


def _departure(
    contents: ZoneContents, goes: tuple[RecordSet, ...], stays: tuple[RecordSet, ...], terms: tuple[Names, str, Limits]
) -> Departure:
    names, owner, limits = terms
    text = refusal(contents, names, owner)
    if text or contents.claim is None:
        return Departure(names.zone, contents.claim, (), _owned(contents), (), (text,))
    # What leads elsewhere goes before what it leads to, over all services, so that no name dangles between batches.
    groups = by_name_in_safe_order(tuple(map(Delete, goes)))
    batches = giving_up(tuple(stages(groups, limits)), names, owner, contents.claim)
    return Departure(names.zone, contents.claim, goes, stays, batches)


def _owned(contents: ZoneContents) -> tuple[RecordSet, ...]:
    return tuple(sorted(record_set for record_sets in contents.services.values() for record_set in record_sets))
