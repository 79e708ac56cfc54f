"""The provider `rfc2136`: dynamic updates and zone transfers over TCP."""

import asyncio
from pathlib import Path
from typing import ClassVar, Final, cast

import dns.tsig
import msgspec

from feddns.errors import Conflict, Rejected, Unavailable
from feddns.model.address import parse_address
from feddns.model.changes import Batch, Limits
from feddns.model.records import RecordSet, ZoneName
from feddns.model.zones import HostedZone, written_zone
from feddns.providers.rfc2136.connection import LONGEST_MESSAGE, Connection, Unanswered
from feddns.providers.rfc2136.message import MalformedMessage, Message
from feddns.providers.rfc2136.outcome import update_failure
from feddns.providers.rfc2136.reading import ZoneReader
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.providers.rfc2136.tsig import Exchange
from feddns.providers.rfc2136.update import encode_update
from feddns.providers.tsigkey import Secret

_LIMITS: Final = Limits(changes=400, characters=20_000)
"""Some 30 kB with names of usual length. With long names a batch of this size may not fit one message: it is refused
before anything is sent, and the writer halves it. A single service fits up to 60 names, were they of 253 octets."""


class Rfc2136:
    """Writes a zone by UPDATE (RFC 2136) and reads it by AXFR and IXFR (RFC 5936, RFC 1995), signed by TSIG (RFC 8945).

    A batch is one message, which servers carry out whole or not at all; the claim and every changed record set, as it
    must be, are its prerequisites.
    """

    Settings: ClassVar[type[msgspec.Struct]] = Rfc2136Settings

    def __init__(self, settings: Rfc2136Settings, zone: ZoneName, folder: Path) -> None:
        self._zone = zone
        self._server = parse_address(settings.server)
        self._timeout_s = settings.timeout
        self._secret = None if settings.tsig is None else Secret(settings.tsig, folder)
        reading_from = parse_address(settings.transfer_server or settings.server)
        self._reader = ZoneReader(zone, reading_from, settings.timeout, self._key)
        self._kept: Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._met_conflict = False

    @classmethod
    def open(cls, settings: msgspec.Struct, zone: ZoneName, folder: Path) -> "Rfc2136":
        """Make a provider; nothing is contacted yet.

        Raises:
            Unauthorized: the TSIG secret cannot be read.
        """
        provider = cls(cast("Rfc2136Settings", settings), zone, folder)
        provider._key()
        return provider

    @property
    def limits(self) -> Limits:
        """What one batch may hold."""
        return _LIMITS

    @property
    def identity(self) -> str:
        """The server, and the key's name."""
        signer = (
            "unsigned, so that the server must know us by our address" if self._secret is None else f"as {self._secret}"
        )
        return f"{self._zone} by dynamic update to {self._server} {signer}"

    @property
    def servers(self) -> tuple[str, ...]:
        """The primary; the zone's other servers are those that it names."""
        return (str(self._server),)

    async def zones(self) -> tuple[HostedZone, ...]:
        """The zone, with the name servers that it names itself: DNS knows no list of a server's zones."""
        return (written_zone(self._zone, await self.read_zone()),)

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """Every record set of the zone but its SOA, and but what a signing server makes by itself (RRSIG, NSEC, NSEC3).

        Raises:
            Unavailable: the server cannot be reached, or breaks off.
            Rejected: there is no such zone, or what came is not a whole zone.
            Unauthorized: the key may not read the zone.
        """
        copy = await self._reader.read(distrust=self._met_conflict)
        self._met_conflict = False
        return tuple(copy.sets.values())

    async def apply(self, batch: Batch) -> None:
        """Carry out one batch.

        Raises:
            Conflict: the fence or a record set is not as the batch expects; nothing was changed.
            Unavailable: the server cannot be reached, or it is unknown whether the batch was carried out.
            Rejected: the batch does not fit one message, or the server will not have it.
            Unauthorized: the key may not update the zone.
        """
        exchange = Exchange(self._key())
        request = exchange.sign(encode_update(self._zone, batch, exchange.number))
        if len(request) > LONGEST_MESSAGE:
            raise Rejected(
                f"the batch of {len(batch.changes)} changes takes {len(request)} octets, and a DNS message holds "
                f"{LONGEST_MESSAGE}"
            )
        async with self._one_at_a_time:
            failure = update_failure(await self._update(request, exchange), self._zone)
        if failure is not None:
            self._met_conflict |= isinstance(failure, Conflict)
            raise failure

    async def close(self) -> None:
        """Close the connection that is kept between batches."""
        async with self._one_at_a_time:
            kept, self._kept = self._kept, None
            if kept is not None:
                await kept.close()

    def _key(self) -> dns.tsig.Key | None:
        return None if self._secret is None else self._secret.key()

    async def _update(self, request: bytes, exchange: Exchange) -> int:
        """The response code to an update; the connection is kept unless something went wrong on it."""
        connection = await self._connected()
        try:
            await connection.send(request, self._timeout_s)
            answer = Message(await connection.receive(self._timeout_s))
            exchange.verify(answer)
        except (Unanswered, MalformedMessage) as error:
            connection.abandon()
            fault = f"its answer cannot be trusted: {error}" if isinstance(error, MalformedMessage) else str(error)
            raise Unavailable(
                f"whether the update of {self._zone} was carried out is unknown: {fault}", outcome_unknown=True
            ) from error
        except BaseException:
            # Cancelled while an answer is on its way: the next request must not take it for its own.
            connection.abandon()
            raise
        self._kept = connection
        return answer.rcode

    async def _connected(self) -> Connection:
        kept, self._kept = self._kept, None
        if kept is not None:
            if kept.is_fresh:
                return kept
            kept.abandon()
        return await Connection.open(self._server, self._timeout_s)
