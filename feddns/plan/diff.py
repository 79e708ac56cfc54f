"""The changes that lead from what is in the zone to what should be."""

from collections.abc import Iterable

from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import RecordSet


def diff(desired: Iterable[RecordSet], current: Iterable[RecordSet]) -> tuple[Change, ...]:
    """The changes that turn `current` into `desired`, in the order in which one server may do them one by one.

    Deletions stand first: a name's old type must be gone before a CNAME can stand there (RFC 1034 section 3.6.2), and
    RFC 2136 servers drop the newcomer without an error when it comes too early.
    """
    wanted = {(record_set.name, record_set.type): record_set for record_set in desired}
    existing = {(record_set.name, record_set.type): record_set for record_set in current}
    deletions: list[Change] = [Delete(existing[key]) for key in sorted(existing.keys() - wanted.keys())]
    additions: list[Change] = [
        Replace(existing[key], record_set) if key in existing else Create(record_set)
        for key, record_set in sorted(wanted.items())
        if existing.get(key) != record_set
    ]
    return (*deletions, *additions)


def applied(current: Iterable[RecordSet], changes: Iterable[Change]) -> frozenset[RecordSet]:
    """What the zone holds once the changes are done.

    Raises:
        KeyError: a change does not fit what is there.
    """
    sets = set(current)
    for change in changes:
        match change:
            case Create(desired):
                sets.add(desired)
            case Replace(before, desired):
                sets.remove(before)
                sets.add(desired)
            case Delete(before):
                sets.remove(before)
    return frozenset(sets)
