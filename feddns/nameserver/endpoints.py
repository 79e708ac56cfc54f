"""Addresses to listen on, and the sockets bound to them."""

import errno
import socket
import sys
from contextlib import ExitStack
from typing import Final

import msgspec

from feddns.errors import ProviderError, Unauthorized, Unavailable
from feddns.model.endpoint import Endpoint

_RECEIVE_BUFFER: Final = 4 * 1024 * 1024
"""Octets of queries that wait while Python does something else; the kernel gives no more than net.core.rmem_max."""
_BACKLOG: Final = 128
_ATTEMPTS: Final = 20

# <linux/in.h> and <linux/in6.h>; the socket module of Python 3.11 lacks them.
_IP_PKTINFO: Final = 8
_IP_MTU_DISCOVER: Final = 10
_IPV6_MTU_DISCOVER: Final = 23
_PMTUDISC_OMIT: Final = 5


class Bound(msgspec.Struct, frozen=True):
    """The sockets of an endpoint, on one port."""

    endpoint: Endpoint
    udp: socket.socket
    tcp: socket.socket


def bind(endpoint: Endpoint) -> Bound:
    """Bind and listen by UDP and TCP.

    Raises:
        Unavailable: someone else is there, or the machine has no such address.
        Unauthorized: the port needs a privilege.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _bind(endpoint)
        except OSError as error:
            # A port that was free for UDP may be taken for TCP: the next free one may be better.
            if endpoint.port or error.errno != errno.EADDRINUSE:
                raise _explained(endpoint, error) from error
    raise Unavailable(f"no port of {endpoint.host} is free for both UDP and TCP")


def _bind(endpoint: Endpoint) -> Bound:
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    with ExitStack() as stack:
        udp = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
        tcp = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        for each in (udp, tcp):
            each.setblocking(False)  # noqa: FBT003 - the standard library's signature
            if family == socket.AF_INET6:
                # IPv4 has sockets of its own: answers then come from the address that was asked.
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if sys.platform == "linux":
            _tune_linux(udp, endpoint)
        udp.bind((endpoint.host, endpoint.port))
        port = udp.getsockname()[1]
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((endpoint.host, port))
        tcp.listen(_BACKLOG)
        stack.pop_all()
    return Bound(Endpoint(endpoint.host, port), udp, tcp)


def _tune_linux(udp: socket.socket, endpoint: Endpoint) -> None:
    is_ipv6 = udp.family == socket.AF_INET6
    level = socket.IPPROTO_IPV6 if is_ipv6 else socket.IPPROTO_IP
    # A forged "fragmentation needed" must not make us send fragments, which can be forged in their turn.
    udp.setsockopt(level, _IPV6_MTU_DISCOVER if is_ipv6 else _IP_MTU_DISCOVER, _PMTUDISC_OMIT)
    if endpoint.is_wildcard:
        udp.setsockopt(level, socket.IPV6_RECVPKTINFO if is_ipv6 else _IP_PKTINFO, 1)


def _explained(endpoint: Endpoint, error: OSError) -> ProviderError:
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unauthorized(
            f"{endpoint} cannot be listened on: a port below 1024 needs the capability CAP_NET_BIND_SERVICE"
        )
    return Unavailable(f"{endpoint} cannot be listened on: {error.strerror}")
