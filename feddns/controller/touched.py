"""Which services must be looked at again.

An event says no more than that, so one that is lost, doubled or late changes nothing.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import islice
from typing import Final, Protocol

from feddns.clock import STEADY
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName

_CHUNK: Final = 64
"""So many services are looked at in a row, before other parts of the process and newer changes have their turn."""

_NO_CHANGE: Final = math.inf
"""In place of the time of a change, where somebody looks for the first time."""


class Touched:
    """The services to look at again: those touched one by one before those touched all together.

    Args:
        clock: tells seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = STEADY) -> None:
        self._clock = clock
        self._single: dict[ServiceKey, float] = {}
        self._bulk: dict[ServiceKey, float] = {}
        self._all_since: float | None = None
        self._wake = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether nothing more waits to be looked at."""
        return not (self._single or self._bulk) and self._all_since is None

    @property
    def depth(self) -> int:
        """How many services wait to be looked at, those not counted that are touched as part of all."""
        return len(self._single.keys() | self._bulk.keys())

    def begin(self, keys: Iterable[ServiceKey]) -> None:
        """Look at these for the first time, and at what was touched until now: none of it is a change."""
        self._bulk = dict.fromkeys((*self._single, *self._bulk, *keys), _NO_CHANGE)
        self._single.clear()
        self._all_since = None
        self._wake.set()

    def service(self, key: ServiceKey) -> None:
        """One service changed."""
        self._single.setdefault(key, self._clock())
        self._wake.set()

    def services(self, keys: Iterable[ServiceKey]) -> None:
        """Many services changed."""
        now = self._clock()
        for key in keys:
            self._bulk.setdefault(key, now)
        self._wake.set()

    def cluster(self, name: ClusterName) -> None:  # noqa: ARG002 - which one makes no difference: all services stand in it
        """A cluster's sight, topology or problems changed, so every service must be looked at again."""
        self.everything()

    def everything(self) -> None:
        """Every service must be looked at again."""
        if self._all_since is None:
            self._all_since = self._clock()
        self._wake.set()

    async def chunks(
        self, everything: Callable[[], Iterable[ServiceKey]]
    ) -> AsyncIterator[tuple[dict[ServiceKey, float], bool]]:
        """Wait for services to look at, for ever.

        Args:
            everything: tells all services there are, when a whole cluster is touched.

        Yields:
            services as `take` gives them, and whether these were the last that wait.
        """
        while True:
            if self.is_empty:
                self._wake.clear()
                await self._wake.wait()
            keys = self.take(everything)
            yield keys, self.is_empty
            await asyncio.sleep(0)

    def take(self, everything: Callable[[], Iterable[ServiceKey]]) -> dict[ServiceKey, float]:
        """The services to look at next; empty where there are none.

        Returns:
            Since when each waits, in seconds since the epoch; infinite where it is looked at for the first time.
        """
        if not self._single and self._all_since is not None:
            since, self._all_since = self._all_since, None
            for key in everything():
                self._bulk.setdefault(key, since)
        keys = list(islice(self._single or self._bulk, _CHUNK))
        return {key: min(self._single.pop(key, _NO_CHANGE), self._bulk.pop(key, _NO_CHANGE)) for key in keys}


class Listener(Protocol):
    """Who is told what is touched, at once; it should only take a note."""

    def service(self, key: ServiceKey) -> None:
        """One service changed."""

    def services(self, keys: Iterable[ServiceKey]) -> None:
        """Many services changed."""

    def everything(self) -> None:
        """Every service must be looked at again."""


class Everyone:
    """Passes on what is touched to all who look at services, each at its own pace, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def tell(self, listener: Listener) -> None:
        """Tell this one, too."""
        self._listeners.append(listener)

    def forget(self, listener: Listener) -> None:
        """Tell this one no more."""
        self._listeners.remove(listener)

    def service(self, key: ServiceKey) -> None:
        """One service changed."""
        for listener in self._listeners:
            listener.service(key)

    def services(self, keys: Iterable[ServiceKey]) -> None:
        """Many services changed."""
        keys = tuple(keys)
        for listener in self._listeners:
            listener.services(keys)

    def cluster(self, name: ClusterName) -> None:  # noqa: ARG002 - all services stand in it
        """A cluster's sight, topology or problems changed."""
        self.everything()

    def everything(self) -> None:
        """Every service must be looked at again."""
        for listener in self._listeners:
            listener.everything()
