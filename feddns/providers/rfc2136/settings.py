"""The settings of the provider `rfc2136`."""

import re
from typing import Final

import msgspec

from feddns.config.scalars import Seconds, Section
from feddns.providers.tsigkey import TsigSettings

_DNS_PORT: Final = 53
_ADDRESS: Final = re.compile(r"\[(?P<v6>[^\]]+)\](?::(?P<v6_port>\d{1,5}))?|(?P<host>[^:\[\]]+)(?::(?P<port>\d{1,5}))?")


class Address(msgspec.Struct, frozen=True):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Rfc2136Settings(Section, frozen=True):
    """A server that takes dynamic updates, such as BIND, Knot or PowerDNS.

    Attributes:
        server: the zone's primary server: `host`, `host:port` or `[IPv6 address]:port`; port 53 by default.
        tsig: the key to sign with; without it the server must know us by our address.
        timeout: seconds until a connection, or an answer, is given up.
        transfer_server: where the zone is read from, if not from `server`: a server that holds each update at once,
            since what it lags behind looks like someone else's change.
    """

    server: str
    tsig: TsigSettings | None = None
    timeout: Seconds = 5.0
    transfer_server: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no address.

        Raises:
            ValueError: a server's address cannot be understood.
        """
        parse_address(self.server)
        if self.transfer_server is not None:
            parse_address(self.transfer_server)


def parse_address(text: str) -> Address:
    """Understand `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.

    Raises:
        ValueError: it is none of these.
    """
    if text.count(":") > 1 and not text.startswith("["):
        return Address(text, _DNS_PORT)
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no server: write host, host:port or [IPv6 address]:port')
    port = int(match["v6_port"] or match["port"] or _DNS_PORT)
    if not 0 < port < 2**16:
        raise ValueError(f'"{text}" has no valid port: 1 to 65535')
    return Address(match["v6"] or match["host"], port)
