"""What is imagined to happen to clusters, and how these are seen as time goes on."""

from collections.abc import Iterable
from typing import Final

import msgspec

from feddns.model.evidence import ClusterState, Sight
from feddns.model.orders import Drain, Orders, drained
from feddns.model.topology import ClusterName

_NONE: Final[frozenset[ClusterName]] = frozenset()


class Scenario(msgspec.Struct, frozen=True):
    """What is imagined to happen, all at one moment.

    Attributes:
        down: clusters that die whole: their API servers and their load balancers answer no more.
        unready: clusters of which no endpoint is ready any more; they can be seen.
        drained: clusters that are drained, as `feddns drain` does it without `--force`.
    """

    down: frozenset[ClusterName] = _NONE
    unready: frozenset[ClusterName] = _NONE
    drained: frozenset[ClusterName] = _NONE

    @property
    def clusters(self) -> frozenset[ClusterName]:
        """All that something happens to."""
        return self.down | self.unready | self.drained

    def orders(self, orders: Orders, now: float) -> Orders:
        """What is ordered from the moment on."""
        for cluster in sorted(self.drained):
            orders = drained(orders, cluster, Drain(now))
        return orders


class Sightlines(msgspec.Struct, frozen=True):
    """How the clusters' API servers are heard of.

    Attributes:
        lost_after_s: seconds after which it is noticed at the latest that one is silent.
        silence_s: seconds after which one that is not is heard of again at the latest.
    """

    lost_after_s: float = 45.0
    silence_s: float = 30.0


class World:
    """The clusters as they are seen.

    Args:
        scenario: what happens.
        states: the clusters before it happens.
        began_at: when it happens, in seconds since the epoch.
        lines: how they are heard of.
    """

    def __init__(self, scenario: Scenario, states: Iterable[ClusterState], began_at: float, lines: Sightlines) -> None:
        self._down = scenario.down
        self._states = tuple(states)
        self._began_at = began_at
        self._lost_at = began_at + lines.lost_after_s
        self._silence_s = lines.silence_s

    @property
    def moments(self) -> tuple[float, ...]:
        """When something happens that concerns all services."""
        falls = any(state.name in self._down and state.sight is Sight.VISIBLE for state in self._states)
        return (self._lost_at,) if falls else ()

    def states(self, now: float) -> tuple[ClusterState, ...]:
        """All clusters, each with when it was heard of at the latest."""
        return tuple(self._state(each, now) for each in self._states)

    def _state(self, state: ClusterState, now: float) -> ClusterState:
        if state.sight is not Sight.VISIBLE:
            return state
        if state.name not in self._down:
            heard_at = last_of(self._began_at, self._silence_s, now)
            return msgspec.structs.replace(state, heard_at=heard_at)
        if now < self._lost_at:
            return msgspec.structs.replace(state, heard_at=self._began_at)
        reason = "its API server would be silent"
        return msgspec.structs.replace(
            state, sight=Sight.LOST, since=self._lost_at, reason=reason, heard_at=self._began_at
        )


def last_of(first: float, pause_s: float, now: float) -> float:
    """When something that happens again and again has happened last.

    Args:
        first: when it did first, in seconds since the epoch.
        pause_s: seconds between two times.
        now: the time, not before the first.
    """
    return first + (now - first) // pause_s * pause_s
