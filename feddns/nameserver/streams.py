"""Queries by TCP: many on one connection, answered in the order in which they come (RFC 7766)."""

import asyncio
from typing import Final

from feddns.nameserver.dispatch import STREAM_ROOM, Dispatch, Transfer
from feddns.nameserver.limits import StreamLimits, client_of

_MOST_AT_ONCE: Final = 100
"""Queries of one connection answered before other parts of the process get their turn."""
_LENGTH: Final = 2
_MOST_WAITING: Final = 2 * (_LENGTH + STREAM_ROOM)
"""Octets of a connection's queries that wait to be answered; until there are fewer, no more are read."""


class Connections:
    """The open connections of a server, the one that was heard longest ago first.

    Attributes:
        limits: what they may cost.
        evicted: those closed so far to make room for another.
    """

    def __init__(self, dispatch: Dispatch, limits: StreamLimits = StreamLimits()) -> None:  # noqa: B008 - frozen
        self.limits = limits
        self.evicted = 0
        self._dispatch = dispatch
        self._open: dict[Connection, None] = {}
        self._by_client: dict[bytes, dict[Connection, None]] = {}

    def make(self) -> "Connection":
        """A connection that is about to open: a protocol factory for asyncio."""
        return Connection(self._dispatch, self)

    def heard(self, connection: "Connection") -> None:
        """Note that a connection opened or brought a whole query."""
        client = self._by_client.setdefault(connection.client, {})
        for heard in (self._open, client):
            heard.pop(connection, None)
            heard[connection] = None
        if len(client) > self.limits.per_client:
            self._evict(next(iter(client)))
        elif len(self._open) > self.limits.connections:
            self._evict(next(iter(self._open)))

    def closed(self, connection: "Connection") -> None:
        """Note that a connection is no more."""
        self._open.pop(connection, None)
        client = self._by_client.get(connection.client, {})
        client.pop(connection, None)
        if not client:
            self._by_client.pop(connection.client, None)

    def _evict(self, connection: "Connection") -> None:
        self.evicted += 1
        self.closed(connection)  # at once, lest the next one counts it as well
        connection.close()

    def close(self) -> None:
        """Close them all."""
        for connection in tuple(self._open):
            connection.close()


class Connection(asyncio.Protocol):
    """One client's connection.

    Attributes:
        client: whose connections count together; empty until it is open.
    """

    def __init__(self, dispatch: Dispatch, connections: Connections) -> None:
        self.client = b""
        self._dispatch = dispatch
        self._connections = connections
        self._idle_s = connections.limits.idle_s
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
        self._host: str = transport.get_extra_info("peername")[0]
        self.client = client_of(self._host)
        self._heard()
        self._patience = self._loop.call_later(self._idle_s, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """End."""
        self._patience.cancel()
        self._transfer = None
        self._connections.closed(self)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._buffer += data
        self._take_turn()
        self._read_or_wait()

    def eof_received(self) -> bool:
        """Note that the client sends no more; it still gets its answers."""
        self._has_ended = True
        self._schedule()
        return True

    def pause_writing(self) -> None:
        """Stop answering: the client does not read what it asked for."""
        self._may_write = False
        self._read_or_wait()

    def resume_writing(self) -> None:
        """Go on answering."""
        self._may_write = True
        self._read_or_wait()
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
        self._read_or_wait()
        if self._transfer is not None or self._has_whole_query():
            self._schedule()
        elif self._has_ended:
            self._transport.close()

    def _read_or_wait(self) -> None:
        """Read on only where there is room for more: what a client sends faster than it is answered stays with it."""
        if self._may_write and len(self._buffer) < _MOST_WAITING:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _go_on_with(self, transfer: Transfer) -> None:
        message = next(transfer, None)
        if message is None:
            self._transfer = None
        else:
            self._heard()
            self._transport.write(_framed(message))

    def _answer_what_waits(self) -> None:
        answers, tally = [], self._dispatch.counts.tcp
        for _ in range(_MOST_AT_ONCE):
            if not self._has_whole_query():
                break
            answer = self._dispatch.answer_stream(self._take_query(), self._host)
            if answer is not None and not isinstance(answer, bytes):
                self._transfer = answer
                tally.add_transfer()
                break
            tally.add_one(answer)
            if answer is not None:
                answers.append(_framed(answer))
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
        left_s = self._heard_at + self._idle_s - self._loop.time()
        if left_s <= 0:
            self.close()
        else:
            self._patience = self._loop.call_later(left_s, self._close_if_idle)


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(_LENGTH, "big") + message
