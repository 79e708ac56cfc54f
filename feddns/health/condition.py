"""What evidence says of one shard now, before anything is damped or braked."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from feddns.config.health import HealthSettings
from feddns.health.witnesses import against, failing, untested, witnessed
from feddns.model.assessments import ShardHistory
from feddns.model.evidence import Sighting
from feddns.model.probing import Probe, Track
from feddns.model.services import ReadyEndpoints, Shard
from feddns.model.topology import Topology
from feddns.model.verdicts import Evidence

ANYWHERE: Final = ""
"""The place that stands for the shard as a whole, beside its zones."""

_WATCH: Final = "watch"
_BALANCER: Final = "load balancer"
_ENDPOINTS: Final = "EndpointSlices"
_LASTING: Final = frozenset({_BALANCER, _ENDPOINTS})
"""Evidence that is still told when it is all that is remembered of a cluster."""
_NONE_SPARED: Final[Mapping[str, float]] = MappingProxyType({})


class Condition(msgspec.Struct, frozen=True, gc=False):
    """The evidence on one shard.

    Attributes:
        shard: with the load balancer's last addresses where these are held.
        addresses: all of the shard's, those of its host names too, sorted.
        resolved: those of its host names.
        topology: where it stands.
        is_visible: whether its cluster can be seen.
        places: those that evidence speaks for.
        doubted: addresses that probes speak against.
        probed: what probes have found.
        untested: addresses that wait for the result of their first probe.
        spared: addresses that probes speak against, since when, but that stay as it may be we who are cut off.
        blind_at: when that last was so, in seconds since the epoch; infinite while it is, 0 where it never was.
        evidence: what all this rests on.
        emptied_at: since when the load balancer's status has been empty; None where it is not.
        held_until: until when its last addresses stay for that; None where they do not.
        next_at: when the passing of time alone changes this; None where it does not.
        may_own_more: whether published answers may be this shard's though it does not show them.
        recalled: the places that are known to answer from the DNS zone alone.
    """

    shard: Shard
    addresses: tuple[str, ...]
    resolved: tuple[str, ...]
    topology: Topology
    is_visible: bool
    places: tuple[str, ...]
    doubted: frozenset[str]
    untested: frozenset[str]
    probed: Mapping[str, Track]
    evidence: tuple[Evidence, ...]
    emptied_at: float | None = None
    held_until: float | None = None
    next_at: float | None = None
    may_own_more: bool = False
    spared: Mapping[str, float] = _NONE_SPARED
    blind_at: float = 0.0
    recalled: tuple[str, ...] = ()


class _Balancer(msgspec.Struct, frozen=True, gc=False):
    """What a load balancer gives, now or for a while still."""

    shard: Shard
    resolved: tuple[str, ...]
    evidence: Evidence
    emptied_at: float | None = None
    held_until: float | None = None
    may_have_more: bool = False


def visible_condition(
    sighting: Sighting, shard: Shard, before: ShardHistory | None, now: float, rules: HealthSettings
) -> Condition:
    """The condition of a shard whose cluster can be seen.

    A cloud's controller that restarts, or loses its credentials, empties the status of load balancers that still serve;
    so an emptied status is believed only after `rules.load_balancer_hold`.
    """
    topology = sighting.cluster.topology
    balancer = _balancer(sighting, shard, before, now, rules)
    is_over = balancer.held_until is not None and now >= balancer.held_until
    places = () if is_over or not shard.ready.total else (ANYWHERE, *ready_zones(shard.ready, topology))
    probed = sighting.probed
    return Condition(
        shard=balancer.shard,
        addresses=_all_addresses(balancer.shard, balancer.resolved),
        resolved=balancer.resolved,
        topology=topology,
        is_visible=True,
        places=places,
        doubted=failing(probed),
        untested=untested(probed),
        probed=probed,
        evidence=(_endpoints(shard.ready), balancer.evidence, *_probes(probed, shard.probe)),
        emptied_at=balancer.emptied_at,
        held_until=balancer.held_until,
        next_at=None if is_over else balancer.held_until,
        may_own_more=balancer.may_have_more or bool(sighting.unresolved and shard.hostnames and shard.ready.total),
        recalled=sighting.recalled,
    )


def remembered_condition(
    sighting: Sighting, before: ShardHistory, now: float, rules: HealthSettings, *, is_cut_off: bool
) -> Condition:
    """The condition of a shard whose cluster cannot be seen any more: as it was, but for what a second witness says.

    While it is rather we who are cut off nobody is waited for to be one.
    """
    cluster, probed, resolved = sighting.cluster, sighting.probed, before.resolved_by(sighting)
    doubted, next_at = (
        (failing(probed), None) if is_cut_off else witnessed(probed, before.shard.probe, now, rules.witness)
    )
    doubted |= failing(probed).difference(before.addresses)  # what is out needs no second witness to stay out
    places = before.places
    if rules.unknown_limit is not None:
        limit_at = cluster.since + rules.unknown_limit
        if now >= limit_at:
            places = ()
        else:
            next_at = limit_at if next_at is None else min(next_at, limit_at)
    remembered = (piece for piece in before.verdict.evidence if piece.source in _LASTING)
    watch = Evidence(_WATCH, cluster.reason or "the cluster cannot be seen", cluster.since)
    return Condition(
        shard=before.shard,
        addresses=_all_addresses(before.shard, resolved),
        resolved=resolved,
        topology=before.verdict.topology,
        is_visible=False,
        places=places,
        doubted=doubted,
        untested=untested(probed),
        probed=probed,
        evidence=(watch, *remembered, *_probes(probed, before.shard.probe)),
        emptied_at=before.emptied_at,
        next_at=next_at,
        may_own_more=True,
    )


def unseen_evidence(sighting: Sighting) -> Evidence:
    """Why nothing is known of a shard whose cluster has not been seen yet."""
    return Evidence(_WATCH, sighting.cluster.reason or "the cluster cannot be seen", sighting.cluster.since)


def ready_zones(ready: ReadyEndpoints, topology: Topology) -> tuple[str, ...]:
    """The zones with a ready endpoint; one that names no zone of the cluster counts for all of them."""
    counted = {zone for zone, count in ready.by_zone if count > 0 and zone in topology.zones}
    placed = sum(count for zone, count in ready.by_zone if zone in topology.zones)
    return topology.zones if ready.total > placed else tuple(zone for zone in topology.zones if zone in counted)


def _all_addresses(shard: Shard, resolved: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*shard.addresses, *resolved})) if resolved else shard.addresses


def _balancer(
    sighting: Sighting, shard: Shard, before: ShardHistory | None, now: float, rules: HealthSettings
) -> _Balancer:
    if shard.addresses or shard.hostnames:
        resolved = sighting.resolved if before is None else before.resolved_by(sighting)
        return _Balancer(shard, resolved, _given(shard, resolved))
    emptied_at = now if before is None or before.emptied_at is None else before.emptied_at
    held_until = emptied_at + rules.load_balancer_hold
    if before is not None and (before.shard.addresses or before.shard.hostnames):
        last = msgspec.structs.replace(shard, addresses=before.shard.addresses, hostnames=before.shard.hostnames)
        told = ", ".join(last.addresses + last.hostnames)
        evidence = Evidence(_BALANCER, f"its status was emptied; it had {told}", emptied_at, against=now >= held_until)
        return _Balancer(last, before.resolved, evidence, emptied_at, held_until)
    evidence = Evidence(_BALANCER, "pending: its status has no ingress", shard.created_at, against=True)
    if not _is_older_than_our_sight(sighting, shard) or now >= held_until:
        return _Balancer(shard, (), evidence, emptied_at)
    return _Balancer(shard, (), evidence, emptied_at, held_until, may_have_more=True)


def _is_older_than_our_sight(sighting: Sighting, shard: Shard) -> bool:
    """Whether its load balancer may have had addresses before we looked."""
    return shard.created_at is None or shard.created_at < sighting.cluster.since


def _endpoints(ready: ReadyEndpoints) -> Evidence:
    known = ready.total + ready.not_ready
    text = f"{ready.total} of {known} endpoints ready" if known else "no endpoints"
    if ready.terminating:
        text += f", {ready.terminating} more serve while they terminate"
    return Evidence(_ENDPOINTS, text, ready.changed_at, against=not ready.total)


def _given(shard: Shard, resolved: tuple[str, ...]) -> Evidence:
    parts = list(shard.addresses)
    if shard.hostnames:
        parts.append(f"{', '.join(shard.hostnames)} ({', '.join(resolved) or 'no address known yet'})")
    return Evidence(_BALANCER, ", ".join(parts), shard.created_at)


def _probes(probed: Mapping[str, Track], probe: Probe | None) -> Iterator[Evidence]:
    return against(probed, probe) if probed else iter(())
