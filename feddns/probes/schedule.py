"""When each target is asked next, and which of those that are due may go now."""

import asyncio
import heapq
import itertools
import math
from collections import deque
from collections.abc import Hashable
from typing import Final

from feddns.model.probing import UNTESTED, Probe, ProbeState, Track

User = Hashable
"""Who wants to know about an address; what it is, is no matter of the schedule's."""

_GRAIN_S: Final = 0.01
"""Questions that are due so soon go together: that halves the times that the process has to wake."""


class Target:
    """An address and what it is asked.

    Args:
        address: in canonical form.
        track: what is known of it already.

    Attributes:
        users: who wants to know; a target without any is forgotten.
        due: when it is to be asked next, in seconds of the event loop's clock.
        is_new: whether it was never asked.
        task: the question under way.
    """

    __slots__ = ("address", "due", "is_new", "probe", "task", "track", "users")

    def __init__(self, address: str, probe: Probe, track: Track = UNTESTED) -> None:
        self.address = address
        self.probe = probe
        self.track = track
        self.users: set[User] = set()
        self.due = 0.0
        self.is_new = True
        self.task: asyncio.Task[object] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether there is a first result, or a reason why there is none."""
        return self.track.state is not ProbeState.UNTESTED or bool(self.track.hindrance)

    @property
    def is_doubtful(self) -> bool:
        """Whether its last answer was a failure, so that the next one may well take all of its time."""
        return self.track.tested_at is not None and not self.track.succeeded


class Schedule:
    """One heap for all targets; those that are due take turns at a bounded number of places.

    Targets that failed last wait in a line of their own and never get the last quarter of the places: a cluster that
    has gone dark, each question to which takes until its time limit, must not hold up the questions to all others.

    Args:
        concurrency: how many questions may be under way at a time.
    """

    def __init__(self, concurrency: int) -> None:
        self._places = concurrency
        self._places_of_doubtful = max(1, concurrency - max(1, concurrency // 4))
        self._planned: list[tuple[float, int, Target]] = []
        self._order = itertools.count()
        self._sound: deque[Target] = deque()
        self._doubtful: deque[Target] = deque()
        self._under_way: dict[Target, bool] = {}
        self._doubtful_under_way = 0

    @property
    def under_way(self) -> int:
        """How many questions are."""
        return len(self._under_way)

    @property
    def waiting(self) -> int:
        """How many targets are due and have no place."""
        return len(self._sound) + len(self._doubtful)

    @property
    def next_due(self) -> float:
        """When the next target is due that is not yet; infinite where there is none."""
        return self._planned[0][0] if self._planned else math.inf

    def plan(self, target: Target, due: float) -> None:
        """Have a target asked at a time; it must not be planned already."""
        target.due = due
        heapq.heappush(self._planned, (due, next(self._order), target))

    def take(self, now: float) -> Target | None:
        """The target whose turn it is, which takes a place with that; None where nothing may start."""
        while self._planned and self._planned[0][0] <= now + _GRAIN_S:
            _, _, target = heapq.heappop(self._planned)
            (self._doubtful if target.is_doubtful else self._sound).append(target)
        while line := self._line():
            target = line.popleft()
            if target.users:
                is_doubtful = line is self._doubtful
                self._under_way[target] = is_doubtful
                self._doubtful_under_way += is_doubtful
                return target
        return None

    def give_back(self, target: Target) -> None:
        """The target's question is over, and its place is free."""
        self._doubtful_under_way -= self._under_way.pop(target)

    def _line(self) -> deque[Target] | None:
        """The line whose first may go now."""
        if len(self._under_way) >= self._places:
            return None
        if self._sound:
            return self._sound
        has_room = self._doubtful_under_way < self._places_of_doubtful
        return self._doubtful if self._doubtful and has_room else None
