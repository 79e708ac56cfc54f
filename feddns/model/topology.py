"""Where a cluster stands, and the scopes of DNS names that follow from it."""

from typing import Final, NewType

import msgspec

ClusterName = NewType("ClusterName", str)


class Scope(msgspec.Struct, frozen=True, order=True, gc=False):
    """The part of the federation that one DNS name speaks for: a zone, a region, or all of it (both fields empty).

    Attributes:
        region: a valid lower-case DNS label, or empty for the global scope.
        zone: a valid lower-case DNS label, or empty for a region's or the global scope; never without a region.
    """

    region: str = ""
    zone: str = ""

    @property
    def parent(self) -> "Scope | None":
        """The next scope up, which a scope without healthy shards leads to; None above the global scope."""
        if self.zone:
            return Scope(self.region)
        return GLOBAL if self.region else None

    def __str__(self) -> str:
        if self.zone:
            return f"zone {self.zone} of {self.region}"
        return f"region {self.region}" if self.region else "global"


GLOBAL: Final = Scope()


class Topology(msgspec.Struct, frozen=True, gc=False):
    """A cluster's region and zones as DNS labels; empty where the cluster counts for the wider scopes alone."""

    region: str = ""
    zones: tuple[str, ...] = ()

    def scopes(self) -> tuple[Scope, ...]:
        """Every scope that a service of this cluster has a name in, the global one first."""
        if not self.region:
            return (GLOBAL,)
        return (GLOBAL, Scope(self.region), *(Scope(self.region, zone) for zone in self.zones))
