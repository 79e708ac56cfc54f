"""The whole thought about one service as one function: run, plan, records and explain all call it."""

from collections.abc import Iterable

import msgspec

from feddns.config.settings import DnsSettings
from feddns.errors import InvalidNameError
from feddns.health.judge import judge
from feddns.model.decisions import Decision, Memory, ScopeDecision, ShardMemory
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import CNAME, MANAGED_TYPES, RecordSet
from feddns.model.services import Problem, ServiceKey
from feddns.model.topology import Scope
from feddns.model.verdicts import Verdict
from feddns.naming import Names
from feddns.records.leftovers import Leftover, leftovers
from feddns.records.scopes import Service, answer_scopes
from feddns.records.ttl import service_ttl


class Policy(msgspec.Struct, frozen=True):
    """The settings that a decision follows."""

    names: Names
    dns: DnsSettings


def decide(
    key: ServiceKey,
    sightings: tuple[Sighting, ...],
    published: tuple[RecordSet, ...],
    memory: Memory,
    now: float,
    policy: Policy,
) -> Decision:
    """Decide what should be in the zone for one service.

    Args:
        key: the service.
        sightings: one for each cluster of the federation, in any order.
        published: the record sets that the zone has for the service's names.
        memory: what the last decision on this service left.
        now: in seconds since the epoch.
        policy: the settings.
    """
    seen = [_without_loop(sighting, policy.names) for sighting in sorted(sightings, key=_cluster)]
    judged = [(sighting, judge(sighting, _last(memory, sighting), now)) for sighting in seen]
    verdicts = tuple(verdict for _, verdict in judged if verdict is not None)
    remembered = _remember(judged, memory, published)
    blind = any(_may_own_more(sighting, verdict) for sighting, verdict in judged)
    known = tuple(verdict for verdict in verdicts if verdict.shard is not None)
    if not known:
        kept = published if blind else ()
        return Decision(key, tuple(sorted(kept)), (), verdicts, (), remembered)
    ttl_s, problems = service_ttl(key, known, policy.dns.ttl)
    left: dict[Scope, Leftover] = {}
    if blind:
        ttl_s = min([ttl_s, *(record_set.ttl for record_set in published)])
        left = leftovers(policy.names, published, _accounted(remembered))
    try:
        scopes = answer_scopes(Service(key, policy.names, policy.dns, ttl_s, verdicts, left))
    except InvalidNameError as error:
        invalid = Problem("InvalidName", str(error))
        return Decision(key, tuple(sorted(published)), (), verdicts, (*problems, invalid), remembered)
    return Decision(key, _records(scopes, published, policy), scopes, verdicts, problems, remembered)


def _cluster(sighting: Sighting) -> str:
    return sighting.cluster.name


def _without_loop(sighting: Sighting, names: Names) -> Sighting:
    """Leave out host names that are the federation's own: such a load balancer would lead to itself."""
    shard = sighting.shard
    if shard is None or not any(names.parse(hostname) for hostname in shard.hostnames):
        return sighting
    hostnames = tuple(hostname for hostname in shard.hostnames if names.parse(hostname) is None)
    problem = Problem("HostnameLoops", f"{shard.key} in {shard.cluster}: its load balancer's host name is one of ours")
    shard = msgspec.structs.replace(shard, hostnames=hostnames, problems=(*shard.problems, problem))
    unresolved = tuple(hostname for hostname in sighting.unresolved if hostname in hostnames)
    return Sighting(sighting.cluster, shard, sighting.resolved if hostnames else (), unresolved)


def _last(memory: Memory, sighting: Sighting) -> Verdict | None:
    remembered = memory.get(sighting.cluster.name)
    return None if remembered is None else remembered.verdict


def _may_own_more(sighting: Sighting, verdict: Verdict | None) -> bool:
    """Whether published answers may be this cluster's without its showing them: it, or a host name, is not seen yet."""
    if sighting.cluster.sight is not Sight.VISIBLE:
        return True
    return bool(sighting.unresolved) and verdict is not None and bool(verdict.hostnames)


def _remember(
    judged: list[tuple[Sighting, Verdict | None]], memory: Memory, published: tuple[RecordSet, ...]
) -> Memory:
    """What visible clusters have had: all that they have now, and of the past what is still published."""
    in_zone = {value for record_set in published for value in record_set.values}
    remembered: Memory = {}
    for sighting, verdict in judged:
        name = sighting.cluster.name
        past = memory[name].had if name in memory else frozenset()
        has = frozenset(verdict.addresses + verdict.hostnames) if verdict is not None else frozenset()
        had = (past & in_zone) | has | _shown(sighting)
        known = verdict if verdict is not None and verdict.shard is not None else None
        if known is not None or had:
            remembered[name] = ShardMemory(known, had)
    return remembered


def _shown(sighting: Sighting) -> frozenset[str]:
    if sighting.shard is None or sighting.cluster.sight is not Sight.VISIBLE:
        return frozenset()
    return frozenset(sighting.shard.addresses + sighting.shard.hostnames + sighting.resolved)


def _accounted(memory: Memory) -> frozenset[str]:
    return frozenset[str]().union(*(remembered.had for remembered in memory.values()))


def _records(
    scopes: Iterable[ScopeDecision], published: tuple[RecordSet, ...], policy: Policy
) -> tuple[RecordSet, ...]:
    answered = tuple(sorted(record_set for scope in scopes for record_set in scope.records))
    if any(record_set.type in MANAGED_TYPES and not _leads_on(record_set, policy) for record_set in answered):
        return answered
    return tuple(sorted(published)) if policy.dns.no_healthy_shards == "keep" else ()


def _leads_on(record_set: RecordSet, policy: Policy) -> bool:
    """Whether the record set only leads to another name of the federation."""
    return record_set.type == CNAME and policy.names.parse(record_set.values[0]) is not None
