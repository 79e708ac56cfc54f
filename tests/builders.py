"""Small builders, so that a test reads like its subject."""

import msgspec

from feddns.config.settings import DnsSettings
from feddns.decide import Policy, decide
from feddns.model.decisions import Decision, Memory
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.records import RecordSet
from feddns.model.services import ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import ClusterName, Topology
from feddns.naming import Names

NGINX = ServiceKey("mynamespace", "nginx")
NOW = 1_800_000_000.0


def a_policy(federation: str = "ufp", zone: str = "example.com", **dns: object) -> Policy:
    settings = DnsSettings(zone=zone, provider={"embedded": {}}, **dns)  # type: ignore[arg-type]  # tests name them
    return Policy(Names.of(federation, zone), settings)


def a_cluster(name: str, region: str = "", *zones: str, sight: Sight = Sight.VISIBLE) -> ClusterState:
    return ClusterState(ClusterName(name), sight, NOW - 100, Topology(region, zones))


def a_shard(cluster: str, *addresses: str, ready: int = 1, key: ServiceKey = NGINX, **fields: object) -> Shard:
    made = Shard(key, ClusterName(cluster), tuple(sorted(addresses)), ready=ReadyEndpoints(ready))
    return msgspec.structs.replace(made, **fields)


def seen(cluster: ClusterState, *addresses: str, ready: int = 1, key: ServiceKey = NGINX) -> Sighting:
    return Sighting(cluster, a_shard(cluster.name, *addresses, ready=ready, key=key))


def absent(cluster: ClusterState) -> Sighting:
    return Sighting(cluster, None)


def decided(
    *sightings: Sighting,
    published: tuple[RecordSet, ...] = (),
    memory: Memory | None = None,
    policy: Policy | None = None,
    key: ServiceKey = NGINX,
    now: float = NOW,
) -> Decision:
    return decide(key, sightings, published, memory or {}, now, policy or a_policy())
