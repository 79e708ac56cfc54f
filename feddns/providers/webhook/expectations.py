"""What must be so before a batch is sent, and what must have become so after it."""

from collections.abc import Iterable, Mapping
from typing import Final

from feddns.errors import Conflict, Unavailable
from feddns.model.changes import Batch
from feddns.model.few import few
from feddns.model.records import CNAME, DnsName, RecordSet
from feddns.providers.impossible import rejection
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Key, Listed, key

_NAMED: Final = 3
"""So many record sets an error names; of more it tells the number."""


def refuse_unserved(batch: Batch, domains: DomainFilter) -> None:
    """Refuse what the webhook would drop without a word.

    Raises:
        Rejected: it does not serve a name.
    """
    for record_set in (*batch.going, *batch.coming):
        if not domains.matches(record_set.name):
            raise rejection(batch, record_set, f"the webhook does not serve this name, but {domains}")


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
    return few((f"{record_set.name} {record_set.type}" for record_set in record_sets), _NAMED)
