"""A zone served from its file: what is committed to the file, by this process or another, is what is answered."""

import asyncio
from collections.abc import Callable, Container, Iterable
from typing import Final

from feddns.answers.responder import Responder
from feddns.answers.transfer import is_newer
from feddns.answers.zone import Apex, Entry, Key, Zone
from feddns.errors import ProviderError, Rejected, Unavailable
from feddns.model.changes import Batch, Create, Fence
from feddns.model.records import CNAME, DnsName, RecordSet
from feddns.nameserver.swap import steps
from feddns.nameserver.zonefile import ZoneFile, next_serial
from feddns.telemetry.events import LogEvent, log

_POLL_S: Final = 0.5
"""How often to look whether another process has committed."""


class Authority:
    """The one owner of a zone's table.

    The file is read and written in threads, since a commit waits for the disk; the table changes in the event loop
    alone, between two queries.

    Attributes:
        responder: answers from the table; from nothing before `load`.
        is_filled: whether a zone whose file was blank has what belongs there by now.
    """

    def __init__(self, file: ZoneFile, apex: Apex, clock: Callable[[], float]) -> None:
        """Make it; the file is not touched.

        Args:
            file: the zone's.
            apex: what the configuration says about the zone.
            clock: tells seconds since the epoch, for the first serial of a new file: a later one than any that a lost
                file has had, as long as there was less than one commit a second.

        Raises:
            Rejected: the configuration's part of the zone cannot be served.
        """
        self.responder = Responder(Zone(apex), self._knows_absence)
        self.is_filled: Callable[[], bool] = lambda: True
        self._zone = self.responder.zone
        self._fixed = apex.record_sets()
        self._file = file
        self._clock = clock
        self._is_loaded = False
        self._is_partial = False
        self._turn = asyncio.Lock()

    async def read(self) -> tuple[RecordSet, ...]:
        """Every record set of the zone but its SOA, from the file; where there is none it is not made.

        Raises:
            ProviderError: the file cannot be read.
        """
        contents = await asyncio.to_thread(self._file.read)
        return *self._fixed, *contents.record_sets

    @property
    def is_blank(self) -> bool:
        """Whether what is served has nothing but what the configuration says."""
        return self._zone.is_blank

    async def fill(self, record_sets: Iterable[RecordSet], serial: int) -> dict[Key, str]:
        """Put what another server has of the zone into the file, where there is nothing of it yet.

        Args:
            record_sets: without those of the SOA and of the name servers.
            serial: of the other server's zone; ours will not be before it.

        Returns:
            What was left out, as it cannot be served, and why.

        Raises:
            Conflict: another process has written meanwhile.
            ProviderError: it cannot be done.
        """
        served, left_out = await asyncio.to_thread(self._sorted_out, tuple(record_sets))
        await self.commit(Batch(tuple(map(Create, served)), Fence(None, None)), serial)
        return left_out

    async def commit(self, batch: Batch, least_serial: int | None = None) -> None:
        """Carry out a batch; once it returns, the answers are the new ones where the zone is served by this process.

        Args:
            batch: the changes.
            least_serial: see `ZoneFile.commit`.

        Raises:
            ProviderError: nothing was changed.
        """
        async with self._turn:
            # Cancelled meanwhile, the thread still ends its commit; `follow` or the next start finds it in the file.
            going, coming, serial = await asyncio.to_thread(self._commit, batch, least_serial)
            if self._is_loaded and serial == next_serial(self._zone.serial):
                self.responder.change(going, coming, serial)
            elif self._is_loaded:
                await self._refresh()

    async def load(self) -> None:
        """Fill the table from the file, and make the file where there is none.

        Raises:
            ProviderError: it cannot be done.
        """
        async with self._turn:
            await asyncio.to_thread(self._file.create, self._first_serial())
            await self._refresh()
            self._is_loaded, self._is_partial = True, self._zone.is_blank

    async def follow(self) -> None:
        """Answer from what other processes commit, until cancelled."""
        reason = ""
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self._catch_up()
            except ProviderError as error:
                if str(error) != reason:
                    reason = str(error)
                    log(LogEvent.ZONE_FILE_FAILED, reason=reason)
            else:
                reason = ""

    async def close(self) -> None:
        """Let go of the file, once a commit that is under way is done."""
        await asyncio.to_thread(self._file.close)

    def _knows_absence(self) -> bool:
        self._is_partial = self._is_partial and not self.is_filled()
        return not self._is_partial

    async def _catch_up(self) -> None:
        async with self._turn:
            serial = await asyncio.to_thread(self._file.serial)
            if serial is None:
                raise Unavailable(f"{self._file.path} is gone; the next change writes a new one")
            if serial != self._zone.serial:
                await self._refresh()

    async def _refresh(self) -> None:
        self.responder.change(*await asyncio.to_thread(self._difference))

    def _difference(self) -> tuple[tuple[Key, ...], tuple[Entry, ...], int]:
        contents = self._file.read()
        return *self._zone.difference(contents.record_sets), contents.serial or self._zone.serial

    def _sorted_out(self, record_sets: tuple[RecordSet, ...]) -> tuple[tuple[RecordSet, ...], dict[Key, str]]:
        """What of this can be served, and why the rest cannot."""
        aliases = {each.name for each in record_sets if each.type == CNAME}
        left_out = {(each.name, each.type): reason for each in record_sets if (reason := self._refusal(each, aliases))}
        return tuple(each for each in record_sets if (each.name, each.type) not in left_out), left_out

    def _refusal(self, record_set: RecordSet, aliases: Container[DnsName]) -> str:
        if record_set.type != CNAME and record_set.name in aliases:
            return f"{record_set.name} has a CNAME, so it can have no {record_set.type}"
        try:
            self._zone.encode(record_set)
        except Rejected as error:
            return str(error)
        return ""

    def _commit(self, batch: Batch, least_serial: int | None) -> tuple[tuple[Key, ...], tuple[Entry, ...], int]:
        pairs = steps(batch)
        coming = tuple(self._zone.encode(desired) for _, desired in pairs if desired is not None)
        going = tuple((expected.name, expected.type) for expected, desired in pairs if expected and desired is None)
        return going, coming, self._file.commit(batch, self._first_serial(), least_serial)

    def _first_serial(self) -> int:
        now, served = int(self._clock()) & 0xFFFF_FFFF or 1, self._zone.serial
        return next_serial(served) if self._is_loaded and not is_newer(now, served) else now
