"""Octets to and from a connected address, in the clear or by TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from feddns.probes.answer import CLOSED, NotAnswered, failed, hindered
from feddns.probes.tcp import network_errors

Result = TypeVar("Result")

_AT_ONCE: Final = 16 * 1024
_WRONG_NAME: Final = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL's x509_vfy.h."""
_NOT_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
"""What OpenSSL calls octets that are no TLS, by their values and its version."""


class WrongName(NotAnswered):
    """The certificate is trusted, and for another name."""


class Stream(Protocol):
    """What a dialogue speaks through."""

    async def send(self, data: bytes) -> None:
        """Send it all.

        Raises:
            NotAnswered: the connection broke.
        """

    async def receive(self) -> bytes:
        """What comes next; empty at the end.

        Raises:
            NotAnswered: the connection broke.
        """


class PlainStream:
    """TCP as it is.

    Args:
        connection: a connected socket that does not block; it stays the caller's to close.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Send it all; see `Stream`."""
        with network_errors():
            await self._loop.sock_sendall(self._connection, data)

    async def receive(self) -> bytes:
        """What comes next; see `Stream`."""
        with network_errors():
            return await self._loop.sock_recv(self._connection, _AT_ONCE)


class TlsStream:
    """TLS over a plain stream.

    Args:
        plain: the connection.
        context: whom to trust.
        server_name: whom the certificate must be for; a host name is sent as SNI, an address is not.

    Raises:
        NotAnswered: `server_name` can be neither.
    """

    def __init__(self, plain: PlainStream, context: ssl.SSLContext, server_name: str) -> None:
        self._plain = plain
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        except ValueError as error:
            raise NotAnswered(hindered(f"{server_name!r} can be no name of a TLS server")) from error

    async def agree(self) -> None:
        """Shake hands.

        Raises:
            WrongName: the certificate is for another.
            NotAnswered: any other failure.
        """
        try:
            await self._turn(self._tls.do_handshake)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError) as error:
            raise NotAnswered(failed("connection closed while TLS was agreed on")) from error

    def names(self) -> tuple[str, ...]:
        """Whom the certificate is for, once it was found valid."""
        certificate = self._tls.getpeercert() or {}
        return tuple(str(name[1]) for name in certificate.get("subjectAltName", ()))

    async def send(self, data: bytes) -> None:
        """Send it all; see `Stream`."""
        try:
            await self._turn(lambda: self._tls.write(data))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError) as error:
            raise NotAnswered(failed(CLOSED)) from error

    async def receive(self) -> bytes:
        """What comes next; see `Stream`."""
        try:
            return await self._turn(lambda: self._tls.read(_AT_ONCE))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def _turn(self, step: Callable[[], Result]) -> Result:
        """Do one step, giving it what it waits for.

        Raises:
            ssl.SSLZeroReturnError: the other side has said its goodbye.
            ssl.SSLEOFError: it has gone without.
            NotAnswered: any other failure.
        """
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush()
                self._feed(await self._plain.receive())
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                raise
            except ssl.SSLError as error:
                raise _not_answered(error) from error
            else:
                await self._flush()
                return result

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._plain.send(self._outgoing.read())


def _not_answered(error: ssl.SSLError) -> NotAnswered:
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = WrongName if error.verify_code in _WRONG_NAME else NotAnswered
        return kind(failed(f"certificate not accepted: {error.verify_message.rstrip('.')}"))
    reason = error.reason or "failed"
    text = "the port does not speak TLS" if reason in _NOT_TLS else f"TLS: {reason.lower().replace('_', ' ')}"
    return NotAnswered(failed(text))
