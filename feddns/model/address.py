"""Where a server listens that is to be asked."""

import ipaddress
import re
from typing import Final

import msgspec

_DNS_PORT: Final = 53
_ADDRESS: Final = re.compile(r"\[(?P<v6>[^\]]+)\](?::(?P<v6_port>\d{1,5}))?|(?P<host>[^:\[\]]+)(?::(?P<port>\d{1,5}))?")


class Address(msgspec.Struct, frozen=True):
    """A host, by its name or IP address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether a host is the very machine that asks for it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_address(text: str) -> Address:
    """Understand `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address; DNS' port 53 by default.

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
