"""Connections to one API server under one login."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from feddns.clusters.kubernetes.failures import CredentialsError, Unreachable
from feddns.clusters.kubernetes.login import Login, is_due

# A connection whose other end is gone is noticed by the kernel after 15 s + 3 * 5 s, also where nothing is read.
_SOCKET_OPTIONS: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)


class Request(msgspec.Struct, frozen=True):
    """One request.

    Attributes:
        path: with the query.
        body: a value that is sent as JSON; None for nothing.
        patience_s: until the first byte of its answer, and between two pieces of it; None for what the channel has.
        content: the media type of the body, a kind of JSON.
    """

    method: str
    path: str
    accept: str
    body: Any = None
    patience_s: float | None = None
    content: str = "application/json"


class Channel:
    """A login with its connections; made to be used inside a running loop.

    Args:
        login: the credentials.
        connect_timeout_s: until the first byte of an answer.
        silence_s: between two pieces of an answer.
    """

    def __init__(self, login: Login, connect_timeout_s: float, silence_s: float) -> None:
        self.login = login
        self._connect_timeout_s = connect_timeout_s
        self._timeout = aiohttp.ClientTimeout(total=None, sock_read=silence_s)
        self._silence_s = silence_s
        self._seen = _signatures(login)
        self._users = 0
        self._open: set[aiohttp.ClientResponse] = set()
        self._retired = False
        self._connector = aiohttp.TCPConnector(limit=0, ssl=login.rest.ssl_context, socket_factory=_socket)
        login.rest.configuration.client_session_kwargs["connector"] = self._connector

    def is_fresh(self, now: float) -> bool:
        """Whether the login is still what its files say, and its credentials last a while yet."""
        return not is_due(self.login, now) and self._seen == _signatures(self.login)

    def adopt(self, login: Login) -> None:
        """Go on with other credentials over the same connections; both logins share their identity."""
        self.login = msgspec.structs.replace(login, rest=self.login.rest)
        self._seen = _signatures(login)

    async def retire(self, *, at_once: bool = False) -> None:
        """Close all connections once the last answer is done with, or, at once, broken off."""
        self._retired = True
        for answer in tuple(self._open) if at_once else ():
            answer.close()  # which who reads it is told; of a session that is closed they would not be
        if not self._users:
            await self.login.rest.close()
            await self._connector.close()

    @asynccontextmanager
    async def answer(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send the request; the answer, of whatever status, is to be read inside the context.

        Raises:
            Unreachable: there was no answer in time, or it broke off or went silent while it was read.
            CredentialsError: no such request can be made at all.
        """
        self._users += 1
        try:
            answer = await self._send(request)
            self._open.add(answer)
            try:
                yield answer
            finally:
                self._open.discard(answer)
                answer.close()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _let_go(error)
            raise Unreachable(f"{self.login.host}: {self._told(error)}") from None
        finally:
            self._users -= 1
            if self._retired:
                await self.retire()

    async def _send(self, request: Request) -> aiohttp.ClientResponse:
        patience_s, timeout = self._connect_timeout_s, self._timeout
        if request.patience_s is not None:
            patience_s = request.patience_s
            timeout = aiohttp.ClientTimeout(total=None, sock_read=patience_s)
        try:
            async with asyncio.timeout(patience_s):
                answer = await self.login.rest.request(
                    request.method,
                    self.login.host + request.path,
                    headers={"Accept": request.accept, "Content-Type": request.content, **self.login.headers},
                    body=request.body,
                    _request_timeout=timeout,
                )
        except TimeoutError:
            raise Unreachable(f"{self.login.host}: no answer within {patience_s:g} s") from None
        except aiohttp.ClientConnectorError:  # of a bad certificate it is a ValueError too
            raise
        except (ValueError, aiohttp.NonHttpUrlClientError) as error:  # a URL or a header that cannot be
            raise CredentialsError(f"{self.login.host}: no request can be made: {type(error).__name__}") from None
        response: aiohttp.ClientResponse = answer.response
        return response

    def _told(self, error: Exception) -> str:
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return f"its certificate is not trusted: {error.certificate_error}"
            case aiohttp.ClientConnectorDNSError():
                return "its host name has no address"
            case aiohttp.ClientHttpProxyError():
                return f"the proxy answered with {error.status}"
            case TimeoutError():
                return f"silent for {self._silence_s:g} s"
            case OSError() if error.errno:
                return os.strerror(error.errno) if error.errno > 0 else str(error.strerror)
            case _:
                return f"the connection broke ({type(error).__name__})"


def _let_go(error: BaseException) -> None:
    """Have an error hold nothing but its words.

    The connection keeps the error, and its traceback would keep the connection, with 256 KiB of TLS buffers: a circle
    that only the garbage collector breaks, and outages would fill the memory before it runs.
    """
    chained: BaseException | None = error
    while chained is not None:
        chained.__traceback__ = None
        chained = chained.__cause__ or chained.__context__


def _socket(address: Any) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    for option in _SOCKET_OPTIONS:
        made.setsockopt(*option)
    return made


def _signatures(login: Login) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(_signature(file) for file in login.files)


def _signature(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
