"""A listener whose connections can be broken at any moment, and that leaves none behind."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends a reset."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Takes connections, each served by a task of its own; made and used in a running event loop.

    An `asyncio.Server` that is closed just after a connection came forgets to close that one.

    Attributes:
        port: where it listens.
    """

    def __init__(self, address: str, port: int, serve: Serve) -> None:
        """Listen.

        Args:
            address: where.
            port: of that; 0 for any that is free.
            serve: what is done with a connection, which is closed when that ends.

        Raises:
            OSError: the address cannot be listened on.
        """
        self._listening = socket.create_server((address, port))
        self._listening.setblocking(False)  # noqa: FBT003 - as the socket module has it
        self.port: int = self._listening.getsockname()[1]
        self._serve = serve
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._listening, self._accept)

    async def break_all(self) -> None:
        """Break all connections by resets."""
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def close(self) -> None:
        """Listen no more, and break all connections."""
        self._loop.remove_reader(self._listening)
        self._listening.close()
        await self.break_all()

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):  # it may have gone again
            connection, _ = self._listening.accept()
            connection.setblocking(False)  # noqa: FBT003 - as the socket module has it
            task = self._loop.create_task(self._take(connection))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
            task.add_done_callback(lambda _: connection.close())  # also where it ends before it began

    async def _take(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            await self._serve(reader, writer)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            abort(writer)  # the other side has gone
        except asyncio.CancelledError:
            abort(writer)
            raise
        finally:
            with suppress(OSError):
                await writer.wait_closed()


def abort(writer: asyncio.StreamWriter) -> None:
    """Break a connection by a reset."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
