"""What one client may cost the server: the rate of its answers by UDP, and its connections by TCP."""

import ipaddress
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from feddns.answers.ratelimit import Pace, RateLimit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NETWORK_OCTETS: Final = {socket.AF_INET: 3, socket.AF_INET6: 7}
"""A client is its /24 or /56, as in BIND: addresses inside of one are had for the asking."""
_NUMBER_OCTETS: Final = {socket.AF_INET: 4, socket.AF_INET6: 8}
"""Octets at the front of an address that are taken for a number, in the machine's own order."""
_SITE_OCTETS: Final = {socket.AF_INET: 4, socket.AF_INET6: 8}
"""Whose connections by TCP count together: those of an address, or of the /64 that one host has to itself."""


class StreamLimits(msgspec.Struct, frozen=True):
    """What connections by TCP may cost (RFC 7766 section 6.2, RFC 9210 section 4).

    Attributes:
        connections: open at once on one address that is listened on; for one more the one that is idle longest is
            closed.
        per_client: of these from one IPv4 address or one IPv6 /64; for one more its own idlest one is closed.
        idle_s: seconds without a whole query after which a connection is closed, also one in the middle of a query.
    """

    connections: int = 256
    per_client: int = 64
    idle_s: float = 10.0


class DatagramLimits(msgspec.Struct, frozen=True):
    """What answers by UDP may cost.

    Attributes:
        pace: for each network; None for no limit.
        exempt: networks without limit.
    """

    pace: Pace | None = None
    exempt: tuple[Network, ...] = ()


class Gate:
    """The rate limit of the UDP sockets of one address family.

    Attributes:
        dropped: queries that got no answer, so far.
        cut: queries that got a cut answer, so far.
    """

    def __init__(
        self, family: int, pace: Pace, exempt: Sequence[Network], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.dropped = 0
        self.cut = 0
        self._family = family
        self._clock = clock
        version = 6 if family == socket.AF_INET6 else 4
        octets, length = _NUMBER_OCTETS[socket.AddressFamily(family)], _NETWORK_OCTETS[socket.AddressFamily(family)]
        self._exempt = tuple(network for network in exempt if network.version == version)
        self._exempt_parts = tuple(network for network in self._exempt if network.prefixlen > length * 8)
        self._number_octets = octets
        mask = int.from_bytes((b"\xff" * length).ljust(octets, b"\0"), sys.byteorder)
        self._limit = RateLimit(pace, mask, self._is_exempt)

    def number(self, packed: bytes) -> int:
        """An address in the form in which `beyond` takes it."""
        return int.from_bytes(packed[: self._number_octets], sys.byteorder)

    def beyond(self, clients: Sequence[int], packed: Callable[[int], bytes]) -> dict[int, bool]:
        """Which queries are not to be answered.

        Args:
            clients: where they came from, as numbers.
            packed: the address of the query at a place, in network order.

        Returns:
            Their places, and whether each gets a cut answer all the same.
        """
        beyond = self._limit.beyond(clients, self._clock())
        if beyond:
            if self._exempt_parts:
                beyond = {place: is_cut for place, is_cut in beyond.items() if not self._spares(packed(place))}
            cut = sum(beyond.values())
            self.cut += cut
            self.dropped += len(beyond) - cut
        return beyond

    def _spares(self, packed: bytes) -> bool:
        """Whether one address in a network that is over its limit is exempt by itself."""
        address = ipaddress.ip_address(packed)
        return any(address in network for network in self._exempt_parts)

    def _is_exempt(self, number: int) -> bool:
        """Whether all of a network is."""
        if not self._exempt:
            return False
        octets = number.to_bytes(self._number_octets, sys.byteorder)
        length = _NETWORK_OCTETS[socket.AddressFamily(self._family)]
        packed = octets[:length].ljust(16 if self._family == socket.AF_INET6 else 4, b"\0")
        whole = ipaddress.ip_network((packed, length * 8))
        return any(_covers(network, whole) for network in self._exempt)


def _covers(network: Network, other: Network) -> bool:
    return network.prefixlen <= other.prefixlen and other.network_address in network


def client_of(host: str) -> bytes:
    """Whose connections count together with those from an address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.inet_pton(family, host.partition("%")[0])[: _SITE_OCTETS[family]]
