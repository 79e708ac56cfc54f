"""What operators have ordered, over what feddns would judge by itself."""

from typing import Final

import msgspec

from feddns.model.topology import ClusterName


class Drain(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A cluster is to be left by its clients in good order.

    Attributes:
        since: when it was ordered, in seconds since the epoch, as all times here.
        until: when it ends by itself; None where a person ends it.
        by: who ordered it, for people.
        forced: whether it holds also where a service is left without a healthy shard.
    """

    since: float
    until: float | None = None
    by: str = ""
    forced: bool = False

    def is_over(self, now: float) -> bool:
        """Whether it has ended by itself."""
        return self.until is not None and now >= self.until


class Eviction(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A cluster is out of every answer at once, by a person's word."""

    since: float
    by: str = ""
    forced: bool = False


class Freeze(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """No zone is changed, whatever is judged.

    Attributes:
        reason: as the person gave it; may be empty.
    """

    since: float
    by: str = ""
    reason: str = ""


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=False, rename="camel", omit_defaults=True):
    """Everything that is ordered now."""

    drains: dict[ClusterName, Drain] = {}
    evictions: dict[ClusterName, Eviction] = {}
    freeze: Freeze | None = None


NO_ORDERS: Final = Orders()
