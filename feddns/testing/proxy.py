"""A wire that can be cut."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self

Cuts = Callable[[bytes], bool]
"""Whether the wire is cut, rather than that these octets pass over it."""


class Proxy:
    """A TCP proxy that passes everything on, until it is told to cut.

    Attributes:
        cut_requests: whether connections end as soon as a request comes; the server gets nothing of it.
        answer: what is answered to a request that is cut off; nothing by default.
        most_answered: octets of answers on one connection after which it ends.
        mark: octets that a request must hold for both to count on its connection; empty where any will do.
        accepted: how many connections there were.
    """

    def __init__(self, host: str, port: int) -> None:
        self.cut_requests = False
        self.answer = b""
        self.most_answered = math.inf
        self.mark = b""
        self.accepted = 0
        self.port = 0
        self._there = (host, port)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._there)
            try:
                cuts_request, cuts_answer = self._cuts()
                requests = _pass_on(reader, there_writer, cuts_request)
                await _first_of(requests, _pass_on(there_reader, writer, cuts_answer))
                if self.cut_requests and self.answer:
                    writer.write(self.answer)
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
            finally:
                there_writer.transport.abort()
        finally:
            writer.transport.abort()

    def _cuts(self) -> tuple[Cuts, Cuts]:
        """What decides on the requests and on the answers of one connection."""
        met: bytes | None = None
        answered = 0

        def request(octets: bytes) -> bool:
            nonlocal met
            if self.mark in octets:
                met = self.mark
            return self.cut_requests and met == self.mark

        def answer(octets: bytes) -> bool:
            nonlocal answered
            answered += len(octets)
            return answered > self.most_answered and met == self.mark

        return request, answer


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, cuts: Cuts) -> None:
    with suppress(OSError):
        while octets := await source.read(16_384):
            if cuts(octets):
                return
            target.write(octets)
            await target.drain()


async def _first_of(*directions: Coroutine[Any, Any, None]) -> None:
    """Wait until one direction has ended, and end the other."""
    tasks = [asyncio.ensure_future(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
