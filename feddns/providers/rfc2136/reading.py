"""Reads a zone: what changed since the last time where the server can tell (IXFR), and else all of it (AXFR)."""

import asyncio
from collections.abc import Callable

import dns.rcode
import dns.tsig
import msgspec

from feddns.errors import Rejected, Unavailable
from feddns.model.address import Address
from feddns.model.changes import UNLIMITED
from feddns.model.records import ZoneName
from feddns.providers.rfc2136.connection import Connection, Unanswered
from feddns.providers.rfc2136.message import MalformedMessage, Message
from feddns.providers.rfc2136.outcome import transfer_failure
from feddns.providers.rfc2136.request import SOA, soa_query, transfer_query
from feddns.providers.rfc2136.transfer import Transfer, ZoneCopy
from feddns.providers.rfc2136.tsig import Exchange


class Bounds(msgspec.Struct, frozen=True):
    """How large a transfer may be.

    Attributes:
        records: in all its answers.
        octets: of all its messages.
    """

    records: int = UNLIMITED
    octets: int = UNLIMITED


class Refused(Exception):
    """The server answered with an error; `rcode` says which."""

    def __init__(self, rcode: int) -> None:
        self.rcode = rcode
        super().__init__(dns.rcode.to_text(dns.rcode.Rcode.make(rcode)))


class ZoneReader:
    """Reads one zone from one server, and keeps the copy that the next transfer can start from."""

    def __init__(
        self,
        zone: ZoneName,
        address: Address,
        timeout_s: float,
        key: Callable[[], dns.tsig.Key | None],
        bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    ) -> None:
        """Make a reader that has read nothing yet.

        Args:
            zone: the zone's name.
            address: the server.
            timeout_s: seconds to wait for a connection, and for each message.
            key: tells the key to sign with, anew for every request.
            bounds: of what is taken from the server.
        """
        self._zone = zone
        self._address = address
        self._timeout_s = timeout_s
        self._key = key
        self._bounds = bounds
        self._copy: ZoneCopy | None = None

    async def read(self, *, distrust: bool) -> ZoneCopy:
        """The zone as it is now.

        Args:
            distrust: whether something did not fit the last copy: if the server says that nothing has changed, its zone
                was replaced under the same serial number.

        Raises:
            Unavailable: the server cannot be reached, or breaks off.
            Rejected: there is no such zone, or what came is not a whole zone.
            Unauthorized: the key may not read the zone.
        """
        copy = await self._read_changes(distrust=distrust)
        self._copy = await self._read_all() if copy is None else copy
        return self._copy

    async def transfer(self, known: ZoneCopy | None = None) -> ZoneCopy:
        """One transfer.

        Args:
            known: the copy since which the changes are asked for; None for the whole zone.

        Raises:
            Unavailable: the server cannot be reached.
            Refused: it answers with an error.
            Unanswered: it breaks off.
            MalformedMessage: what came is no transfer, or too large.
            Unauthorized: it does not accept our signature.
        """
        transfer, records, octets = Transfer(self._zone, known), 0, 0
        exchange = Exchange(self._key())
        request = transfer_query(self._zone, exchange.number, None if known is None else known.serial)
        connection = await Connection.open(self._address, self._timeout_s)
        try:
            await connection.send(exchange.sign(request), self._timeout_s)
            while not transfer.done:
                message = await self._next_message(connection, exchange)
                records, octets = records + len(message.answer), octets + len(message.wire)
                if records > self._bounds.records or octets > self._bounds.octets:
                    raise MalformedMessage(f"after {records} records in {octets} octets it has no end")
                transfer.feed(message)
                # Messages that have come already are no reason to keep everything else waiting.
                await asyncio.sleep(0)
            exchange.finish()
        finally:
            connection.abandon()
        return transfer.result

    async def _read_changes(self, *, distrust: bool) -> ZoneCopy | None:
        """The zone by an incremental transfer, or None at any doubt: then the whole zone tells what is wrong."""
        known = self._copy
        if known is None:
            return None
        try:
            copy = await self.transfer(known)
        except (Refused, Unanswered, MalformedMessage):
            return None
        return None if distrust and copy.serial == known.serial else copy

    async def _read_all(self) -> ZoneCopy:
        try:
            return await self.transfer(None)
        except Unanswered as error:
            raise Unavailable(f"the transfer of {self._zone} broke off before its end: {error}") from error
        except MalformedMessage as error:
            raise Rejected(f"what {self._address} sent is not the whole zone {self._zone}: {error}") from error
        except Refused as error:
            has_zone = error.rcode != dns.rcode.NOTAUTH or await self._has_zone()
            raise transfer_failure(error.rcode, self._zone, has_zone=has_zone) from error

    async def _next_message(self, connection: Connection, exchange: Exchange) -> Message:
        message = Message(await connection.receive(self._timeout_s))
        exchange.verify(message)
        if message.rcode != dns.rcode.NOERROR:
            raise Refused(message.rcode)
        return message

    async def _has_zone(self) -> bool:
        """Whether the server has the zone at all: some refuse a transfer and know no zone by the same code."""
        exchange = Exchange(self._key())
        connection = await Connection.open(self._address, self._timeout_s)
        try:
            await connection.send(exchange.sign(soa_query(self._zone, exchange.number)), self._timeout_s)
            message = await self._next_message(connection, exchange)
        except (Refused, Unanswered, MalformedMessage):
            return False
        finally:
            connection.abandon()
        return message.authoritative and any(record.type == SOA for record in message.answer)
