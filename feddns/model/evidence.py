"""What is known about clusters and their load balancers, and since when."""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from feddns.model.probing import Track
from feddns.model.services import Problem, Shard
from feddns.model.topology import ClusterName, Topology

NOT_PROBED: Final[Mapping[str, Track]] = MappingProxyType({})


class Sight(enum.StrEnum):
    """Whether what a cluster's view holds may be taken as the truth about the cluster."""

    VISIBLE = "Visible"
    """All is listed, and the API server was heard within the set time."""
    LOST = "Lost"
    """All was listed once, but the API server has been silent for too long: the view is a memory."""
    UNSEEN = "Unseen"
    """Not everything has been listed since feddns started: nothing may be concluded from what is missing."""


class ClusterState(msgspec.Struct, frozen=True, gc=False):
    """A cluster as it is seen now.

    Attributes:
        since: when `sight` became what it is, in seconds since the epoch.
        reason: why it is not visible, for people; empty when it is.
        problems: what a person should put right, such as a missing RBAC verb or a region label that is no DNS label.
        heard_at: when its API server was last heard of, by the kind of objects that has been silent for longest, in
            seconds since the epoch; None where one of them never was.
    """

    name: ClusterName
    sight: Sight
    since: float
    topology: Topology = Topology()
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    heard_at: float | None = None


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """What one cluster shows of one service.

    Attributes:
        shard: None where the cluster has no such Service, or where it cannot be seen.
        resolved: addresses of the shard's host names, sorted, where they have been resolved at least once.
        unresolved: host names of the shard for which no address is known yet.
        probed: what probes say of the shard's addresses, of one in a cluster that is lost too.
        recalled: where the shard answers already, of one that only the DNS zone remembers: the cluster's zones, and the
            empty text where it does at all.
    """

    cluster: ClusterState
    shard: Shard | None
    resolved: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    probed: Mapping[str, Track] = NOT_PROBED
    recalled: tuple[str, ...] = ()
