"""Real listeners on loopback that answer well, badly or not at all, and how they are asked."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress

from feddns.errors import ClusterError
from feddns.model.probing import HeadersFrom, Probe, Question
from feddns.probes.answer import Answer
from feddns.probes.ask import Asker

PATIENCE_S = 5.0
"""The time limit of questions that get an answer."""
SHORT_S = 0.25
"""That of questions that get none."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve each connection so; gives the port."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            await serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(guarded, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextmanager
def full_backlog() -> Iterator[int]:
    """A port that takes no connection and refuses none either: its backlog is full, so that SYNs are dropped."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        try:
            for client in waiting:
                client.settimeout(0)
                client.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for client in waiting:
                client.close()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def says(*octets: bytes, then: float = 0.0) -> Serve:
    """Take the beginning of what is asked, say this in pieces, wait and close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        for piece in octets:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await asyncio.sleep(then)

    return serve


def drips(octets: bytes, pause_s: float = 0.01) -> Serve:
    """Say this over and over, with pauses, for ever."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        while True:
            writer.write(octets)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return serve


async def no_headers(wanted: HeadersFrom) -> Mapping[str, str]:
    raise ClusterError(f"nobody has {wanted.folder}{wanted.secret}")


async def asked(question: Question, address: str = "127.0.0.1", timeout_s: float = PATIENCE_S) -> Answer:
    """The answer to one question."""
    return await Asker(no_headers).ask(address, Probe(question, timeout_s=timeout_s))
