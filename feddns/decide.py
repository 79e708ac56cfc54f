"""The whole thought about one service as one function: run, plan, records and explain all call it."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from feddns.config.settings import DnsSettings, HostnameSettings
from feddns.errors import InvalidNameError
from feddns.model.assessments import Assessment
from feddns.model.decisions import Decision, HostnameDecision, Memory, ScopeDecision, ShardMemory
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import ALIAS, CNAME, MANAGED_TYPES, TXT, DnsName, RecordSet, ZoneName
from feddns.model.services import HostnameWish, Problem, keeping
from feddns.model.topology import Scope
from feddns.naming import Names
from feddns.plan.ownership import Ownership, ownership, read_ownership
from feddns.records.hostnames import Target, answer_hostname, by_name
from feddns.records.last import last_answers
from feddns.records.leftovers import Leftover, leftovers
from feddns.records.permits import Permits, Wished, permit
from feddns.records.scopes import Service, answer_scopes, no_alias
from feddns.records.unproved import without_unproved

_NOTHING: Final = ShardMemory()


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


def decide(assessment: Assessment, published: tuple[RecordSet, ...], memory: Memory, policy: Policy) -> Decision:
    """Decide what should be in the zone for one service.

    Args:
        assessment: what is believed of the service.
        published: the record sets that the zone has for it, its hostnames and their ownerships among them.
        memory: what the last decision on this service left.
        policy: the settings.
    """
    key, verdicts = assessment.key, assessment.verdicts
    owned = _owned(published)
    own = tuple(each for each in published if policy.names.parse(each.name) is not None) if owned else published
    remembered = _remember(assessment, memory, own, owned)
    known = tuple(verdict for verdict in verdicts if verdict.shard is not None)
    if not known:
        kept = published if assessment.is_blind else ()
        return Decision(key, tuple(sorted(kept)), (), verdicts, (), remembered)
    ttl_s = assessment.ttl_s
    if assessment.is_blind:
        ttl_s = min([ttl_s, *(record_set.ttl for record_set in own if record_set.type != ALIAS)])
    left = _left(assessment, own, remembered, policy)
    values = (value for record_set in own for value in record_set.values)
    answering = without_unproved(verdicts, values, left.values())
    service = Service(key, policy.names, policy.dns, ttl_s, answering, left, policy.can_alias)
    try:
        scopes = answer_scopes(service)
    except InvalidNameError as error:
        problems = (*assessment.problems, Problem("InvalidName", str(error)))
        return Decision(key, tuple(sorted(published)), (), verdicts, problems, remembered)
    records = _records(service, scopes, own, assessment, remembered)
    wished = _wished(assessment, remembered, owned)
    if not wished:
        return Decision(key, records, scopes, verdicts, assessment.problems, remembered)
    hostnames, told = _hostnames(service, scopes, records, wished, policy)
    records = _with_hostnames(records, hostnames)
    return Decision(key, records, scopes, verdicts, (*assessment.problems, *told), remembered, hostnames)


def _left(
    assessment: Assessment, own: tuple[RecordSet, ...], remembered: Memory, policy: Policy
) -> dict[Scope, Leftover]:
    """What stays in the zone beside what visible clusters account for."""
    if assessment.is_blind:
        return leftovers(policy.names, own, _accounted(remembered))
    if any(sighting.cluster.sight is Sight.UNSEEN for sighting in assessment.sightings):
        # Evicted before it was ever seen: none of its answers stays, but its names go on to lead to others.
        return leftovers(policy.names, own, frozenset(value for record_set in own for value in record_set.values))
    return {}


def _remember(
    assessment: Assessment, memory: Memory, published: tuple[RecordSet, ...], owned: tuple[Ownership, ...]
) -> Memory:
    """What visible clusters have had: all that they have now, and of the past what is still published."""
    in_zone = {value for record_set in published for value in record_set.values}
    verdicts = {verdict.cluster: verdict for verdict in assessment.verdicts}
    remembered: Memory = {}
    for sighting in assessment.sightings:
        name = sighting.cluster.name
        before = memory.get(name, _NOTHING)
        verdict = verdicts.get(name)
        has = frozenset(verdict.addresses + verdict.hostnames) if verdict is not None else frozenset()
        had = (before.had & in_zone) | has | _shown(sighting)
        shard = verdict.shard if verdict is not None else None
        wishes = shard.wishes if shard is not None else ()
        wished = before.wished
        if wishes or wished:
            wished = frozenset(wishes).union(wish for wish in wished if _is_owned(wish, owned))
        if shard is not None or had or wished:
            remembered[name] = ShardMemory(had, wished)
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
    service: Service,
    scopes: Iterable[ScopeDecision],
    published: tuple[RecordSet, ...],
    assessment: Assessment,
    memory: Memory,
) -> tuple[RecordSet, ...]:
    answered = tuple(sorted(record_set for scope in scopes for record_set in scope.records))
    if any(record_set.type in MANAGED_TYPES and not _leads_on(record_set, service.names) for record_set in answered):
        return answered
    shards = {verdict.cluster: verdict.shard for verdict in assessment.verdicts if verdict.shard is not None}
    if keeping((shard.no_healthy_shards for shard in shards.values()), service.dns.no_healthy_shards) != "keep":
        return ()
    if assessment.is_blind:
        return tuple(sorted(published))
    had = {value for shard in shards.values() for value in shard.addresses + shard.hostnames}
    return last_answers(service, published, had.union(*(memory.get(cluster, _NOTHING).had for cluster in shards)))


def _leads_on(record_set: RecordSet, names: Names) -> bool:
    """Whether the record set only leads to another name of the federation."""
    return record_set.type == CNAME and names.parse(record_set.values[0]) is not None


def _wished(assessment: Assessment, memory: Memory, owned: tuple[Ownership, ...]) -> tuple[Wished, ...]:
    """The hostnames that are asked for, and those in the zone that a cluster that cannot be seen may ask for."""
    wished = [
        Wished(wish, verdict.cluster)
        for verdict in assessment.verdicts
        if verdict.shard is not None
        for wish in verdict.shard.wishes
    ]
    if owned and any(sighting.cluster.sight is not Sight.VISIBLE for sighting in assessment.sightings):
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
