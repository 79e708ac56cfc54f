"""Queries by UDP: from the socket to their answers and back, many at each wake-up."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from feddns.nameserver.batches import BatchSocket, has_batches
from feddns.nameserver.counts import Tally
from feddns.nameserver.limits import Gate

Respond = Callable[[bytes], bytes | None]
"""From a query to its answer, both whole messages; None where there is none to give."""

_MOST_OCTETS: Final = 2_048
"""Of a query; longer ones are cut and so malformed. Nobody who takes 1,232 in an answer sends more."""
_MOST_CONTROL: Final = 64
_AT_ONCE: Final = 512
"""Queries answered before other parts of the process get their turn."""


def datagram_reader(
    udp: socket.socket,
    ready: Mapping[bytes, bytes],
    respond: Respond,
    cut: Respond,
    gate: Gate | None = None,
    tally: Tally | None = None,
) -> Callable[[], None]:
    """What the event loop is to call when the socket has something to read.

    Args:
        udp: bound and not blocking.
        ready: answers without their ID by queries without their ID; looked at first.
        respond: answers what is not ready.
        cut: answers with no more than that TCP is to be taken.
        gate: how many answers a client gets; None for no limit.
        tally: counts what is answered.
    """
    kind = BatchSocket if has_batches() else SingleSocket
    return kind(udp, ready, respond, cut, gate, tally).read


class SingleSocket:
    """Reads and answers one datagram after the other, by the means that every system has."""

    def __init__(
        self,
        udp: socket.socket,
        ready: Mapping[bytes, bytes],
        respond: Respond,
        cut: Respond,
        gate: Gate | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._udp = udp
        self._ready = ready
        self._respond = respond
        self._cut = cut
        self._gate = gate
        self._tally = tally or Tally()

    def read(self) -> None:
        """Answer what waits."""
        # OSError: nothing more waits, or an ICMP error about an earlier answer was told; the event loop calls again.
        with suppress(OSError):
            for _ in range(_AT_ONCE):
                query, control, _, client = self._udp.recvmsg(_MOST_OCTETS, _MOST_CONTROL)
                answer = self._answer(query, client[0])
                self._tally.add_one(answer)
                if answer is not None:
                    self._send(answer, control, client)

    def _answer(self, query: bytes, host: str) -> bytes | None:
        if self._gate is not None:
            packed = socket.inet_pton(self._udp.family, host.partition("%")[0])
            for is_cut in self._gate.beyond([self._gate.number(packed)], lambda _: packed).values():
                return self._cut(query) if is_cut else None
        ready = self._ready.get(query[2:])
        return self._respond(query) if ready is None else query[:2] + ready

    def _send(self, answer: bytes, control: list[tuple[int, int, bytes]], client: tuple[Any, ...]) -> None:
        # The control data say which of the machine's addresses was asked, and the answer comes from there. What cannot
        # be sent is lost, as datagrams may be: the client asks again.
        with suppress(OSError):
            self._udp.sendmsg([answer], control, 0, client)
