"""What it will mean for services, and when, that the clients of a cluster leave it."""

from collections.abc import Iterable

import msgspec

from feddns.model.decisions import Decision
from feddns.model.orders import Drain, Orders
from feddns.model.records import ADDRESS_TYPES, ALIAS
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Verdict
from feddns.records.ttl import service_ttl


class Outlook(msgspec.Struct, frozen=True):
    """What depends on a cluster.

    Attributes:
        ttls: in seconds, of the services that it answers for, or may, as it cannot be seen.
        bereft: those of them that no other cluster is known to be healthy for.
    """

    ttls: dict[ServiceKey, int]
    bereft: tuple[ServiceKey, ...]


class Timetable(msgspec.Struct, frozen=True):
    """When clients leave a cluster, in seconds since the epoch, if what is decided is written at once.

    Attributes:
        leaves: when the first services leave it out of their answers.
        out_by: when the last ones do.
        moved_by: when no resolver keeps an answer any more that it is in.
    """

    leaves: float
    out_by: float
    moved_by: float


def outlook(
    decisions: Iterable[Decision], cluster: ClusterName, orders: Orders, default_ttl_s: int, now: float
) -> Outlook:
    """Look at what depends on a cluster.

    Args:
        decisions: on all services; of several targets, one after the other.
        cluster: that is to be left.
        orders: others, by which other clusters may be left as well.
        default_ttl_s: of services that ask for none of their own.
        now: in seconds since the epoch.
    """
    ttls: dict[ServiceKey, int] = {}
    bereft: set[ServiceKey] = set()
    for decision in decisions:
        own = next((verdict for verdict in decision.verdicts if verdict.cluster == cluster), None)
        if own is None or not _answers(own, decision):
            continue
        shards = (verdict.shard for verdict in decision.verdicts if verdict.shard is not None)
        ttls[decision.key], _ = service_ttl(decision.key, shards, default_ttl_s)
        if not any(
            verdict.health is Health.HEALTHY and not orders.is_leaving(verdict.cluster, now)
            for verdict in decision.verdicts
            if verdict.cluster != cluster
        ):
            bereft.add(decision.key)
    return Outlook(ttls, tuple(sorted(bereft)))


def _answers(own: Verdict, decision: Decision) -> bool:
    """Whether a shard is, or may be, among the service's answers.

    One that cannot be seen may be behind whatever no other shard is known to bring.
    """
    if own.health is not Health.UNKNOWN:
        return own.health is Health.HEALTHY
    others = {address for verdict in decision.verdicts if verdict is not own for address in verdict.addresses}
    return any(
        record.type == ALIAS or (record.type in ADDRESS_TYPES and not others.issuperset(record.values))
        for record in decision.records
    )


def drain_times(drain: Drain, ttls: Iterable[int], floor_s: int) -> Timetable:
    """When the services leave a drained cluster: each when its old TTL is over, with the lower one since the drain.

    Args:
        drain: the order.
        ttls: of the services, in seconds.
        floor_s: what a longer TTL is lowered to.
    """
    waits = sorted(ttls) or [0]
    moved = max(ttl + min(ttl, floor_s) for ttl in waits)
    return Timetable(drain.since + waits[0], drain.since + waits[-1], drain.since + moved)


def eviction_times(since: float, ttls: Iterable[int]) -> Timetable:
    """When the services leave an evicted cluster: all at once, and resolvers when its TTL is over."""
    return Timetable(since, since, since + max(ttls, default=0))
