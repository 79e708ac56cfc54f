"""A TCP connection to a DNS server (RFC 7766): one message out, messages in."""

import asyncio
import select
from typing import Final

from feddns.errors import Unavailable
from feddns.model.address import Address

LONGEST_MESSAGE: Final = 65_535
"""Octets that the length before a message can tell (RFC 1035 section 4.2.2)."""

_LONGEST_IDLE_S: Final = 5.0
"""Servers close idle connections, Knot after 10 s and BIND after 30 s: one that may be closing is not used again, since
a message that crosses its end on the way has an unknown outcome."""


class Unanswered(Exception):
    """A message was sent, or part of it, and no answer came."""


class Connection:
    """An open connection, on which one request at a time is answered."""

    def __init__(self, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._address = address
        self._reader = reader
        self._writer = writer
        self._used_at = asyncio.get_running_loop().time()

    @classmethod
    async def open(cls, address: Address, timeout_s: float) -> "Connection":
        """Connect.

        Raises:
            Unavailable: the server cannot be reached.
        """
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection(address.host, address.port)
        except TimeoutError as error:
            raise Unavailable(f"{address} does not accept a TCP connection within {timeout_s:g} s") from error
        except OSError as error:
            raise Unavailable(f"{address} cannot be reached by TCP: {error.strerror or error}") from error
        return cls(address, reader, writer)

    @property
    def is_fresh(self) -> bool:
        """Whether the server has not closed the connection, nor is about to."""
        if self._reader.at_eof() or self._writer.is_closing():
            return False
        # Nothing is due, so what there is to read is the end, which the event loop may not have seen yet.
        poller = select.poll()
        poller.register(self._writer.get_extra_info("socket"), select.POLLIN)
        return not poller.poll(0) and asyncio.get_running_loop().time() - self._used_at < _LONGEST_IDLE_S

    async def send(self, message: bytes, timeout_s: float) -> None:
        """Send one message, and its length with it: in two segments they would cost a delayed acknowledgement.

        Raises:
            Unanswered: the connection broke, or the server takes nothing any more.
        """
        self._writer.write(len(message).to_bytes(2) + message)
        try:
            async with asyncio.timeout(timeout_s):
                await self._writer.drain()
        except TimeoutError as error:
            raise Unanswered(f"{self._address} took no message for {timeout_s:g} s") from error
        except OSError as error:
            raise Unanswered(f"{self._address} broke the connection: {error.strerror or error}") from error

    async def receive(self, timeout_s: float) -> bytes:
        """The next message.

        Raises:
            Unanswered: none came.
        """
        try:
            async with asyncio.timeout(timeout_s):
                length = int.from_bytes(await self._reader.readexactly(2))
                message = await self._reader.readexactly(length)
        except TimeoutError as error:
            raise Unanswered(f"{self._address} was silent for {timeout_s:g} s") from error
        except asyncio.IncompleteReadError as error:
            raise Unanswered(f"{self._address} closed the connection") from error
        except OSError as error:
            raise Unanswered(f"{self._address} broke the connection: {error.strerror or error}") from error
        self._used_at = asyncio.get_running_loop().time()
        return message

    def abandon(self) -> None:
        """Close at once, without waiting for anything."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close, and wait until it is closed."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return
