"""What the names of a zone resolve to, and what changes of that when batches are carried out: computed, not assumed."""

from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from feddns.model.changes import Batch
from feddns.model.labels import is_within
from feddns.model.records import ADDRESS_TYPES, ALIAS, CNAME, DnsName, RecordSet
from feddns.plan.diff import applied

_LONGEST_CHAIN: Final = 16
_ANSWERING: Final = frozenset((*ADDRESS_TYPES, CNAME, ALIAS))

Answer = frozenset[str]
"""What a client ends up with: `TYPE address`, or `CNAME name` where the name's chain leads out of the zone."""


class Difference(msgspec.Struct, frozen=True, order=True, gc=False):
    """A name whose answer becomes another one.

    Attributes:
        before: sorted; empty where the name had no answer.
        after: likewise.
    """

    name: DnsName
    before: tuple[str, ...]
    after: tuple[str, ...]


class Answers:
    """The answers of a zone: CNAMEs followed as far as they lead inside of it, wildcards as RFC 4592 has them."""

    def __init__(self, record_sets: Iterable[RecordSet], zone: str) -> None:
        self._zone = zone
        self._at: dict[str, list[RecordSet]] = {}
        self._existing = {zone}
        for record_set in record_sets:
            if record_set.type in _ANSWERING:
                self._at.setdefault(record_set.name, []).append(record_set)
            self._note(record_set.name)

    def of(self, name: str) -> Answer:
        """What clients of a name end up with."""
        return self._follow(name, _LONGEST_CHAIN)

    def _note(self, name: str) -> None:
        """A name exists, and with it all names above it (RFC 4592 section 2.2.2)."""
        while name and name not in self._existing:
            self._existing.add(name)
            name = name.partition(".")[2]

    def _sets(self, name: str) -> Iterable[RecordSet]:
        if name in self._existing:
            return self._at.get(name, ())
        while name not in self._existing:
            name = name.partition(".")[2]
        return self._at.get(f"*.{name}", ())

    def _follow(self, name: str, steps: int) -> Answer:
        if not is_within(name, self._zone):
            return frozenset((f"{CNAME} {name}",))
        found: set[str] = set()
        for record_set in self._sets(name) if steps else ():
            for value in record_set.values or ("as the provider keeps it",):
                if record_set.type == CNAME and record_set.values:
                    found |= self._follow(value, steps - 1)
                else:
                    found.add(f"{record_set.type} {value}")
        return frozenset(found)


def carried_out(record_sets: Iterable[RecordSet], batches: Iterable[Batch]) -> frozenset[RecordSet]:
    """What a zone holds once batches are carried out, one after another, the claim included.

    Raises:
        KeyError: a batch does not fit what is there.
    """
    sets = set(record_sets)
    for batch in batches:
        sets = set(applied(sets, batch.changes))
        if batch.fence.expected is not None:
            sets.remove(batch.fence.expected)
        if batch.fence.desired is not None:
            sets.add(batch.fence.desired)
    return frozenset(sets)


def differences(before: Collection[RecordSet], after: Collection[RecordSet], zone: str) -> tuple[Difference, ...]:
    """Every name of either state of a zone that does not resolve to the same in both, sorted."""
    old, new = Answers(before, zone), Answers(after, zone)
    names = {record_set.name for record_set in before} | {record_set.name for record_set in after}
    answers = ((name, old.of(name), new.of(name)) for name in sorted(names))
    return tuple(Difference(name, tuple(sorted(was)), tuple(sorted(is_))) for name, was, is_ in answers if was != is_)
