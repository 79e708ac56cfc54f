"""Changes of a zone, and the batch that carries them all or none."""

from typing import Final

import msgspec

from feddns.model.records import DnsName, RecordSet


class Create(msgspec.Struct, frozen=True, order=True, gc=False, tag=True):
    """A record set that is not there yet."""

    desired: RecordSet

    @property
    def name(self) -> DnsName:
        """The name that it concerns."""
        return self.desired.name


class Replace(msgspec.Struct, frozen=True, order=True, gc=False, tag=True):
    """Another TTL or other values for a record set of the same name and type."""

    current: RecordSet
    desired: RecordSet

    @property
    def name(self) -> DnsName:
        """The name that it concerns."""
        return self.desired.name


class Delete(msgspec.Struct, frozen=True, order=True, gc=False, tag=True):
    """A record set that is to be gone, exactly as it is now."""

    current: RecordSet

    @property
    def name(self) -> DnsName:
        """The name that it concerns."""
        return self.current.name


Change = Create | Replace | Delete


class Fence(msgspec.Struct, frozen=True, gc=False):
    """The compare-and-swap that every batch carries: the claim's record set as it must be, and as it becomes.

    Attributes:
        expected: the claim as last read or written; None where there must be none yet.
        desired: the claim with the next sequence number; None where the claim is given up.
    """

    expected: RecordSet | None
    desired: RecordSet | None


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Changes that take effect together or not at all.

    Attributes:
        changes: in the order in which a provider that looks at them one by one must do them: a name's old type goes
            before its new type comes (RFC 1034 section 3.6.2).
    """

    changes: tuple[Change, ...]
    fence: Fence

    @property
    def going(self) -> tuple[RecordSet, ...]:
        """The record sets that must be there exactly so, and are taken away or replaced; the claim first."""
        claim = () if self.fence.expected is None else (self.fence.expected,)
        return (*claim, *[change.current for change in self.changes if not isinstance(change, Create)])

    @property
    def coming(self) -> tuple[RecordSet, ...]:
        """The record sets that are there afterwards; the claim first."""
        claim = () if self.fence.desired is None else (self.fence.desired,)
        return (*claim, *[change.desired for change in self.changes if not isinstance(change, Delete)])


UNLIMITED: Final = 1 << 62
"""No limit that any batch could reach."""


class Limits(msgspec.Struct, frozen=True):
    """What one batch of a provider may hold, the fence not counted.

    Attributes:
        changes: record sets that are removed or added, together; a replacement is one of each.
        characters: of all record data together, a replacement's old and new data both counted.
        atomic: whether a batch takes effect as a whole or not at all, fence included. A provider that cannot promise it
            ignores the fence, and says so by False.
        additions: record sets that are added.
        removals: record sets that are removed.
        values: single records in those record sets, a replacement's old and new ones both counted.
    """

    changes: int
    characters: int
    atomic: bool = True
    additions: int = UNLIMITED
    removals: int = UNLIMITED
    values: int = UNLIMITED
