"""A zone's writer at work through the provider: whatever happens, the zone ends as it is wanted."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from feddns.config.health import DeletionBudget
from feddns.config.settings import WriteSettings
from feddns.model.records import A, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL
from feddns.naming import Names
from feddns.plan.agenda import Terms
from feddns.providers.base import Provider
from feddns.providers.writer import ZoneWriter
from feddns.testing.subject import Subject

PATIENCE_S: Final = 60.0
MOST: Final = 5_000


class Writing:
    """A writer, and what it is asked for."""

    def __init__(self, provider: Provider, zone: ZoneName) -> None:
        self._names = Names.of("fed", zone)
        self._wanted: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        terms = Terms(self._names, "contract", DeletionBudget())
        self._writer = ZoneWriter(provider, terms, WriteSettings(), time.time, self._want_again)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Writing"]:
        """The writer at work."""
        task = asyncio.create_task(self._writer.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    def want(self, numbers: Iterable[int], address: str) -> None:
        """Want an address for each of these services."""
        for number in numbers:
            key = ServiceKey("shop", f"s{number}")
            self._wanted[key] = (RecordSet(self._names.name(key, GLOBAL), A, 180, (address,)),)
        self._want_again(frozenset(self._wanted))

    async def end(self, provider: Provider) -> None:
        """Wait until the zone, as another sees it, holds what is wanted and nothing else of ours."""
        wanted = {record for records in self._wanted.values() for record in records}
        async with asyncio.timeout(PATIENCE_S):
            while await self._ours(provider) != wanted:  # noqa: ASYNC110 - the state is a server's
                await asyncio.sleep(0.1)

    async def _ours(self, provider: Provider) -> set[RecordSet]:
        """What a reading tells; one that a write overtakes may tell of a record set twice."""
        return {found for found in await provider.read_zone() if self._names.parse(found.name) is not None}

    def _want_again(self, keys: frozenset[ServiceKey]) -> None:
        for key in keys & self._wanted.keys():
            self._writer.agenda.want(key, self._wanted[key])
        self._writer.go()


class WritingContract(Subject):
    """What holds for whole writers."""

    async def test_more_than_a_batch_holds_is_written_in_several(self, provider: Provider, rival: Provider) -> None:
        count = min(provider.limits.changes, provider.limits.additions, provider.limits.values, MOST) + 10
        async with Writing(provider, self.zone).running() as writing:
            writing.want(range(count), "192.0.2.1")
            await writing.end(rival)
            writing.want(range(5), "192.0.2.2")
            await writing.end(rival)
