"""The whole thought about one service as one function: run, plan, records and explain all call it."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from feddns.config.settings import DnsSettings, HostnameSettings
from feddns.errors import InvalidNameError
from feddns.health.judge import judge
from feddns.model.decisions import Decision, HostnameDecision, Memory, ScopeDecision, ShardMemory
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import ALIAS, CNAME, MANAGED_TYPES, TXT, DnsName, RecordSet, ZoneName
from feddns.model.services import HostnameWish, Problem, ServiceKey
from feddns.model.topology import Scope
from feddns.model.verdicts import Verdict
from feddns.naming import Names
from feddns.plan.ownership import Ownership, ownership, read_ownership
from feddns.records.hostnames import Target, answer_hostname, by_name
from feddns.records.leftovers import Leftover, leftovers
from feddns.records.permits import Permits, Wished, permit
from feddns.records.scopes import Service, answer_scopes, no_alias
from feddns.records.ttl import service_ttl

_NOTHING: Final = ShardMemory(None)


class Policy(msgspec.Struct, frozen=True):
    """The settings that a decision follows.

    Attributes:
        names: the federation's names in the zone that is decided on.
        dns: the settings of answers.
        owner: who holds the claim.
        hostnames: which namespaces may have hostnames in which domains.
        zones: all zones that are written; that of `names` alone where none is given.
        can_alias: whether the provider can make a name of the zone an alias of a host name.
    """

    names: Names
    dns: DnsSettings
    owner: str = "default"
    hostnames: tuple[HostnameSettings, ...] = ()
    zones: tuple[ZoneName, ...] = ()
    can_alias: Callable[[DnsName], bool] = no_alias


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
        published: the record sets that the zone has for the service, its hostnames and their ownerships among them.
        memory: what the last decision on this service left.
        now: in seconds since the epoch.
        policy: the settings.
    """
    seen = [_without_loop(sighting, policy.names) for sighting in sorted(sightings, key=_cluster)]
    judged = [(sighting, judge(sighting, _last(memory, sighting), now)) for sighting in seen]
    verdicts = tuple(verdict for _, verdict in judged if verdict is not None)
    owned = _owned(published)
    own = tuple(each for each in published if policy.names.parse(each.name) is not None) if owned else published
    remembered = _remember(judged, memory, own, owned)
    blind = any(_may_own_more(sighting, verdict) for sighting, verdict in judged)
    known = tuple(verdict for verdict in verdicts if verdict.shard is not None)
    if not known:
        kept = published if blind else ()
        return Decision(key, tuple(sorted(kept)), (), verdicts, (), remembered)
    ttl_s, problems = service_ttl(key, known, policy.dns.ttl)
    left: dict[Scope, Leftover] = {}
    if blind:
        ttl_s = min([ttl_s, *(record_set.ttl for record_set in own if record_set.type != ALIAS)])
        left = leftovers(policy.names, own, _accounted(remembered))
    service = Service(key, policy.names, policy.dns, ttl_s, verdicts, left, policy.can_alias)
    try:
        scopes = answer_scopes(service)
    except InvalidNameError as error:
        invalid = Problem("InvalidName", str(error))
        return Decision(key, tuple(sorted(published)), (), verdicts, (*problems, invalid), remembered)
    records = _records(scopes, own, policy)
    wished = _wished(judged, remembered, owned)
    if not wished:
        return Decision(key, records, scopes, verdicts, problems, remembered)
    hostnames, told = _hostnames(service, scopes, records, wished, policy)
    records = _with_hostnames(records, hostnames)
    return Decision(key, records, scopes, verdicts, (*problems, *told), remembered, hostnames)


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
    judged: list[tuple[Sighting, Verdict | None]],
    memory: Memory,
    published: tuple[RecordSet, ...],
    owned: tuple[Ownership, ...],
) -> Memory:
    """What visible clusters have had: all that they have now, and of the past what is still published."""
    in_zone = {value for record_set in published for value in record_set.values}
    remembered: Memory = {}
    for sighting, verdict in judged:
        name = sighting.cluster.name
        before = memory.get(name, _NOTHING)
        has = frozenset(verdict.addresses + verdict.hostnames) if verdict is not None else frozenset()
        had = (before.had & in_zone) | has | _shown(sighting)
        known = verdict if verdict is not None and verdict.shard is not None else None
        wishes = known.shard.wishes if known is not None and known.shard is not None else ()
        wished = before.wished
        if wishes or wished:
            wished = frozenset(wishes).union(wish for wish in wished if _is_owned(wish, owned))
        if known is not None or had or wished:
            remembered[name] = ShardMemory(known, had, wished)
    return remembered


def _owned(published: tuple[RecordSet, ...]) -> tuple[Ownership, ...]:
    texts = [record_set for record_set in published if record_set.type == TXT]
    return tuple(filter(None, map(read_ownership, texts))) if texts else ()


def _is_owned(wish: HostnameWish, owned: Iterable[Ownership]) -> bool:
    return any(wish.stands_for(ownership.hostname, ownership.region) for ownership in owned)


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


def _wished(
    judged: list[tuple[Sighting, Verdict | None]], memory: Memory, owned: tuple[Ownership, ...]
) -> tuple[Wished, ...]:
    """The hostnames that are asked for, and those in the zone that a cluster that cannot be seen may ask for."""
    wished = [
        Wished(wish, sighting.cluster.name)
        for sighting, verdict in judged
        if verdict is not None and verdict.shard is not None
        for wish in verdict.shard.wishes
    ]
    if owned and any(sighting.cluster.sight is not Sight.VISIBLE for sighting, _ in judged):
        given_up = {wish for each in memory.values() for wish in each.wished}.difference(each.wish for each in wished)
        wished.extend(
            Wished(HostnameWish(each.hostname, each.region), None)
            for each in owned
            if not any(wish.stands_for(each.hostname, each.region) for wish in given_up)
        )
    return tuple(wished)


def _hostnames(
    service: Service,
    scopes: tuple[ScopeDecision, ...],
    records: tuple[RecordSet, ...],
    wished: tuple[Wished, ...],
    policy: Policy,
) -> tuple[tuple[HostnameDecision, ...], tuple[Problem, ...]]:
    permits = Permits(policy.names, policy.zones or (policy.names.zone,), policy.hostnames)
    present = frozenset(scope.scope for scope in scopes)
    permitted, problems = permit(service.key, wished, sorted({scope.region for scope in present} - {""}), permits)
    target = Target(service, present, by_name(records))
    decided = [(each, answer_hostname(each, target)) for each in permitted]
    hostnames = tuple(
        HostnameDecision(
            hostname=each.hostname,
            scope=Scope(each.region),
            clusters=each.clusters,
            records=answer.records,
            ownership=ownership(policy.names, policy.owner, service.key, each.hostname, each.region),
            text=answer.text,
        )
        for each, answer in decided
    )
    return hostnames, (*problems, *(answer.problem for _, answer in decided if answer.problem is not None))


def _with_hostnames(records: tuple[RecordSet, ...], hostnames: Iterable[HostnameDecision]) -> tuple[RecordSet, ...]:
    return tuple(sorted((*records, *(each for found in hostnames for each in (*found.records, found.ownership)))))
