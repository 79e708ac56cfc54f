"""One shard judged from what its cluster shows: Healthy, Unhealthy or Unknown."""

from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.services import ReadyEndpoints, Shard
from feddns.model.topology import Topology
from feddns.model.verdicts import Evidence, Health, Verdict


def judge(sighting: Sighting, before: Verdict | None, now: float) -> Verdict | None:
    """Judge one shard.

    A cluster that cannot be seen says nothing: its shard stays as it was last judged while it was visible, and is
    Unknown.

    Args:
        sighting: what the cluster shows of the service.
        before: the last verdict on this shard, where there was one.
        now: in seconds since the epoch.

    Returns:
        None where the cluster, as far as is known, has no such service.
    """
    match sighting.cluster.sight:
        case Sight.UNSEEN:
            return _unknown(sighting.cluster, None, now)
        case Sight.LOST:
            return None if before is None else _unknown(sighting.cluster, before, now)
        case Sight.VISIBLE:
            return None if sighting.shard is None else _seen(sighting, sighting.shard, before, now)


def _unknown(cluster: ClusterState, before: Verdict | None, now: float) -> Verdict:
    since = before.since if before is not None and before.health is Health.UNKNOWN else now
    evidence = Evidence("watch", cluster.reason or "the cluster cannot be seen", cluster.since)
    if before is None:
        return Verdict(cluster.name, Health.UNKNOWN, since, cluster.topology, evidence=(evidence,))
    remembered = tuple(piece for piece in before.evidence if piece.source != evidence.source)
    return Verdict(
        cluster=cluster.name,
        health=Health.UNKNOWN,
        since=since,
        topology=before.topology,
        zones=before.zones,
        addresses=before.addresses,
        hostnames=before.hostnames,
        evidence=(evidence, *remembered),
        shard=before.shard,
    )


def _seen(sighting: Sighting, shard: Shard, before: Verdict | None, now: float) -> Verdict:
    topology = sighting.cluster.topology
    evidence = (_endpoints(shard.ready), _load_balancer(sighting, shard))
    addresses = tuple(sorted({*shard.addresses, *sighting.resolved}))
    healthy = shard.ready.total > 0 and bool(addresses or shard.hostnames)
    health = Health.HEALTHY if healthy else Health.UNHEALTHY
    return Verdict(
        cluster=sighting.cluster.name,
        health=health,
        since=_since(health, shard, before, now),
        topology=topology,
        zones=_healthy_zones(shard.ready, topology) if healthy else (),
        addresses=addresses if healthy else (),
        hostnames=shard.hostnames if healthy else (),
        evidence=evidence,
        shard=shard,
    )


def _since(health: Health, shard: Shard, before: Verdict | None, now: float) -> float:
    """When the shard became so: as remembered, or as the cluster itself dates it, or now."""
    if before is None:
        return now if shard.ready.changed_at is None else min(now, shard.ready.changed_at)
    return before.since if before.health is health else now


def _healthy_zones(ready: ReadyEndpoints, topology: Topology) -> tuple[str, ...]:
    """The zones with a ready endpoint; one that names no zone of the cluster counts for all of them."""
    counted = {zone for zone, count in ready.by_zone if count > 0 and zone in topology.zones}
    placed = sum(count for zone, count in ready.by_zone if zone in topology.zones)
    return topology.zones if ready.total > placed else tuple(zone for zone in topology.zones if zone in counted)


def _endpoints(ready: ReadyEndpoints) -> Evidence:
    known = ready.total + ready.not_ready
    text = f"{ready.total} of {known} endpoints ready" if known else "no endpoints"
    return Evidence("EndpointSlices", text, ready.changed_at)


def _load_balancer(sighting: Sighting, shard: Shard) -> Evidence:
    parts = list(shard.addresses)
    if shard.hostnames:
        parts.append(f"{', '.join(shard.hostnames)} ({', '.join(sighting.resolved) or 'no address known yet'})")
    return Evidence("load balancer", ", ".join(parts) or "pending: its status has no ingress", shard.created_at)
