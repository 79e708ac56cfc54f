"""The listeners of an authoritative server: UDP and TCP on every address."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Self

from feddns.model.endpoint import Endpoint
from feddns.nameserver.datagrams import datagram_reader
from feddns.nameserver.dispatch import Dispatch
from feddns.nameserver.endpoints import Bound, bind
from feddns.nameserver.limits import DatagramLimits, Gate, StreamLimits
from feddns.nameserver.streams import Connections
from feddns.telemetry.events import LogEvent, log


class Listeners:
    """Listens on the addresses that it was given, and answers.

    Use it by `async with`: it listens inside, and its connections are closed at the end.

    Attributes:
        endpoints: what it listens on, with the ports that it got; empty before.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        endpoints: Sequence[Endpoint],
        datagrams: DatagramLimits = DatagramLimits(),  # noqa: B008 - frozen
        streams: StreamLimits = StreamLimits(),  # noqa: B008 - likewise
    ) -> None:
        """Make them; nothing is listened on yet.

        Args:
            dispatch: what answers.
            endpoints: what to listen on.
            datagrams: what answers by UDP may cost.
            streams: what connections by TCP may cost.
        """
        self.endpoints: tuple[Endpoint, ...] = ()
        self._dispatch = dispatch
        self._streams = streams
        self._gates = _gates(datagrams)
        self._connections: list[Connections] = []
        self._wanted = endpoints
        self._stack = AsyncExitStack()

    def turned_away(self) -> Iterator[tuple[str, int]]:
        """What limits have turned away so far; see `feddns.providers.base.Counting`."""
        gates = self._gates.values()
        yield "dropped", sum(gate.dropped for gate in gates)
        yield "cut", sum(gate.cut for gate in gates)
        yield "evicted", sum(connections.evicted for connections in self._connections)

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            Unavailable: an address is taken, or not the machine's.
            Unauthorized: a port needs a privilege.
        """
        async with self._stack:
            bounds = []
            for endpoint in self._wanted:
                bound = bind(endpoint)
                bounds.append(bound)
                self._stack.callback(bound.udp.close)
                self._stack.callback(bound.tcp.close)
            for bound in bounds:
                await self._listen(bound)
            self._stack = self._stack.pop_all()
        self.endpoints = tuple(bound.endpoint for bound in bounds)
        log(LogEvent.SERVING, addresses=[str(endpoint) for endpoint in self.endpoints])
        return self

    async def __aexit__(self, *_: object) -> None:
        self.endpoints = ()
        await self._stack.aclose()
        await asyncio.sleep(0)  # asyncio closes the connections' sockets at its next turn

    async def _listen(self, bound: Bound) -> None:
        loop = asyncio.get_running_loop()
        dispatch, gate = self._dispatch, self._gates.get(bound.udp.family)
        reader = datagram_reader(
            bound.udp, dispatch.ready, dispatch.answer_datagram, dispatch.cut_datagram, gate, dispatch.counts.udp
        )
        loop.add_reader(bound.udp, reader)
        self._stack.callback(loop.remove_reader, bound.udp)
        connections = Connections(self._dispatch, self._streams)
        self._connections.append(connections)
        server = await loop.create_server(connections.make, sock=bound.tcp)
        self._stack.callback(connections.close)
        self._stack.callback(server.close)


def _gates(limits: DatagramLimits) -> dict[int, Gate]:
    """By address family: what is listened on shares them, as a flood may come by all of it."""
    if limits.pace is None:
        return {}
    return {family: Gate(family, limits.pace, limits.exempt) for family in (socket.AF_INET, socket.AF_INET6)}
