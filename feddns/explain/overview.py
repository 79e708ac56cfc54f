"""The federation in brief: verdicts, answers, moves and holds made from what is believed and known of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from feddns.explain.services import answer_value, hostname_value, verdict_value
from feddns.model.assessments import Assessment
from feddns.model.decisions import Decision
from feddns.model.evidence import ClusterState, Sight
from feddns.model.orders import Orders
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.status import Cluster, Hold, Move, Ready, ServiceCounts, ServiceVerdict, Verdicts
from feddns.model.stories import Answer, HostnameStory, Records, ScopeStory, Service, Shard
from feddns.model.verdicts import Health, Verdict
from feddns.naming import Names

READY: Final = {Sight.VISIBLE: Ready.TRUE, Sight.UNSEEN: Ready.FALSE, Sight.LOST: Ready.UNKNOWN}
"""Whether a cluster is ready, by its sight."""


def cluster_told(
    state: ClusterState, origin: str, services: int, orders: Orders | None, verdicts: Counter[Health]
) -> Cluster:
    """A cluster as it is seen.

    Args:
        state: what is seen.
        origin: where it is said that it is a member.
        services: how many it has.
        orders: what is ordered; None where that is not known.
        verdicts: on its shards.
    """
    return Cluster(
        name=state.name,
        ready=READY[state.sight],
        sight=state.sight,
        since=state.since,
        origin=origin,
        region=state.topology.region,
        zones=state.topology.zones,
        heard_at=state.heard_at,
        services=services,
        verdicts=Verdicts(verdicts[Health.HEALTHY], verdicts[Health.UNHEALTHY], verdicts[Health.UNKNOWN]),
        drain=None if orders is None else orders.drains.get(state.name),
        eviction=None if orders is None else orders.evictions.get(state.name),
        reason=state.reason,
        problems=state.problems,
    )


def service_verdict(believed: Assessment | None) -> ServiceVerdict:
    """What is believed of a service in all clusters together."""
    verdicts = () if believed is None else believed.verdicts
    found = Counter(verdict.health for verdict in verdicts if verdict.shard is not None)
    healthy, others = found[Health.HEALTHY], found[Health.UNHEALTHY] + found[Health.UNKNOWN]
    if healthy:
        return ServiceVerdict.DEGRADED if others else ServiceVerdict.HEALTHY
    if found[Health.UNHEALTHY]:
        return ServiceVerdict.UNHEALTHY
    return ServiceVerdict.UNKNOWN if verdicts else ServiceVerdict.ABSENT


def shards_of(believed: Assessment | None) -> tuple[int, int]:
    """How many shards of a service are healthy, and how many there are."""
    shards = [verdict for verdict in _verdicts(believed) if verdict.shard is not None]
    return sum(verdict.health is Health.HEALTHY for verdict in shards), len(shards)


def counted(verdicts: Counter[ServiceVerdict]) -> ServiceCounts:
    """How many services there are, by verdict."""
    return ServiceCounts(verdicts.total(), *(verdicts[verdict] for verdict in ServiceVerdict))


def service_told(key: ServiceKey, believed: Assessment | None, answers: tuple[Answer, ...]) -> Service:
    """A service in brief."""
    healthy, clusters = shards_of(believed)
    pending = sum(len(verdict.pending) for verdict in _verdicts(believed))
    return Service(key.namespace, key.name, service_verdict(believed), healthy, clusters, pending, answers)


def answers_told(target: str, names: Names, published: Iterable[RecordSet]) -> Iterator[Answer]:
    """What a zone has for a service, by scope, the global one first."""
    by_name: dict[str, list[RecordSet]] = {}
    for record_set in published:
        by_name.setdefault(record_set.name, []).append(record_set)
    scopes = {parsed[1]: name for name in by_name if (parsed := names.parse(name)) is not None}
    for scope, name in sorted(scopes.items()):
        leads_to = next((names.parse(each.values[0]) for each in by_name[name] if each.type == CNAME), None)
        yield Answer(
            target=target,
            scope=str(scope),
            region=scope.region,
            zone=scope.zone,
            name=name,
            records=tuple(Records(each.type, each.ttl, each.values) for each in by_name[name]),
            leads_to="" if leads_to is None else str(leads_to[1]),
        )


def moves_of(believed: Assessment | None) -> Iterator[Move]:
    """The changes of a service's shards that are pending."""
    for verdict in _verdicts(believed):
        for pending in verdict.pending:
            yield Move(
                service="" if believed is None else str(believed.key),
                cluster=verdict.cluster,
                text=pending.text,
                since=pending.since,
                due=pending.due,
                is_withdrawal=pending.is_withdrawal,
                brake=None if pending.brake is None else pending.brake.value,
            )


def braked(moves: Iterable[Move]) -> tuple[Hold, ...]:
    """What brakes hold, one for each brake and cluster."""
    by_what: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        if move.brake is not None:
            by_what.setdefault((move.cluster, move.brake), []).append(move)
    return tuple(_braked(held) for _, held in sorted(by_what.items()))


def _braked(held: Sequence[Move]) -> Hold:
    first = held[0]
    release = "" if first.brake == "cut-off" else f"feddns evict {first.cluster}"
    text = f"{first.service}: {first.text}"
    return Hold(first.brake or "panic", "", first.cluster, len(held), text, release)


def shards_told(believed: Assessment | None) -> tuple[Shard, ...]:
    """The verdicts on a service, with all that they rest on."""
    return tuple(_made(verdict_value(verdict), Shard) for verdict in _verdicts(believed))


def scopes_told(decision: Decision, published: tuple[RecordSet, ...] | None) -> tuple[ScopeStory, ...]:
    """The answers of a service at all its scopes, with all that speaks for them."""
    return tuple(_made(answer_value(answer, decision, published), ScopeStory) for answer in decision.scopes)


def hostnames_told(decision: Decision) -> tuple[HostnameStory, ...]:
    """The hostnames of a service's own."""
    return tuple(_made(hostname_value(found), HostnameStory) for found in decision.hostnames)


def left_over(names: Names, published: Iterable[RecordSet]) -> tuple[ScopeStory, ...]:
    """What a zone has for a service that no cluster has."""
    return tuple(
        ScopeStory(answer.name, answer.scope, (), answer.records, "no cluster has this service any more", ())
        for answer in answers_told("", names, published)
    )


def _verdicts(believed: Assessment | None) -> tuple[Verdict, ...]:
    return () if believed is None else believed.verdicts


def _made(value: dict[str, Any], kind: type[Any]) -> Any:
    """What `feddns explain` tells, as a value of a set form."""
    return msgspec.convert(value, kind)
