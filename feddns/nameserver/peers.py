"""The other replicas of a server, by the names that they are found under."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from feddns.errors import Unavailable
from feddns.model.address import Address

_LOOKUP_S: Final = 3.0
_LOOK_EVERY_S: Final = 30.0
"""How often names are looked up, as an address that is nobody's any more may become somebody else's."""
_LEAST_PAUSE_S: Final = 1.0
"""Between two looks, however many strangers ask."""


class Peers:
    """The addresses that names lead to, of both families, one's own among them."""

    def __init__(self, names: Sequence[Address]) -> None:
        """Make them; nothing is looked up yet.

        Args:
            names: names or addresses, and ports.
        """
        self._found: dict[Address, tuple[Address, ...]] = dict.fromkeys(names, ())
        self._hosts: frozenset[str] = frozenset()
        self._stranger_came = asyncio.Event()

    def __bool__(self) -> bool:
        """Whether there is any name."""
        return bool(self._found)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What the names led to when each was last found."""
        return tuple(dict.fromkeys(address for found in self._found.values() for address in found))

    def include(self, client: str) -> bool:
        """Whether an IP address is a peer's; one that is not has the names looked up again soon, as it may be new."""
        is_known = _plain(client) in self._hosts
        if not is_known:
            self._stranger_came.set()
        return is_known

    async def look(self) -> None:
        """Look all names up.

        Raises:
            Unavailable: names were not found; what they led to before stays.
        """
        reasons = [reason for reason in await asyncio.gather(*map(self._look_up, self._found)) if reason]
        self._hosts = frozenset(_plain(address.host) for address in self.addresses)
        if reasons:
            raise Unavailable("; ".join(reasons))

    async def follow(self) -> None:
        """Keep the addresses as the names have them, until cancelled."""
        while True:
            with suppress(Unavailable):
                await self.look()
            await asyncio.sleep(_LEAST_PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._stranger_came.wait()
            self._stranger_came.clear()

    async def _look_up(self, name: Address) -> str:
        """Why it was not found; empty where it was."""
        try:
            async with asyncio.timeout(_LOOKUP_S):
                found = await asyncio.get_running_loop().getaddrinfo(name.host, name.port, type=socket.SOCK_STREAM)
        except TimeoutError:
            return f"{name.host} is not found within {_LOOKUP_S:g} s"
        except (OSError, UnicodeError) as error:  # UnicodeError: what cannot be a host name by its length
            return f"{name.host} is not found: {getattr(error, 'strerror', None) or error}"
        self._found[name] = tuple(Address(str(address[0]), name.port) for *_, address in found)
        return ""


def _plain(host: str) -> str:
    """An IP address in the one form that compares; a link-local one comes with the interface behind a percent sign."""
    return str(ipaddress.ip_address(host.partition("%")[0]))
