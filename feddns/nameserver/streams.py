"""Queries by TCP: many on one connection, answered in the order in which they come (RFC 7766)."""

import asyncio
from typing import Final

from feddns.nameserver.dispatch import Dispatch, Transfer

IDLE_S: Final = 10.0
"""Seconds without a whole query after which a connection is closed: a few, says RFC 7766 section 6.2.3."""
MOST_CONNECTIONS: Final = 256
"""Open at once; for one more the one that is idle longest is closed."""
_MOST_AT_ONCE: Final = 100
"""Queries of one connection answered before other parts of the process get their turn."""
_LENGTH: Final = 2


class Connections:
    """The open connections of a server, the one that was heard longest ago first."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch
        self._open: dict[Connection, None] = {}

    def make(self) -> "Connection":
        """A connection that is about to open: a protocol factory for asyncio."""
        return Connection(self._dispatch, self)

    def heard(self, connection: "Connection") -> None:
        """Note that a connection opened or brought a whole query."""
        self._open.pop(connection, None)
        self._open[connection] = None
        if len(self._open) > MOST_CONNECTIONS:
            next(iter(self._open)).close()

    def closed(self, connection: "Connection") -> None:
        """Note that a connection is no more."""
        self._open.pop(connection, None)

    def close(self) -> None:
        """Close them all."""
        for connection in tuple(self._open):
            connection.close()


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, dispatch: Dispatch, connections: Connections) -> None:
        self._dispatch = dispatch
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._transfer: Transfer | None = None
        self._may_write = True
        self._has_ended = False
        self._turn_is_due = False
        self._heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by the event loop, as are the next five."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio types it too widely
        self._transport = transport
        self._client: str = transport.get_extra_info("peername")[0]
        self._heard()
        self._patience = self._loop.call_later(IDLE_S, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End."""
        self._patience.cancel()
        self._transfer = None
        self._connections.closed(self)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._buffer += data
        self._take_turn()

    def eof_received(self) -> bool:
        """Note that the client sends no more; it still gets its answers."""
        self._has_ended = True
        self._schedule()
        return True

    def pause_writing(self) -> None:
        """Stop answering: the client does not read what it asked for."""
        self._may_write = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on answering."""
        self._may_write = True
        self._transport.resume_reading()
        self._schedule()

    def close(self) -> None:
        """Close at once, whatever waits."""
        self._transport.abort()

    def _schedule(self) -> None:
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Do as much as may be done before others get their turn."""
        self._turn_is_due = False
        if self._transport.is_closing() or not self._may_write:
            return
        if self._transfer is not None:
            self._go_on_with(self._transfer)
        else:
            self._answer_what_waits()
        if self._transfer is not None or self._has_whole_query():
            self._schedule()
        elif self._has_ended:
            self._transport.close()

    def _go_on_with(self, transfer: Transfer) -> None:
        message = next(transfer, None)
        if message is None:
            self._transfer = None
        else:
            self._heard()
            self._transport.write(_framed(message))

    def _answer_what_waits(self) -> None:
        answers = []
        for _ in range(_MOST_AT_ONCE):
            if not self._has_whole_query():
                break
            answer = self._dispatch.answer_stream(self._take_query(), self._client)
            if isinstance(answer, bytes):
                answers.append(_framed(answer))
            elif answer is not None:
                self._transfer = answer
                break
        if answers:
            self._transport.write(b"".join(answers))

    def _has_whole_query(self) -> bool:
        buffer = self._buffer
        return len(buffer) >= _LENGTH and len(buffer) >= _LENGTH + int.from_bytes(buffer[:_LENGTH], "big")

    def _take_query(self) -> bytes:
        end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
        query = bytes(self._buffer[_LENGTH:end])
        del self._buffer[:end]
        self._heard()
        return query

    def _heard(self) -> None:
        self._heard_at = self._loop.time()
        self._connections.heard(self)

    def _close_if_idle(self) -> None:
        left_s = self._heard_at + IDLE_S - self._loop.time()
        if left_s <= 0:
            self.close()
        else:
            self._patience = self._loop.call_later(left_s, self._close_if_idle)


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(_LENGTH, "big") + message
