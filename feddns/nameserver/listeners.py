"""The listeners of an authoritative server: UDP and TCP on every address."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from feddns.model.endpoint import Endpoint
from feddns.nameserver.datagrams import datagram_reader
from feddns.nameserver.dispatch import Dispatch
from feddns.nameserver.endpoints import Bound, bind
from feddns.nameserver.streams import Connections
from feddns.telemetry.events import LogEvent, log


class Listeners:
    """Listens on the addresses that it was given, and answers.

    Use it by `async with`: it listens inside, and its connections are closed at the end.

    Attributes:
        endpoints: what it listens on, with the ports that it got; empty before.
    """

    def __init__(self, dispatch: Dispatch, endpoints: Sequence[Endpoint]) -> None:
        self.endpoints: tuple[Endpoint, ...] = ()
        self._dispatch = dispatch
        self._wanted = endpoints
        self._stack = AsyncExitStack()

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
        reader = datagram_reader(bound.udp, self._dispatch.ready, self._dispatch.answer_datagram)
        loop.add_reader(bound.udp, reader)
        self._stack.callback(loop.remove_reader, bound.udp)
        connections = Connections(self._dispatch)
        server = await loop.create_server(connections.make, sock=bound.tcp)
        self._stack.callback(connections.close)
        self._stack.callback(server.close)
