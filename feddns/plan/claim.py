"""The claim: one TXT record that says who writes the federation's names.

Its sequence number is the fence of every batch: who replaces the exact old value is the only one who does.
"""

import re
from typing import Final

import msgspec

from feddns.model.changes import Fence
from feddns.model.records import TXT, RecordSet
from feddns.naming import Names

_CLAIM_TTL_S: Final = 60
"""Nobody caches the claim but people who look, and those should not wait long for the truth."""

_TEXT: Final = re.compile(r"heritage=feddns,federation=([^,]*),owner=([^,]*),seq=(\d{1,18})")


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What the claim's record says.

    Attributes:
        seq: grows by one with every batch.
    """

    federation: str
    owner: str
    seq: int


def read_claim(record_set: RecordSet) -> Claim | None:
    """What a record set says as a claim, or None where it is none that feddns wrote."""
    match = _TEXT.fullmatch(record_set.values[0]) if len(record_set.values) == 1 else None
    return None if match is None else Claim(match[1], match[2], int(match[3]))


def sequence(fence: Fence) -> int:
    """The sequence number that a batch with this fence leaves in the claim; 0 where it leaves none."""
    claim = None if fence.desired is None else read_claim(fence.desired)
    return 0 if claim is None else claim.seq


def next_fence(names: Names, owner: str, current: RecordSet | None) -> Fence:
    """The fence of the next batch.

    Args:
        names: the federation's names.
        owner: who writes.
        current: the claim as it was last read or written; None where there is none.
    """
    claim = None if current is None else read_claim(current)
    seq = 1 if claim is None else claim.seq + 1
    text = f"heritage=feddns,federation={names.federation},owner={owner},seq={seq}"
    return Fence(current, RecordSet(names.claim, TXT, _CLAIM_TTL_S, (text,)))
