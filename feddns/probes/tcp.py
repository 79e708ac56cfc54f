"""A TCP connection as a new client makes it, and what its failure is evidence of."""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from feddns.probes.answer import Answer, NotAnswered, failed, hindered

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: thousands of connections a minute would else each stay a minute in TIME_WAIT, and two in the
connection tracking of the node and of every NAT on the way, which is what kubelet's probes and HAProxy's avoid too."""

_TEXTS: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection reset",
    errno.ECONNABORTED: "connection aborted",
    errno.ETIMEDOUT: "no answer",
    errno.EHOSTUNREACH: "no route to host: a router or neighbour says that it cannot be reached",
    errno.ENETUNREACH: "network unreachable: a router says that it cannot be reached",
    errno.EACCES: "a firewall on the way forbids it",  # ICMPv6 code 1, "administratively prohibited"
}
_HINDRANCES: Final = {
    errno.ENETUNREACH: "feddns has no route to {family} addresses such as this one",
    errno.EHOSTUNREACH: "feddns's own routes declare this address unreachable",
    errno.EAFNOSUPPORT: "feddns's machine has no {family}",
    errno.EADDRNOTAVAIL: "feddns has no free port or no {family} address of its own to ask from",
    errno.EMFILE: "feddns has too many open files: raise its limit (ulimit -n) or lower health.probing.concurrency",
    errno.ENFILE: "the machine that feddns runs on has too many open files",
    errno.EACCES: "feddns's own machine forbids it",
    errno.EPERM: "feddns's own machine forbids it",
}


async def connect(address: str, port: int) -> socket.socket:
    """Connect, and give the socket, which does not block.

    Raises:
        NotAnswered: there is no connection.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    except OSError as error:
        raise NotAnswered(_hindered(error.errno or 0, address)) from error
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        await _connected(connection, address, port)
    except BaseException:
        connection.close()
        raise
    return connection


async def _connected(connection: socket.socket, address: str, port: int) -> None:
    """Wait for the connection.

    What connect(2) says at once, it says before anything was sent: no route, no port, a local rule. That tells about us
    and not about the address, but for a refusal. What comes later has come from the network.
    """
    number = connection.connect_ex((address, port))
    if number == errno.EINPROGRESS:
        await _writable(connection)
        number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    elif number not in {0, errno.ECONNREFUSED}:
        raise NotAnswered(_hindered(number, address))
    if number:
        raise NotAnswered(failed(_text(number)))


async def _writable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    number = connection.fileno()  # by its object, the selector would write the socket's whole repr into an error first
    loop.add_writer(number, _resolve, ready)
    try:
        await ready
    finally:
        loop.remove_writer(number)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


@contextmanager
def network_errors() -> Iterator[None]:
    """Take the errors of a connection that was there for failures of the address.

    Raises:
        NotAnswered: instead of OSError.
    """
    try:
        yield
    except OSError as error:
        raise NotAnswered(failed(_text(error.errno or 0))) from error


def _text(number: int) -> str:
    return _TEXTS.get(number) or os.strerror(number)


def _hindered(number: int, address: str) -> Answer:
    family = "IPv6" if ":" in address else "IPv4"
    text = _HINDRANCES.get(number) or f"feddns's own machine cannot ask: {os.strerror(number)}"
    return hindered(text.format(family=family))
