"""The whole belief about one service as one function; run, plan, what-if and explain all call it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self

import msgspec

from feddns.config.settings import DnsSettings, Settings
from feddns.health.brakes import ClusterBrake
from feddns.health.service import Circumstances, Judgement, judge
from feddns.model.assessments import NO_HOLDS, Assessment, History
from feddns.model.evidence import Sighting
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.services import Problem, ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Pending, Verdict
from feddns.naming import Names
from feddns.records.ttl import lowered_ttl, service_ttl

_RESTORED_AFTER_S: Final = 60.0
"""So long a lowered TTL stays after the last withdrawal is no longer pending, so that it does not go up and down."""

_WORTH_LOWERING_S: Final = 10.0
"""A withdrawal that waits for less is made before clients could have had a lower TTL."""


class Beliefs(msgspec.Struct, frozen=True):
    """What all services are assessed by.

    Attributes:
        dns: the settings of answers.
        circumstances: what health is judged under.
        names: the federation's, in every zone that is written.
    """

    dns: DnsSettings
    circumstances: Circumstances
    names: tuple[Names, ...]

    def under(self, **changed: object) -> Self:
        """The same in other circumstances.

        Args:
            changed: the fields of `circumstances` that are others.
        """
        return msgspec.structs.replace(self, circumstances=msgspec.structs.replace(self.circumstances, **changed))

    @classmethod
    def of(cls, settings: Settings, names: Iterable[Names], clusters: int = 0, orders: Orders = NO_ORDERS) -> Self:
        """What the configuration and the operators say.

        Args:
            settings: the configuration.
            names: the federation's, in every zone that is written.
            clusters: how many there are, where nobody has the brake attend to them later.
            orders: what operators have ordered.
        """
        brake = ClusterBrake(settings.budget.clusters, clusters)
        return cls(settings.dns, Circumstances(settings.health, brake, orders), tuple(dict.fromkeys(names)))


def assess(
    key: ServiceKey, sightings: Sequence[Sighting], history: History, now: float, beliefs: Beliefs
) -> Assessment:
    """Assess one service.

    Args:
        key: the service.
        sightings: one for each cluster of the federation, in any order.
        history: what the last assessment left.
        now: in seconds since the epoch.
        beliefs: what all services are assessed by.
    """
    seen = tuple(_without_loop(sighting, beliefs.names) for sighting in sorted(sightings, key=_cluster))
    own_ttl_s, problems = service_ttl(key, list(filter(None, map(history.shard_of, seen))), beliefs.dns.ttl)
    judged = judge(key, seen, history.shards, now, own_ttl_s, beliefs.circumstances)
    lowered_from = _lowered_from(judged, now, own_ttl_s)
    lowered_until = _lowered_until(lowered_from, history, now)
    holds = _holds(key, judged.verdicts)
    dues = [due for due in (judged.due, lowered_from, lowered_until) if due is not None and now < due < math.inf]
    return Assessment(
        key=key,
        sightings=seen,
        verdicts=judged.verdicts,
        ttl_s=lowered_ttl(own_ttl_s, beliefs.dns.ttl_floor, halved=now < lowered_until, least=judged.is_draining),
        problems=(*problems, *holds.values()),
        history=History(judged.shards, lowered_until),
        due=min(dues, default=None),
        is_blind=judged.is_blind,
        holds=holds,
    )


def _cluster(sighting: Sighting) -> str:
    return sighting.cluster.name


def _without_loop(sighting: Sighting, every: Sequence[Names]) -> Sighting:
    """Leave out host names that are the federation's own: such a load balancer would lead to itself."""
    shard = sighting.shard
    if shard is None or not shard.hostnames:
        return sighting
    hostnames = tuple(each for each in shard.hostnames if not any(names.parse(each) for names in every))
    if hostnames == shard.hostnames:
        return sighting
    problem = Problem("HostnameLoops", f"{shard.key} in {shard.cluster}: its load balancer's host name is one of ours")
    shard = msgspec.structs.replace(shard, hostnames=hostnames, problems=(*shard.problems, problem))
    unresolved = tuple(hostname for hostname in sighting.unresolved if hostname in hostnames)
    return msgspec.structs.replace(
        sighting, shard=shard, resolved=sighting.resolved if hostnames else (), unresolved=unresolved
    )


def _holds(key: ServiceKey, verdicts: Iterable[Verdict]) -> Mapping[ClusterName, Problem]:
    """What a person should know of the withdrawals that brakes hold: the first one of each shard."""
    found: dict[ClusterName, Problem] = {}
    for verdict in verdicts:
        for pending in verdict.pending:
            if pending.brake is not None and verdict.cluster not in found:
                text = f"{key} in {verdict.cluster} {pending.text}"
                found[verdict.cluster] = Problem("WithdrawalHeld", text)
    return found or NO_HOLDS


def _lowered_from(judged: Judgement, now: float, own_ttl_s: int) -> float | None:
    """From when on the TTL should be low; None where no withdrawal is pending that is not made soon.

    Answers that are given longer before a withdrawal than their own TTL are forgotten by then anyway.
    """
    moments = [
        now if pending.due is None else pending.due - own_ttl_s
        for verdict in judged.verdicts
        for pending in verdict.pending
        if _is_worth_lowering(pending)
    ]
    return min(moments, default=None)


def _lowered_until(lowered_from: float | None, history: History, now: float) -> float:
    """Until when the TTL stays halved: while it should be low, and a while longer."""
    if lowered_from is not None and lowered_from <= now:
        return math.inf
    lowered_until = now + _RESTORED_AFTER_S if history.lowered_until == math.inf else history.lowered_until
    return lowered_until if lowered_until > now else 0.0


def _is_worth_lowering(pending: Pending) -> bool:
    """Whether clients should move soon; where it may be we who are cut off it is doubtful, of all services at once."""
    if not pending.is_withdrawal or pending.brake is Brake.CUT_OFF:
        return False
    return pending.due is None or pending.due - pending.since >= _WORTH_LOWERING_S
