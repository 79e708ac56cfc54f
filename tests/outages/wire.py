"""The wire between feddns and an API server: it passes everything on, or is cut, silent or slow."""

import asyncio
import enum
from contextlib import suppress
from typing import Final

from tests.outages.background import Background
from tests.outages.listening import Listener, abort

LOOPBACK: Final = "127.0.0.1"
_CHUNK: Final = 65_536


class State(enum.Enum):
    """What becomes of octets; the value says it for people.

    A wire that is cut resets its connections, and new ones too. One that swallows everything keeps them, and no octet
    passes. On a slow one every packet is late.
    """

    PASSES = "passes everything on"
    CUT = "is cut"
    SILENT = "swallows everything"
    SLOW = "is slow"


class Wire:
    """A TCP proxy; octets that it swallowed arrive late, as TCP's do once a network is whole again.

    Attributes:
        port: where it listens, on loopback.
        state: what it does now.
    """

    def __init__(self, background: Background, port: int, slow_s: float) -> None:
        """Open a wire.

        Args:
            background: where it runs.
            port: where the API server listens, on loopback.
            slow_s: seconds by which each packet is late while it is slow.
        """
        self.state = State.PASSES
        self._background = background
        self._there = port
        self._slow_s = slow_s
        self._flows = asyncio.Event()
        self._flows.set()
        self._listener = background.run(self._listen())
        self.port = self._listener.port

    def be(self, state: State) -> None:
        """Be so from now on."""
        self._background.run(self._change(state))

    def close(self) -> None:
        """Close the listener and break what is open."""
        self._background.run(self._listener.close())

    async def _listen(self) -> Listener:
        return Listener(LOOPBACK, 0, self._serve)

    async def _change(self, state: State) -> None:
        self.state = state
        if state is State.SILENT:
            self._flows.clear()
        else:
            self._flows.set()
        if state is State.CUT:
            await self._listener.break_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state is not State.CUT:
            there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self._there)
            try:
                await self._both(reader, there_writer, there_reader, writer)
            finally:
                abort(there_writer)
        abort(writer)

    async def _both(
        self,
        reader: asyncio.StreamReader,
        there_writer: asyncio.StreamWriter,
        there_reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Pass on in both directions until one ends."""
        directions = [
            asyncio.ensure_future(self._pass_on(reader, there_writer)),
            asyncio.ensure_future(self._pass_on(there_reader, writer)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while octets := await source.read(_CHUNK):
                if self.state is State.SLOW:
                    await asyncio.sleep(self._slow_s)
                await self._flows.wait()
                target.write(octets)
                await target.drain()
            await self._flows.wait()  # the end of a connection does not pass a silent wire either
