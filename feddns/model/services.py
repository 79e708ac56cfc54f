"""Services as the federation sees them: one key over all clusters, one shard in each."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from feddns.model.probing import Probe
from feddns.model.records import DnsName
from feddns.model.topology import ClusterName

REGION_PLACE: Final = "{region}"
"""Stands in a wish for the name of each region in turn."""


class ServiceKey(msgspec.Struct, frozen=True, order=True, gc=False):
    """A federated service: the Services of this namespace and name in all clusters."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Problem(msgspec.Struct, frozen=True, order=True, gc=False):
    """Something that a person should put right; it never stops other services.

    Attributes:
        reason: a short CamelCase word, as a Kubernetes Event's reason.
        text: what is wrong, where, and what would be right.
    """

    reason: str
    text: str


class HostnameWish(msgspec.Struct, frozen=True, order=True, gc=False):
    """A hostname of its own that a Service asks for.

    Attributes:
        hostname: lower case, with the final dot; where it has `{region}` in it, it stands for one in each region.
        region: whose name it leads to; empty for the global name, or for each region's own.
    """

    hostname: str
    region: str = ""

    def expanded(self, regions: Iterable[str]) -> Iterator[tuple[DnsName, str]]:
        """Each hostname that is asked for, and the region whose name it leads to, empty for the global one.

        Args:
            regions: those that the service has names in.
        """
        if REGION_PLACE not in self.hostname:
            yield DnsName(self.hostname), self.region
            return
        for region in regions:
            yield DnsName(self.hostname.replace(REGION_PLACE, region)), region

    def stands_for(self, hostname: DnsName, region: str) -> bool:
        """Whether it asks for this hostname, to lead to this region's name, or with empty `region` to the global."""
        return (hostname, region) in self.expanded((region,) if region else ())


def keeping(asked: Iterable[str], default: str) -> str:
    """What the Services of all clusters ask for together: where they differ `keep`, which takes less away.

    Args:
        asked: one for each Service; empty where it asks for nothing.
        default: what holds where none asks.
    """
    words = set(asked) - {""}
    return "keep" if "keep" in words else next(iter(words), default)


class ReadyEndpoints(msgspec.Struct, frozen=True, gc=False):
    """How many endpoints of a shard accept traffic, from its EndpointSlices.

    Attributes:
        total: ready endpoints of the shard.
        by_zone: ready endpoints that name a zone, as (zone label folded to lower case, count), sorted.
        not_ready: endpoints that are known and not ready.
        terminating: those of the not ready ones that still serve while they terminate.
        changed_at: when the newest change of an endpoint took place, in seconds since the epoch, from the annotation
            `endpoints.kubernetes.io/last-change-trigger-time`; None where no slice tells.
    """

    total: int = 0
    by_zone: tuple[tuple[str, int], ...] = ()
    not_ready: int = 0
    changed_at: float | None = None
    terminating: int = 0


class Shard(msgspec.Struct, frozen=True, gc=False):
    """One service in one cluster: a Service of type LoadBalancer that the federation takes, and its endpoints.

    Attributes:
        addresses: the load balancer's IP addresses in canonical form, sorted; resolved ones of `hostnames` are not
            among them.
        hostnames: the load balancer's host names, lower case with the final dot, sorted.
        ready: the endpoints behind it.
        ttl_s: the valid value of the annotation `feddns.io/ttl`, or None.
        created_at: when the Service was created, in seconds since the epoch; None where the object does not say.
        problems: what is wrong with the object, such as a refused annotation.
        wishes: the valid entries of the annotation `feddns.io/hostname`, sorted.
        probe: how its addresses are probed, by the annotation `feddns.io/probe` or by default; None where they are not.
        no_healthy_shards: the valid value of the annotation `feddns.io/no-healthy-shards`, or empty.
        panic: the valid value of the annotation `feddns.io/panic`, or empty.
    """

    key: ServiceKey
    cluster: ClusterName
    addresses: tuple[str, ...] = ()
    hostnames: tuple[str, ...] = ()
    ready: ReadyEndpoints = ReadyEndpoints()
    ttl_s: int | None = None
    created_at: float | None = None
    problems: tuple[Problem, ...] = ()
    wishes: tuple[HostnameWish, ...] = ()
    probe: Probe | None = None
    no_healthy_shards: str = ""
    panic: str = ""
