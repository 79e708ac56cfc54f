"""A connection by TCP that sends anything, cut into any pieces: it gets the answers to its messages, in their order."""

import asyncio
import atexit
from collections.abc import Callable
from typing import Any

from feddns.nameserver.streams import Connection, Connections
from tests.fuzz.targets.dns_datagram import DISPATCH


class Wire(asyncio.Transport):
    """The other end of a connection: keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 53)})
        self.written = bytearray()
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def abort(self) -> None:
        self.closing = True

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        """Nothing is read but what a test gives."""

    def resume_reading(self) -> None:
        """Likewise."""


class Loop(asyncio.SelectorEventLoop):
    """Calls what is due at once when it is told to, without a selector's turn."""

    def __init__(self) -> None:
        super().__init__()
        self.due: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def call_soon(  # type: ignore[override] # a later asyncio's types name the arguments
        self,
        callback: Callable[..., object],
        *args: Any,
        context: Any = None,  # noqa: ARG002 - asyncio's signature
    ) -> asyncio.Handle:
        self.due.append((callback, args))
        return asyncio.Handle(callback, args, self)

    def turn(self) -> None:
        while self.due:
            callback, args = self.due.pop(0)
            callback(*args)


LOOP = Loop()
atexit.register(LOOP.close)


def fuzz(data: bytes) -> None:
    cut, stream = (data[0], data[1:]) if data else (0, b"")
    answers = _answers(stream)
    assert _played([stream]) == answers
    step = cut % 7 + 1
    assert _played([stream[at : at + step] for at in range(0, len(stream), step)]) == answers


def _answers(stream: bytes) -> bytes:
    """What each whole message is answered with by itself; transfers are allowed to nobody here."""
    answers, at = bytearray(), 0
    while len(stream) - at >= 2:
        end = at + 2 + int.from_bytes(stream[at : at + 2], "big")
        if end > len(stream):
            break
        answer = DISPATCH.answer_stream(stream[at + 2 : end], "127.0.0.1")
        if isinstance(answer, bytes):
            answers += len(answer).to_bytes(2, "big") + answer
        at = end
    return bytes(answers)


def _played(pieces: list[bytes]) -> bytes:
    wire = Wire()
    asyncio._set_running_loop(LOOP)  # noqa: SLF001 - a connection asks for the running loop, which need not run
    try:
        connection = Connection(DISPATCH, Connections(DISPATCH))
        connection.connection_made(wire)
        for piece in pieces:
            connection.data_received(piece)
            LOOP.turn()
        connection.eof_received()
        LOOP.turn()
        connection.connection_lost(None)
    finally:
        asyncio._set_running_loop(None)  # noqa: SLF001 - as above
    assert wire.closing
    return bytes(wire.written)
