"""What operators have ordered, over what feddns would judge by itself, and how one order changes the others."""

from collections.abc import Mapping
from typing import Annotated, Final, TypeVar

import msgspec

from feddns.model.topology import ClusterName

T = TypeVar("T")

Instant = Annotated[float, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Seconds since the epoch, up to the end of the year 9999, after which RFC 3339 knows no times."""


class Drain(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A cluster is to be left by its clients in good order.

    Attributes:
        since: when it was ordered, in seconds since the epoch, as all times here.
        until: when it ends by itself; None where a person ends it.
        by: who ordered it, for people.
        forced: whether it holds also where a service is left without a healthy shard.
    """

    since: Instant
    until: Instant | None = None
    by: str = ""
    forced: bool = False

    def is_over(self, now: float) -> bool:
        """Whether it has ended by itself."""
        return self.until is not None and now >= self.until


class Eviction(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A cluster is out of every answer at once, by a person's word."""

    since: Instant
    by: str = ""
    forced: bool = False


class Freeze(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """No zone is changed, whatever is judged.

    Attributes:
        reason: as the person gave it; may be empty.
    """

    since: Instant
    by: str = ""
    reason: str = ""


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=False, rename="camel", omit_defaults=True):
    """Everything that is ordered now; its mappings are replaced as a whole, never changed in place."""

    drains: dict[ClusterName, Drain] = {}
    evictions: dict[ClusterName, Eviction] = {}
    freeze: Freeze | None = None

    def is_leaving(self, cluster: ClusterName, now: float) -> bool:
        """Whether a cluster is drained or evicted."""
        drain = self.drains.get(cluster)
        return cluster in self.evictions or (drain is not None and not drain.is_over(now))


NO_ORDERS: Final = Orders()


def current(orders: Orders, now: float) -> Orders:
    """The orders without the drains that have ended by themselves."""
    drains = {cluster: drain for cluster, drain in orders.drains.items() if not drain.is_over(now)}
    return msgspec.structs.replace(orders, drains=drains)


def drained(orders: Orders, cluster: ClusterName, drain: Drain) -> Orders:
    """The orders with a cluster drained.

    One that is drained already keeps the time since when, so that no client has to be waited for twice, and stays
    forced; how long it lasts and who says so are the new order's.
    """
    known = orders.drains.get(cluster)
    if known is not None and not known.is_over(drain.since):
        drain = msgspec.structs.replace(drain, since=known.since, forced=known.forced or drain.forced)
    return msgspec.structs.replace(orders, drains={**orders.drains, cluster: drain})


def undrained(orders: Orders, cluster: ClusterName) -> Orders:
    """The orders with a cluster not drained."""
    return msgspec.structs.replace(orders, drains=_without(orders.drains, cluster))


def evicted(orders: Orders, cluster: ClusterName, eviction: Eviction) -> Orders:
    """The orders with a cluster evicted; one that is already stays so since the same time, and forced."""
    known = orders.evictions.get(cluster)
    if known is not None:
        eviction = msgspec.structs.replace(eviction, since=known.since, forced=known.forced or eviction.forced)
    return msgspec.structs.replace(orders, evictions={**orders.evictions, cluster: eviction})


def readmitted(orders: Orders, cluster: ClusterName) -> Orders:
    """The orders with a cluster not evicted."""
    return msgspec.structs.replace(orders, evictions=_without(orders.evictions, cluster))


def frozen(orders: Orders, freeze: Freeze) -> Orders:
    """The orders with everything frozen; a freeze that is there stays, so that its reason is not lost to a second."""
    return orders if orders.freeze is not None else msgspec.structs.replace(orders, freeze=freeze)


def thawed(orders: Orders) -> Orders:
    """The orders with nothing frozen."""
    return msgspec.structs.replace(orders, freeze=None)


def shifted(orders: Orders, by_s: float) -> Orders:
    """The orders with all their times moved, for a clock that is so many seconds ahead of that which dated them."""
    return Orders(
        drains={
            cluster: msgspec.structs.replace(
                drain, since=drain.since + by_s, until=None if drain.until is None else drain.until + by_s
            )
            for cluster, drain in orders.drains.items()
        },
        evictions={
            cluster: msgspec.structs.replace(eviction, since=eviction.since + by_s)
            for cluster, eviction in orders.evictions.items()
        },
        freeze=orders.freeze,
    )


def _without(orders: Mapping[ClusterName, T], cluster: ClusterName) -> dict[ClusterName, T]:
    return {name: order for name, order in orders.items() if name != cluster}
