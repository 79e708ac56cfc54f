"""The embedded provider on its file, with a line before it that fails as told; and a writer at work on it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from feddns.config.settings import WriteSettings
from feddns.errors import Conflict, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Change, Fence, Limits
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Terms
from feddns.plan.claim import next_fence
from feddns.providers.embedded import LIMITS, Embedded, EmbeddedSettings
from feddns.providers.writer import ZoneWriter
from tests.builders import FED, NOW, a_decision, answer, numbered, some_terms

Fault = Callable[["Flaky", Batch], Awaitable[None]]
"""What happens to one batch; where it returns, the batch goes on to the zone."""


class Flaky(Embedded):
    """See the module.

    Attributes:
        faults: what happens to the next batches, one after another.
        read_faults: why the next readings fail, one after another.
        refuses: record names that the zone takes in no batch.
        blames: whether it says which ones.
        calls: what was asked, in order: `read`, or a batch; with the loop's time.
    """

    limits_: Limits = LIMITS
    blames = False

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.faults: deque[Fault] = deque()
        self.read_faults: deque[Exception] = deque()
        self.refuses: frozenset[str] = frozenset()
        self.calls: list[tuple[float, Batch | None]] = []

    @property
    def limits(self) -> Limits:
        return self.limits_

    @property
    def batches(self) -> list[Batch]:
        return [batch for _, batch in self.calls if batch is not None]

    @property
    def order(self) -> list[str]:
        """What was asked, in order."""
        return ["read" if batch is None else "apply" for _, batch in self.calls]

    @property
    def reads(self) -> int:
        return self.order.count("read")

    async def read_zone(self) -> tuple[RecordSet, ...]:
        self.calls.append((asyncio.get_running_loop().time(), None))
        if self.read_faults:
            raise self.read_faults.popleft()
        return await super().read_zone()

    async def apply(self, batch: Batch) -> None:
        self.calls.append((asyncio.get_running_loop().time(), batch))
        if self.faults:
            await self.faults.popleft()(self, batch)
        refused = frozenset(change.name for change in batch.changes) & self.refuses
        if refused:
            raise Rejected("no such thing here", refused if self.blames else frozenset())
        await super().apply(batch)


def raising(error: Exception) -> Fault:
    async def fault(_provider: Flaky, _batch: Batch) -> None:
        raise error

    return fault


async def nothing(_provider: Flaky, _batch: Batch) -> None:
    """No fault."""


def conflict_on(name: str) -> Fault:
    """A server that checks by prerequisites says only that it cannot be, not what is in the way."""

    async def fault(_provider: Flaky, batch: Batch) -> None:
        if any(change.name == name for change in batch.changes):
            raise Conflict("a name that is to become a CNAME has records already")

    return fault


def throttled(retry_after_s: float = 0.0) -> Fault:
    return raising(Throttled("slow down", retry_after_s))


def unauthorized() -> Fault:
    return raising(Unauthorized("who are you?"))


def away() -> Fault:
    return raising(Unavailable("no route to the server"))


def lost(*, done: bool) -> Fault:
    """No answer comes: the batch was done, or never arrived."""

    async def fault(provider: Flaky, batch: Batch) -> None:
        if done:
            await Embedded.apply(provider, batch)
        raise Unavailable("no answer", outcome_unknown=True)

    return fault


def held_by(gate: asyncio.Event) -> Fault:
    """The provider takes its time."""

    async def fault(_provider: Flaky, _batch: Batch) -> None:
        await gate.wait()

    return fault


def overtaken(*changes: Change) -> Fault:
    """Another feddns of this installation writes first."""

    async def fault(provider: Flaky, _batch: Batch) -> None:
        await rival_writes(provider, *changes)

    return fault


async def rival_writes(provider: Embedded, *changes: Change, fenced: bool = True) -> None:
    """Write as another feddns does that holds the same claim, or as a person does who knows of no claim."""
    zone = await Embedded.read_zone(provider)
    claim = next((record for record in zone if record.name == FED.claim), None)
    fence = next_fence(FED, "me", claim) if fenced else Fence(None, None)
    await Embedded.apply(provider, Batch(changes, fence))


class Scene:
    """A writer on a flaky zone, and something that wants records as the loop does: also anew when it is told to.

    Attributes:
        rival: the same zone as another process opens it.
        wanted: by service, what was wanted last.
        changed: the services that the writer had decided again.
    """

    def __init__(self, folder: Path, terms: Terms, settings: WriteSettings) -> None:
        self.provider = Flaky.open(EmbeddedSettings(), FED.zone, folder)
        self.rival = Embedded.open(EmbeddedSettings(), FED.zone, folder)
        self.wanted: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        self.changed: list[ServiceKey] = []
        self._clock = asyncio.get_running_loop().time
        self.writer = ZoneWriter(self.provider, terms, settings, lambda: NOW + self._clock(), self._decide_again)

    @classmethod
    @asynccontextmanager
    async def set(
        cls, folder: Path, terms: Terms | None = None, settings: WriteSettings | None = None
    ) -> AsyncIterator[Self]:
        scene = cls(folder, terms or some_terms(), settings or WriteSettings())
        try:
            yield scene
        finally:
            await scene.provider.close()
            await scene.rival.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The writer at work, with the zone read."""
        task = asyncio.create_task(self.writer.run())
        try:
            await self.writer.known.wait()
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])

    def want(self, *numbers: int, addresses: Iterable[str] | None = ()) -> None:
        """Want these services to have one answer, in one breath; None for no records."""
        for number in numbers:
            records = () if addresses is None else answer(number, *addresses)
            self.wanted[numbered(number)] = records
            self.writer.want(a_decision(numbered(number), records))
        self.writer.go()

    def want_exactly(self, number: int, *records: RecordSet) -> None:
        """Want these records for a service."""
        self.wanted[numbered(number)] = records
        self._want_again(frozenset({numbered(number)}))

    def expected(self) -> frozenset[RecordSet]:
        """What the zone should hold of the federation's names."""
        return frozenset(record for records in self.wanted.values() for record in records)

    async def ours(self) -> frozenset[RecordSet]:
        """What the zone holds of them."""
        return frozenset(record for record in await self.rival.read_zone() if FED.parse(record.name) is not None)

    async def others(self) -> frozenset[RecordSet]:
        """What else it holds, without the claim."""
        zone = await self.rival.read_zone()
        return frozenset(record for record in zone if FED.parse(record.name) is None and record.name != FED.claim)

    def _decide_again(self, keys: frozenset[ServiceKey]) -> None:
        self.changed.extend(sorted(keys))
        asyncio.get_running_loop().call_soon(self._want_again, keys)

    def _want_again(self, keys: frozenset[ServiceKey]) -> None:
        for key in keys:
            self.writer.want(a_decision(key, self.wanted.get(key, ())))
        self.writer.go()
