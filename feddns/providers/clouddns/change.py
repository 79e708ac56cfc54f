"""One batch as one change, and a quota as the limits of a batch."""

from typing import Final

from feddns.errors import Rejected
from feddns.model.changes import Batch, Limits
from feddns.model.labels import is_within
from feddns.model.records import ALIAS, RecordSet, ZoneName
from feddns.providers.clouddns.resources import Change, Quota
from feddns.providers.clouddns.spelling import Spellings, spell

_FENCE_CHARACTERS: Final = 2 * (255 + len('""'))
"""The claim's old and new text, each at most one string in quotes."""


def build_change(zone: ZoneName, batch: Batch, spellings: Spellings) -> Change:
    """The change that carries out a batch: each set that goes, exactly as it is, and each that comes.

    The service takes deletions before additions, refuses a deletion of what is not there exactly so and an addition of
    what is there, and carries out all or nothing.

    Raises:
        Rejected: a record set cannot be written.
    """
    for record_set in (*batch.going, *batch.coming):
        _refuse_what_does_not_fit(zone, record_set)
    return Change(
        additions=tuple(map(spell, batch.coming)),
        deletions=tuple(map(spellings.of, batch.going)),
    )


def limits_of(quota: Quota) -> Limits:
    """What a batch may hold, when its change with the fence is to keep within a quota."""
    additions = max(quota.rrset_additions_per_change - 1, 1)
    removals = max(quota.rrset_deletions_per_change - 1, 1)
    return Limits(
        changes=additions + removals,
        characters=max(quota.total_rrdata_size_per_change - _FENCE_CHARACTERS, 1),
        additions=additions,
        removals=removals,
    )


def _refuse_what_does_not_fit(zone: ZoneName, record_set: RecordSet) -> None:
    name = record_set.name
    if not is_within(name, zone):
        # The managed zone may hold more than dns.zone, so the service alone would not refuse it.
        raise Rejected(f"{name} {record_set.type}: the name is not in the zone {zone}", frozenset({name}))
    if record_set.type == ALIAS or not record_set.values:
        raise Rejected(
            f"{name} {record_set.type}: Cloud DNS has plain record sets only, at least one value each",
            frozenset({name}),
        )
