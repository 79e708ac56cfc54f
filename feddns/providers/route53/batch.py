"""One batch as the changes of one ChangeResourceRecordSets request, in the order in which Route 53 judges them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from feddns.errors import Rejected
from feddns.model.changes import Batch, Limits
from feddns.model.records import ALIAS, DnsName, RecordSet
from feddns.providers.impossible import refuse_impossible, rejection
from feddns.providers.route53.recordsets import Place, Raw, encode_set

MOST_CHANGES: Final = 1_000
"""ResourceRecord elements in one request. Alias sets have none, but are counted here as if they had one."""
MOST_CHARACTERS: Final = 32_000
"""Characters in all Value elements of one request."""

_LONGEST_CLAIM: Final = 257
"""A claim is one TXT string of at most 255 octets, in quotes; each batch deletes one and creates one."""
_QUOTES: Final = 2
"""Characters that Route 53 wants around a TXT value of ours."""

_CHANGES_LEFT: Final = MOST_CHANGES - 2
LIMITS: Final = Limits(
    changes=_CHANGES_LEFT,
    values=_CHANGES_LEFT,
    characters=MOST_CHARACTERS - 2 * _LONGEST_CLAIM - _QUOTES * _CHANGES_LEFT,
)
"""What is left of Route 53's limits beside the fence. A replacement is a DELETE and a CREATE, each counted once, where
an UPSERT would be counted twice."""


def encode_batch(batch: Batch, place: Place, spellings: Mapping[RecordSet, tuple[Raw, ...]]) -> list[dict[str, Any]]:
    """The changes that carry out a batch.

    All deletions stand before all creations, since Route 53 looks at one after another; a deletion repeats the whole
    set, and so fails where the set is another one by now.

    Args:
        batch: the changes and the fence.
        place: where it is written.
        spellings: what the sets of the zone look like that we would write in another way.

    Raises:
        Rejected: a record set cannot be written, or all together are more than one request takes.
    """
    refuse_impossible(batch, place.zone)
    going = [(found, spellings.get(found) or _encode(batch, found, place)) for found in batch.going]
    created = [(wanted, _encode(batch, wanted, place)) for wanted in batch.coming]
    # An alias of a name in the zone needs its target to be there already.
    depths = _depths(created)
    created.sort(key=lambda item: depths[item[0].name])
    changes = [_change("DELETE", raw) for _, raws in going for raw in raws]
    changes += [_change("CREATE", raw) for _, raws in created for raw in raws]
    _refuse_excess(changes)
    return changes


def _encode(batch: Batch, record_set: RecordSet, place: Place) -> tuple[Raw, ...]:
    try:
        return encode_set(record_set, place)
    except ValueError as error:
        raise rejection(batch, record_set, str(error)) from error


def _depths(created: Iterable[tuple[RecordSet, tuple[Raw, ...]]]) -> dict[DnsName, int]:
    """How many aliases of this batch lie between each name and records."""
    targets = {wanted.name: wanted.values[0] for wanted, _ in created if wanted.type == ALIAS}
    depths: dict[DnsName, int] = {}
    for wanted, _ in created:
        seen: set[str] = set()
        at: str = wanted.name
        while (target := targets.get(DnsName(at))) is not None and at not in seen:
            seen.add(at)
            at = target
        depths[wanted.name] = len(seen)
    return depths


def _change(action: str, raw: Raw) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": raw}


def _refuse_excess(changes: list[dict[str, Any]]) -> None:
    """Refuse what would be refused: the batch is then tried in halves."""
    records = [change["ResourceRecordSet"].get("ResourceRecords", ()) for change in changes]
    count = sum(max(len(values), 1) for values in records)
    characters = sum(len(record["Value"]) for values in records for record in values)
    if count > MOST_CHANGES or characters > MOST_CHARACTERS:
        raise Rejected(
            f"the batch has {count} records of {characters} characters, and one request to Route 53 takes "
            f"{MOST_CHANGES} of {MOST_CHARACTERS}"
        )
