"""What a person's word keeps out of the answers, and from when on."""

from typing import Final

import msgspec

from feddns.model.orders import Drain, Eviction, Orders
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Evidence

_OPERATOR: Final = "operator"


class Word(msgspec.Struct, frozen=True, gc=False):
    """What a person says about one cluster.

    Attributes:
        from_when: when it leaves the answers of the service, in seconds since the epoch.
        until: when the order ends by itself; None where a person ends it.
        forced: whether it leaves also where nobody else answers.
        evidence: for people.
        since: when it was ordered.
    """

    from_when: float
    until: float | None
    forced: bool
    evidence: Evidence
    since: float


def word(orders: Orders, cluster: ClusterName, ttl_s: int, now: float) -> Word | None:
    """What a person says about a cluster, where anybody does.

    A drained cluster leaves a service's answers when every client has had the lowered TTL.

    Args:
        orders: all.
        cluster: its name.
        ttl_s: the service's own TTL, before it was lowered.
        now: in seconds since the epoch.
    """
    eviction = orders.evictions.get(cluster)
    if eviction is not None:
        return _evicted(eviction, now)
    drain = orders.drains.get(cluster)
    return None if drain is None or drain.is_over(now) else _drained(drain, ttl_s)


def is_out(said: Word | None, now: float) -> bool:
    """Whether a person's word keeps a cluster out now."""
    return said is not None and now >= said.from_when


def is_coming(said: Word | None, now: float) -> bool:
    """Whether a person's word will keep a cluster out soon."""
    return said is not None and now < said.from_when


def _evicted(eviction: Eviction, now: float) -> Word:
    """An eviction holds from when it is known: a date to come is that of a clock which is ahead."""
    text = f"evicted{_by(eviction.by)}; `feddns readmit` undoes it"
    evidence = Evidence(_OPERATOR, text, eviction.since, against=True)
    return Word(min(eviction.since, now), None, eviction.forced, evidence, eviction.since)


def _drained(drain: Drain, ttl_s: int) -> Word:
    text = f"drained{_by(drain.by)}; `feddns undrain` undoes it"
    evidence = Evidence(_OPERATOR, text, drain.since, against=True)
    return Word(drain.since + ttl_s, drain.until, drain.forced, evidence, drain.since)


def _by(who: str) -> str:
    return f" by {who}" if who else ""
