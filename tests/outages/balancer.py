"""A load balancer as clients meet it on loopback: it serves, or fails in one of the ways in which they fail."""

import asyncio
import enum
import socket
import time
from contextlib import suppress
from typing import Final

from tests.outages.background import Background
from tests.outages.listening import Listener, abort

_FILLING: Final = 4
"""More connections than a backlog of none takes on Linux, which is one or two."""


class Behaviour(enum.Enum):
    """What becomes of a request; the value says it for people."""

    SERVE = "answers 200"
    REFUSE = "refuses connections"
    BLACKHOLE = "leaves SYNs unanswered"
    HANG = "takes connections and never answers"
    RESET = "resets connections"
    SLOW = "answers slower than a probe waits"
    FAIL = "answers 500"


class LoadBalancer:
    """An HTTP listener on an address of its own.

    Attributes:
        address: where it listens.
        answered: when each answer 200 was sent, by the monotonic clock.
        behaved: since when it behaved how, by the same clock.
    """

    def __init__(self, background: Background, address: str, port: int, slow_s: float) -> None:
        """Plan a load balancer; `behave` opens it.

        Args:
            background: where it runs.
            address: where it listens.
            port: of that.
            slow_s: seconds that it takes for an answer while it is slow.
        """
        self.address = address
        self.answered: list[float] = []
        self.behaved: list[tuple[float, Behaviour]] = []
        self._background = background
        self._port = port
        self._slow_s = slow_s
        self._listener: Listener | None = None
        self._full: list[socket.socket] = []

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on.

        Raises:
            OSError: the address cannot be listened on.
        """
        self._background.run(self._change(behaviour))

    def served_between(self, start: float, end: float) -> int:
        """How many answers 200 were sent in this time."""
        return sum(start <= at <= end for at in self.answered)

    async def _change(self, behaviour: Behaviour) -> None:
        """Break what is open, as the end of a process does, and behave otherwise."""
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        while self._full:
            self._full.pop().close()
        if behaviour is Behaviour.BLACKHOLE:
            self._fill_backlog()
        elif behaviour is not Behaviour.REFUSE:
            self._listener = Listener(self.address, self._port, self._serve)
        self.behaved.append((time.monotonic(), behaviour))

    def _fill_backlog(self) -> None:
        """Listen, accept nothing, and fill the backlog: Linux then drops SYNs and refuses nothing."""
        self._full.append(socket.create_server((self.address, self._port), backlog=0))
        for _ in range(_FILLING):
            filling = socket.socket()
            filling.settimeout(0)
            self._full.append(filling)
            with suppress(BlockingIOError):
                filling.connect((self.address, self._port))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behaviour = self.behaved[-1][1]
        if behaviour is Behaviour.RESET:
            abort(writer)
            return
        await reader.readuntil(b"\r\n\r\n")
        if behaviour is Behaviour.HANG:
            await reader.read()  # until who asked gives up
            return
        if behaviour is Behaviour.SLOW:
            await asyncio.sleep(self._slow_s)
        status = "500 Internal Server Error" if behaviour is Behaviour.FAIL else "200 OK"
        if behaviour is Behaviour.SERVE:
            self.answered.append(time.monotonic())
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n".encode())
        await writer.drain()
