"""The settings of what one client may cost the embedded server."""

import ipaddress
from typing import Annotated

import msgspec

from feddns.answers.ratelimit import Pace
from feddns.config.scalars import Seconds, Section
from feddns.nameserver.limits import DatagramLimits, StreamLimits


class RateLimitSettings(Section, frozen=True):
    """How many answers by UDP one network (an IPv4 /24 or an IPv6 /56) gets; TCP has no such limit.

    A client that is beyond the limit gets no answer, or now and then one that is cut, which tells it to come by TCP. So
    a flood of queries from forged addresses does not become one of answers to them.

    Attributes:
        responses_per_second: in the long run; 0 for no limit.
        burst: answers at once after a rest.
        slip: every n-th answer beyond the limit is cut instead of dropped; 0 for none, 1 for all.
        exempt: networks such as `192.0.2.0/24` without limit.
    """

    responses_per_second: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1_000
    burst: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 5_000
    slip: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2
    exempt: tuple[str, ...] = ("127.0.0.0/8", "::1/128")

    def __post_init__(self) -> None:
        """Refuse what is no network.

        Raises:
            ValueError: says which.
        """
        for network in self.exempt:
            ipaddress.ip_network(network)

    @property
    def limits(self) -> DatagramLimits:
        """The same, as the listeners take it."""
        if not self.responses_per_second:
            return DatagramLimits()
        pace = Pace(self.responses_per_second, self.burst, self.slip)
        return DatagramLimits(pace, tuple(map(ipaddress.ip_network, self.exempt)))


class ConnectionSettings(Section, frozen=True):
    """How many connections by TCP may be open (RFC 7766, RFC 9210); for one more the idlest one is closed.

    Attributes:
        total: on one address that is listened on.
        per_client: of these from one IPv4 address or one IPv6 /64.
        idle: seconds without a whole query after which a connection is closed.
    """

    total: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 256
    per_client: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 64
    idle: Seconds = 10.0

    @property
    def limits(self) -> StreamLimits:
        """The same, as the listeners take it."""
        return StreamLimits(self.total, self.per_client, self.idle)
