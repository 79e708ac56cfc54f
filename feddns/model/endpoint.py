"""Addresses to listen on."""

import ipaddress
import re
from typing import Final

import msgspec

_ENDPOINT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\]|([0-9.]+)):([0-9]{1,5})")


class Endpoint(msgspec.Struct, frozen=True):
    """An IP address and a port; port 0 stands for one that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `192.0.2.1:53` or `[2001:db8::1]:53`.

        Raises:
            ValueError: it is none.
        """
        match = _ENDPOINT.fullmatch(text)
        try:
            host = str(ipaddress.ip_address(match[1] or match[2])) if match else ""
        except ValueError:
            host = ""
        if not match or not host or int(match[3]) > 65_535:
            raise ValueError(f'"{text}" is nothing to listen on; write 192.0.2.1:53 or [2001:db8::1]:53')
        return cls(host, int(match[3]))

    @property
    def is_wildcard(self) -> bool:
        """Whether it means every address of the machine."""
        return ipaddress.ip_address(self.host).is_unspecified

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
