"""The provider `zonefile`: feddns' contract, carried out by a file that is replaced under a lock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Final, TypeVar, cast

import msgspec

from feddns.config.scalars import FilePath, Section
from feddns.model.changes import Batch, Limits
from feddns.model.records import RecordSet, ZoneName
from feddns.model.zones import HostedZone, written_zone
from feddns.providers.impossible import refuse_impossible
from feddns_zonefile.batch import carried_out
from feddns_zonefile.masterfile import MasterFile

LIMITS: Final = Limits(changes=5_000, characters=1_000_000)
"""The whole file is read and written for each batch, so a large one costs no more than a small one."""

T = TypeVar("T")


class ZoneFileSettings(Section, frozen=True):
    """A master file (RFC 1035 section 5) that an authoritative server reads.

    Attributes:
        file: path of the file; relative to the configuration file. It must hold the zone's SOA and NS records.
    """

    file: FilePath


class ZoneFile:
    """Reads and writes a zone in a master file."""

    Settings: ClassVar[type[msgspec.Struct]] = ZoneFileSettings

    def __init__(self, zone: ZoneName, path: Path) -> None:
        self._zone = zone
        self._file = MasterFile(path, zone)
        # Files and locks block. One thread is enough: a zone has one writer.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="zonefile")

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "ZoneFile":
        """Make a provider; the file is not touched."""
        return cls(zone, folder / cast("ZoneFileSettings", settings).file)

    @property
    def limits(self) -> Limits:
        """What one batch may hold."""
        return LIMITS

    @property
    def identity(self) -> str:
        """The zone and its file."""
        return f"{self._zone} in {self._file.path}"

    async def zones(self) -> tuple[HostedZone, ...]:
        """The zone, with the name servers that it names itself."""
        return (written_zone(self._zone, await self.read_zone()),)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set of the file but the SOA.

        Raises:
            Rejected: there is no file, or what it holds is not the zone.
            Unauthorized: the file may not be read.
            Unavailable: the disk fails.
        """
        return await self._in_thread(lambda: tuple(self._file.read().sets.values()))

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch: compare and replace the file under its lock.

        Raises:
            Conflict: the claim or a record set is not as the batch expects; nothing was changed.
            Rejected: a record set cannot stand in the zone; nothing was changed.
            Unauthorized: the file may not be written.
            Unavailable: the disk fails, or is full; the old file is there, unless it says `outcome_unknown`.
        """

        def replace() -> None:
            refuse_impossible(batch, self._zone)
            with self._file.locked():
                before = self._file.read()
                after = carried_out(batch, before.sets)
                self._file.write(msgspec.structs.replace(before, sets=after))

        await self._in_thread(replace)

    async def close(self) -> None:
        """Wait for a batch in flight."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
