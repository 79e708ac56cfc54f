"""The claim: one TXT record that says who writes the federation's names, and what was deleted among them lately.

Its sequence number is the fence of every batch: who replaces the exact old value is the only one who does.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from feddns.model.changes import Fence
from feddns.model.records import TXT, RecordSet
from feddns.naming import Names
from feddns.plan.budget import Cause, Spent

_CLAIM_TTL_S: Final = 60
"""Nobody caches the claim but people who look, and those should not wait long for the truth."""

_TEXT: Final = re.compile(r"heritage=feddns,federation=([^,]*),owner=([^,]*)(?:,deleted=([0-9@a-z+]+))?,seq=(\d{1,18})")
_SPENT: Final = re.compile(r"([a-z])([0-9]{1,8})@([0-9]{1,12})")
_LARGEST: Final = Spent(Cause.HEALTH, at=10**12 - 1, count=10**8 - 1)
"""What is more is told as this, so that it can be read again."""
_CAUSES: Final = {cause[0]: cause for cause in Cause}
_STRING_OCTETS: Final = 255
"""The longest string of a TXT record (RFC 1035 section 3.3)."""


class Claim(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the claim's record says.

    Attributes:
        seq: grows by one with every batch.
        spent: what budgets of deletions had spent by that batch.
    """

    federation: str
    owner: str
    seq: int
    spent: tuple[Spent, ...] = ()


def read_claim(record_set: RecordSet) -> Claim | None:
    """What a record set says as a claim, or None where it is none that feddns wrote."""
    match = _TEXT.fullmatch(record_set.values[0]) if len(record_set.values) == 1 else None
    if match is None:
        return None
    told = [_SPENT.fullmatch(part) for part in match[3].split("+")] if match[3] else []
    spent = tuple(Spent(_CAUSES[each[1]], int(each[3]), int(each[2])) for each in told if each and each[1] in _CAUSES)
    return Claim(match[1], match[2], int(match[4]), spent) if len(spent) == len(told) else None


def sequence(fence: Fence) -> int:
    """The sequence number that a batch with this fence leaves in the claim; 0 where it leaves none."""
    claim = None if fence.desired is None else read_claim(fence.desired)
    return 0 if claim is None else claim.seq


def next_fence(names: Names, owner: str, current: RecordSet | None, spent: tuple[Spent, ...] | None = None) -> Fence:
    """The fence of the next batch.

    Args:
        names: the federation's names.
        owner: who writes.
        current: the claim as it was last read or written; None where there is none.
        spent: what budgets of deletions will have spent; None where that stays as it is.
    """
    claim = None if current is None else read_claim(current)
    seq = 1 if claim is None else claim.seq + 1
    if spent is None:
        spent = () if claim is None else claim.spent
    head, tail = f"heritage=feddns,federation={names.federation},owner={owner}", f",seq={seq}"
    if len(head + _told(spent) + tail) > _STRING_OCTETS:
        spent = tuple(_summed(spent))
    return Fence(current, RecordSet(names.claim, TXT, _CLAIM_TTL_S, (head + _told(spent) + tail,)))


def spent_by(record_set: RecordSet) -> tuple[Spent, ...]:
    """What budgets of deletions had spent as a claim says; nothing where it is none."""
    claim = read_claim(record_set)
    return () if claim is None else claim.spent


def _told(spent: Iterable[Spent]) -> str:
    parts = "+".join(f"{each.cause[0]}{min(each.count, _LARGEST.count)}@{min(each.at, _LARGEST.at)}" for each in spent)
    return f",deleted={parts}" if parts else ""


def _summed(spent: tuple[Spent, ...]) -> Iterator[Spent]:
    """One number for each cause, as if all of it had been spent last."""
    for cause in Cause:
        own = [each for each in spent if each.cause is cause]
        if own:
            yield Spent(cause, max(each.at for each in own), sum(each.count for each in own))
