"""Replicas that compete for a Lease in virtual time, over lines that delay and lose what is sent."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from feddns.clusters.kubernetes.failures import Refused, Unreachable
from feddns.config.host import LeaderElectionSettings
from feddns.errors import ClusterError
from feddns.leadership.election import elect
from feddns.leadership.lease import Lease, Spec, read_lease
from feddns.leadership.lock import LeaseLock
from feddns.leadership.tenure import Tenure

T = TypeVar("T")

SETTINGS = LeaderElectionSettings("feddns", lease_duration=6.0, renew_deadline=4.0, retry_period=1.0)


def now() -> float:
    return asyncio.get_running_loop().time()


class Shelf:
    """The API server with the one Lease; it does one request at a time, and each either whole or not."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 100
        self.watchers: list[Callable[[Lease | None], None]] = []

    @property
    def spec(self) -> dict[str, Any]:
        assert self.lease is not None
        spec: dict[str, Any] = self.lease["spec"]
        return spec

    def get(self) -> Lease | None:
        return None if self.lease is None else read_lease(msgspec.json.encode(self.lease))

    def create(self, spec: Spec) -> Lease:
        if self.lease is not None:
            raise Refused("it is there", 409)
        return self._put(
            {"metadata": {"name": "feddns", "labels": {"app": "feddns"}}, "spec": msgspec.to_builtins(spec)}
        )

    def replace(self, lease: Lease, spec: Spec) -> Lease:
        if self.lease is None:
            raise Refused("it is gone", 404)
        if lease.version != self.lease["metadata"]["resourceVersion"]:
            raise Refused("it has changed", 409)
        return self._put({**lease.whole, "spec": msgspec.to_builtins(spec)})

    def delete(self) -> None:
        self.lease = None
        for tell in self.watchers:
            tell(None)

    def _put(self, lease: dict[str, Any]) -> Lease:
        self.version += 1
        self.lease = {**lease, "metadata": {**lease["metadata"], "resourceVersion": str(self.version)}}
        found = self.get()
        assert found is not None
        for tell in self.watchers:
            tell(found)
        return found


@dataclass
class Line:
    """One replica's way to the shelf.

    Attributes:
        delays: gives the seconds that a request travels, and its answer.
        loses: says of each of them whether it is lost; of an answer, after the request was carried out.
        is_cut: whether all are.
        sent: how many requests there were.
    """

    shelf: Shelf
    delays: Callable[[], float] = lambda: 0.01
    loses: Callable[[], bool] = lambda: False
    is_cut: bool = False
    sent: int = 0
    _requests: set["asyncio.Task[Any]"] = field(default_factory=set)

    async def get(self) -> Lease | None:
        return await self._ask(self.shelf.get)

    async def create(self, spec: Spec) -> Lease:
        return await self._ask(lambda: self.shelf.create(spec))

    async def replace(self, lease: Lease, spec: Spec) -> Lease:
        return await self._ask(lambda: self.shelf.replace(lease, spec))

    async def _ask(self, request: Callable[[], T]) -> T:
        self.sent += 1
        if self.is_cut:
            raise Unreachable("no route to the API server")
        travels = asyncio.ensure_future(self._travel(request))  # whoever waits for it may give up; it goes on
        self._requests.add(travels)
        travels.add_done_callback(self._arrived)
        return await asyncio.shield(travels)

    async def _travel(self, request: Callable[[], T]) -> T:
        await asyncio.sleep(self.delays())
        if self.loses():
            raise Unreachable("the connection broke")
        answer = request()
        await asyncio.sleep(self.delays())
        if self.loses():
            raise Unreachable("the connection broke")
        return answer

    def _arrived(self, travels: "asyncio.Task[Any]") -> None:
        self._requests.discard(travels)
        if not travels.cancelled():
            travels.exception()  # which nobody waits for any more, perhaps

    async def close(self) -> None:
        for travels in list(self._requests):
            travels.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)


class Replica:
    """One that takes part; it notes when its time begins and ends.

    Attributes:
        told: `begin` and `end` as they came.
    """

    def __init__(self, name: str, line: Line, settings: LeaderElectionSettings = SETTINGS) -> None:
        self.line = line
        self.tenure = Tenure(now)
        self.lock = LeaseLock(line, settings, name, self.tenure, now)
        self.told: list[str] = []
        self.others: list[Replica] = []
        self._settings = settings
        self._task: asyncio.Task[None] | None = None
        self.tenure.tell(lambda: (self,))

    def begin(self) -> None:
        assert not any(other.tenure.lasts() for other in self.others), "two may write at once"
        assert not self.tenure.lasts(), "it is told before it may write"
        self.told.append("begin")

    def end(self) -> None:
        self.told.append("end")

    def leads(self) -> bool:
        return self.tenure.lasts()

    def start(self) -> None:
        self._task = asyncio.create_task(elect(self.lock, self._settings))

    async def kill(self) -> None:
        """End it as a power failure does: nothing is released."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def release(self) -> None:
        with suppress(ClusterError):
            await self.lock.release()


@asynccontextmanager
async def competing(shelf: Shelf, *replicas: Replica, watching: bool = True) -> AsyncIterator[None]:
    """They all take part, each knowing of all others."""
    for replica in replicas:
        replica.others = [other for other in replicas if other is not replica]
        if watching:
            shelf.watchers.append(replica.lock.observe)
        replica.start()
    try:
        yield
    finally:
        for replica in replicas:
            await replica.kill()
            await replica.line.close()


def wanton(chance: random.Random, longest_s: float, loss: float) -> tuple[Callable[[], float], Callable[[], bool]]:
    """Delays, most of them short, and losses."""
    return (
        lambda: longest_s * chance.random() ** 4,
        lambda: chance.random() < loss,
    )


def replica(shelf: Shelf, name: str, settings: LeaderElectionSettings = SETTINGS) -> Replica:
    return Replica(name, Line(shelf), settings)


async def until_led(*replicas: Replica, patience_s: float = 60.0) -> tuple[Replica, float]:
    """The one that leads, and the seconds until it did."""
    began = now()
    async with asyncio.timeout(patience_s):
        while not any(each.leads() for each in replicas):  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(0.02)
    return next(each for each in replicas if each.leads()), now() - began
