"""What must be so before a batch is sent, and what must have become so after it."""

from collections.abc import Iterable, Mapping
from typing import Final

from feddns.errors import Conflict, Rejected, Unavailable
from feddns.model.changes import Batch
from feddns.model.records import CNAME, DnsName, RecordSet, ZoneName
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Key, Listed, key

_LONGEST_TTL: Final = 2**31 - 1
_NAMED: Final = 3
"""So many record sets an error names; of more it tells the number."""


def refuse_impossible(batch: Batch, zone: ZoneName, domains: DomainFilter) -> None:
    """Refuse what servers would drop without a word.

    Raises:
        Rejected: a record set cannot be written, or cannot stand where it is to stand.
    """
    claim = {batch.fence.expected, batch.fence.desired}
    for side in (batch.going, batch.coming):
        seen: set[Key] = set()
        aliases = {record_set.name for record_set in side if record_set.type == CNAME}
        for record_set in side:
            fault = _fault(record_set, zone, domains)
            if key(record_set) in seen:
                fault = "it is changed twice in one batch"
            elif record_set.name in aliases and record_set.type != CNAME:
                fault = "a name is either a CNAME or has other records (RFC 1034 section 3.6.2)"
            if fault:
                # The claim is in every batch: no service is to blame for it.
                names = frozenset[str]() if record_set in claim else frozenset({str(record_set.name)})
                raise Rejected(f"{record_set.name} {record_set.type}: {fault}", names)
            seen.add(key(record_set))


def _fault(record_set: RecordSet, zone: ZoneName, domains: DomainFilter) -> str:
    name, count = record_set.name, len(record_set.values)
    if not f".{name}".endswith(f".{zone}"):
        return f"the name is not in the zone {zone}"
    if not domains.matches(name):
        return f"the webhook does not serve this name, but {domains}"
    if not 0 <= record_set.ttl <= _LONGEST_TTL:
        return f"a TTL is 0 to {_LONGEST_TTL} seconds (RFC 2181 section 8), not {record_set.ttl}"
    if count == 0 or (record_set.type == CNAME and count > 1):
        return f"it has {count} values; a CNAME has one, and any other type at least one"
    return ""


def refuse_stale(batch: Batch, there: Mapping[Key, RecordSet]) -> None:
    """Refuse a batch that rests on what is no longer so.

    Args:
        batch: the batch.
        there: every record set at the names that the batch touches.

    Raises:
        Conflict: the fence or a record set is not as the batch expects.
    """
    gone = batch.going
    for record_set in gone:
        if there.get(key(record_set)) != record_set:
            raise Conflict(f"{_told([record_set])} is not as it was last read")
    left = there.keys() - {key(record_set) for record_set in gone}
    for record_set in batch.coming:
        if key(record_set) in left:
            raise Conflict(f"{_told([record_set])} is there already")
    _refuse_company(left, batch.coming)


def _refuse_company(left: Iterable[Key], came: Iterable[RecordSet]) -> None:
    """Refuse a CNAME beside other records, which servers drop, or keep and answer with as they like."""
    types: dict[DnsName, set[str]] = {}
    for name, kind in left:
        types.setdefault(name, set()).add(kind)
    for record_set in came:
        beside = types.get(record_set.name, set())
        in_the_way = beside if record_set.type == CNAME else beside & {CNAME}
        if in_the_way:
            text = f"{_told([record_set])} cannot stand beside the {', '.join(sorted(in_the_way))} that is there"
            raise Conflict(text)


def refuse_undone(batch: Batch, kept: Mapping[Key, Listed], there: Mapping[Key, Listed]) -> None:
    """Say so where what was sent did not happen; TTLs are not looked at, since services have limits for them.

    Args:
        batch: what was sent.
        kept: what the webhook said that it would keep.
        there: every record set at the names that the batch touched, as they are now.

    Raises:
        Unavailable: something is not as it should be now.
    """
    came = batch.coming
    wanted = {key(record_set) for record_set in came}
    undone = [record_set for record_set in batch.going if key(record_set) in there.keys() - wanted]
    for record_set in came:
        found = there.get(key(record_set))
        if found is None or found.record_set.values != kept[key(record_set)].record_set.values:
            undone.append(record_set)
    if undone:
        text = f"the webhook has taken the batch, but {_told(undone)} did not become what was asked for"
        raise Unavailable(text, outcome_unknown=True)


def _told(record_sets: list[RecordSet]) -> str:
    names = ", ".join(f"{record_set.name} {record_set.type}" for record_set in record_sets[:_NAMED])
    more = len(record_sets) - _NAMED
    return f"{names} and {more} more" if more > 0 else names
