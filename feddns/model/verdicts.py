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
    """Its cluster cannot be seen; the last published answers stay."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One fact that a verdict rests on.

    Attributes:
        source: where it comes from, such as `EndpointSlices` or `watch`.
        text: the fact, for people.
        since: when it became so, in seconds since the epoch; None where the source does not tell.
    """

    source: str
    text: str
    since: float | None = None


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What is believed of one shard, and why.

    Attributes:
        since: when this service's shard got its present health, as far as this process knows, in seconds since the
            epoch.
        zones: the cluster's zones for which the shard counts as healthy.
        addresses: what the shard brings to the scopes where it is healthy: IP addresses in canonical form, sorted.
        hostnames: host names of its load balancer, for the scopes that may lead to one by CNAME.
        shard: what the verdict is about; the last one seen where the cluster is Unknown, None where it was never seen.
    """

    cluster: ClusterName
    health: Health
    since: float
    topology: Topology = Topology()
    zones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    hostnames: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    shard: Shard | None = None
