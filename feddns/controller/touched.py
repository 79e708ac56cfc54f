"""Which services must be looked at again.

An event says no more than that, so one that is lost, doubled or late changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import islice
from typing import Final, Protocol

from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName

_CHUNK: Final = 64
"""So many services are looked at in a row, before other parts of the process and newer changes have their turn."""


class Touched:
    """The services to look at again: those touched one by one before those touched all together."""

    def __init__(self) -> None:
        self._single: dict[ServiceKey, None] = {}
        self._bulk: dict[ServiceKey, None] = {}
        self._all = False
        self._wake = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether nothing more waits to be looked at."""
        return not (self._single or self._bulk or self._all)

    def service(self, key: ServiceKey) -> None:
        """One service changed."""
        self._single[key] = None
        self._wake.set()

    def services(self, keys: Iterable[ServiceKey]) -> None:
        """Many services changed."""
        self._bulk.update(dict.fromkeys(keys))
        self._wake.set()

    def cluster(self, name: ClusterName) -> None:  # noqa: ARG002 - which one makes no difference: all services stand in it
        """A cluster's sight, topology or problems changed, so every service must be looked at again."""
        self.everything()

    def everything(self) -> None:
        """Every service must be looked at again."""
        self._all = True
        self._wake.set()

    async def chunks(
        self, everything: Callable[[], Iterable[ServiceKey]]
    ) -> AsyncIterator[tuple[list[ServiceKey], bool]]:
        """Wait for services to look at, for ever.

        Args:
            everything: tells all services there are, when a whole cluster is touched.

        Yields:
            services, and whether these were the last that wait.
        """
        while True:
            if self.is_empty:
                self._wake.clear()
                await self._wake.wait()
            keys = self.take(everything)
            yield keys, self.is_empty
            await asyncio.sleep(0)

    def take(self, everything: Callable[[], Iterable[ServiceKey]]) -> list[ServiceKey]:
        """The services to look at next; empty where there are none."""
        if not self._single and self._all:
            self._all = False
            self._bulk.update(dict.fromkeys(everything()))
        waiting = self._single or self._bulk
        keys = list(islice(waiting, _CHUNK))
        for key in keys:
            self._single.pop(key, None)
            self._bulk.pop(key, None)
        return keys


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

    def listener(self) -> Touched:
        """Someone more who is told from now on."""
        touched = Touched()
        self.tell(touched)
        return touched

    def tell(self, listener: Listener) -> None:
        """Tell this one, too."""
        self._listeners.append(listener)

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
