"""What is believed of one shard."""

import enum

import msgspec

from feddns.model.services import Shard
from feddns.model.topology import ClusterName, Topology


class Health(enum.StrEnum):
    """The three states of a shard."""

    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    UNKNOWN = "Unknown"
    """Its cluster cannot be seen; the last published answers stay, unless a second witness speaks against them."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One fact that a verdict rests on.

    Attributes:
        source: where it comes from, such as `EndpointSlices` or `watch`.
        text: the fact, for people.
        since: when it became so, in seconds since the epoch; None where the source does not tell.
        against: whether it speaks against the shard's answering.
    """

    source: str
    text: str
    since: float | None = None
    against: bool = False


class Brake(enum.StrEnum):
    """What holds a withdrawal that would be due."""

    PANIC = "panic"
    """Too few shards would stay."""
    CLUSTERS = "clusters"
    """Too many clusters would go."""
    CUT_OFF = "cut-off"
    """Most clusters cannot be seen, so that it is rather we who cannot see."""


class Pending(msgspec.Struct, frozen=True, gc=False):
    """A change of what a shard answers that evidence asks for and that has not been made.

    Attributes:
        text: what will change and why, for people.
        since: when the evidence turned, in seconds since the epoch.
        due: when it takes effect if nothing changes until then; None where that is not a matter of time alone.
        is_withdrawal: whether it takes answers away.
        brake: what holds it, where it would be due otherwise.
    """

    text: str
    since: float
    due: float | None
    is_withdrawal: bool = False
    brake: Brake | None = None


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What is believed of one shard, and why.

    Attributes:
        since: when this service's shard got its present health, as far as this process knows, in seconds since the
            epoch.
        zones: the cluster's zones for which the shard counts as healthy.
        addresses: what the shard brings to the scopes where it is healthy: IP addresses in canonical form, sorted.
        hostnames: host names of its load balancer, for the scopes that may lead to one by CNAME.
        unproved: those of `addresses` that no probe has spoken for, or that a person wants out while silence alone
            speaks against others; so they answer only where they are published already, or where nothing else does.
        evidence: what it rests on.
        pending: what will change, and what would if a brake did not hold it.
        shard: what the verdict is about; the last one seen where the cluster is Unknown, None where it was never seen.
    """

    cluster: ClusterName
    health: Health
    since: float
    topology: Topology = Topology()
    zones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    hostnames: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    pending: tuple[Pending, ...] = ()
    shard: Shard | None = None

    @property
    def because(self) -> str:
        """The evidence against the shard, or all where none is against it, for people; empty where there is none."""
        decisive = [piece for piece in self.evidence if piece.against] or self.evidence
        return "; ".join(f"{piece.source}: {piece.text}" for piece in decisive)
