"""Queries by UDP: from the socket to their answers and back, many at each wake-up."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from feddns.nameserver.batches import BatchSocket, has_batches

Respond = Callable[[bytes], bytes | None]
"""From a query to its answer, both whole messages; None where there is none to give."""

_MOST_OCTETS: Final = 2_048
"""Of a query; longer ones are cut and so malformed. Nobody who takes 1,232 in an answer sends more."""
_MOST_CONTROL: Final = 64
_AT_ONCE: Final = 512
"""Queries answered before other parts of the process get their turn."""


def datagram_reader(udp: socket.socket, ready: Mapping[bytes, bytes], respond: Respond) -> Callable[[], None]:
    """What the event loop is to call when the socket has something to read.

    Args:
        udp: bound and not blocking.
        ready: answers without their ID by queries without their ID; looked at first.
        respond: answers what is not ready.
    """
    if has_batches():
        return BatchSocket(udp, ready, respond).read
    return SingleSocket(udp, ready, respond).read


class SingleSocket:
    """Reads and answers one datagram after the other, by the means that every system has."""

    def __init__(self, udp: socket.socket, ready: Mapping[bytes, bytes], respond: Respond) -> None:
        self._udp = udp
        self._ready = ready
        self._respond = respond

    def read(self) -> None:
        """Answer what waits."""
        # OSError: nothing more waits, or an ICMP error about an earlier answer was told; the event loop calls again.
        with suppress(OSError):
            for _ in range(_AT_ONCE):
                query, control, _, client = self._udp.recvmsg(_MOST_OCTETS, _MOST_CONTROL)
                ready = self._ready.get(query[2:])
                answer = self._respond(query) if ready is None else query[:2] + ready
                if answer is not None:
                    self._send(answer, control, client)

    def _send(self, answer: bytes, control: list[tuple[int, int, bytes]], client: tuple[Any, ...]) -> None:
        # The control data say which of the machine's addresses was asked, and the answer comes from there. What cannot
        # be sent is lost, as datagrams may be: the client asks again.
        with suppress(OSError):
            self._udp.sendmsg([answer], control, 0, client)
