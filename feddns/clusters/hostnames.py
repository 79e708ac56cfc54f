"""Load balancers that have a host name instead of an address (AWS), followed as their addresses change.

Each name has a task of its own, which asks again when the answer's TTL is over. A name that does not resolve keeps its
last good answer and waits in a lane of its own, so that it never delays the others.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from feddns.clusters.backoff import Backoff
from feddns.model.records import ADDRESS_TYPES
from feddns.model.services import Problem

if TYPE_CHECKING:  # dnspython's resolver takes a tenth of a second, for which only those with host names should wait
    from feddns.clusters.lookup import Found, Lookup

SHORTEST_S: Final = 5.0
LONGEST_S: Final = 300.0
"""Bounds of the time between two lookups of a name, whatever its TTL: load balancers move without notice."""

_LONGEST_RETRY_S: Final = 60.0
_LANE: Final = 64  # lookups at a time among names that resolve; each may open two sockets
_TROUBLED_LANE: Final = 16


class Known(msgspec.Struct, frozen=True):
    """What is known of one host name.

    Attributes:
        by_family: the last good addresses by record type; a family that was never answered is not in it.
        trouble: what went wrong last; empty where nothing did.
    """

    by_family: dict[str, tuple[str, ...]] = {}
    trouble: str = ""

    @property
    def addresses(self) -> tuple[str, ...] | None:
        """The addresses of both families, sorted; None where there never was one."""
        return tuple(sorted(address for found in self.by_family.values() for address in found)) or None


class Hostnames:
    """Keeps the wanted host names resolved.

    Args:
        changed: called with a name whenever what is known of it has changed.
        lookup: asks for one name; by default the system's resolvers.
    """

    def __init__(self, changed: Callable[[str], None], lookup: "Lookup | None" = None) -> None:
        self._changed = changed
        self._lookup = lookup
        self._wanted: frozenset[str] = frozenset()
        self._wanted_moved = asyncio.Event()
        self._known: dict[str, Known] = {}
        self._lane = asyncio.Semaphore(_LANE)
        self._troubled_lane = asyncio.Semaphore(_TROUBLED_LANE)

    def want(self, names: frozenset[str]) -> None:
        """Follow these absolute names from now on, and no others."""
        self._wanted = names
        self._wanted_moved.set()

    def addresses(self, name: str) -> tuple[str, ...] | None:
        """The last good addresses in canonical form, sorted; None where the name has never been resolved."""
        known = self._known.get(name)
        return known.addresses if known else None

    def problem(self, name: str) -> Problem | None:
        """What is wrong with a name now, if anything is."""
        known = self._known.get(name)
        if known is None or not known.trouble:
            return None
        kept = "; its last addresses stay" if known.addresses else ""
        return Problem("HostnameNotResolved", f"load balancer host name {name}: {known.trouble}{kept}")

    async def run(self) -> None:
        """Follow what is wanted until cancelled; what is known outlives a new start."""
        async with asyncio.TaskGroup() as group:
            tasks: dict[str, asyncio.Task[None]] = {}
            while True:
                self._wanted_moved.clear()
                for name in tasks.keys() - self._wanted:
                    tasks.pop(name).cancel()
                    self._known.pop(name, None)
                for name in sorted(self._wanted - tasks.keys()):
                    tasks[name] = group.create_task(self._follow(name), name=f"hostname {name}")
                await self._wanted_moved.wait()

    async def resolve_all(self, deadline_s: float) -> None:
        """Ask for every wanted name once, for commands that run once; what takes longer is left with a problem."""
        names = sorted(self._wanted)
        try:
            async with asyncio.timeout(deadline_s), asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(self._ask(name, self._lane))
        except TimeoutError:
            self._give_up(names, f"not resolved within {deadline_s:g} s")

    def _give_up(self, names: Iterable[str], trouble: str) -> None:
        for name in names:
            if name not in self._known:
                self._learn(name, Known(trouble=trouble))

    async def _follow(self, name: str) -> None:
        backoff = Backoff(_LONGEST_RETRY_S)
        while True:
            ttl_s = await self._ask(name, self._troubled_lane if backoff.failures else self._lane)
            if ttl_s is None:
                pause_s = backoff.failed()
            else:
                backoff.succeeded()
                pause_s = min(max(ttl_s, SHORTEST_S), LONGEST_S)
            # A little more than the TTL: at the TTL itself, a cache may hand out the last second of the old answer.
            await asyncio.sleep(pause_s * random.uniform(1.0, 1.1))  # noqa: S311 - spreads load, keeps no secret

    async def _ask(self, name: str, lane: asyncio.Semaphore) -> float | None:
        """Look a name up; the TTL in seconds, or None where no family gave an address or one was not answered."""
        if self._lookup is None:
            from feddns.clusters.lookup import system_lookup  # noqa: PLC0415  # as said above

            self._lookup = system_lookup()
        async with lane:
            found = await self._lookup(name)
        self._learn(name, _merge(self._known.get(name, Known()), found))
        is_whole = all(family.addresses is not None for family in found.values())
        ttls = [family.ttl_s for family in found.values() if family.addresses]
        return min(ttls) if is_whole and ttls else None

    def _learn(self, name: str, known: Known) -> None:
        before = self._known.get(name)
        self._known[name] = known
        if known != before:
            self._changed(name)


def _merge(known: Known, found: "Found") -> Known:
    """What is known after a lookup: the families that were answered are new, unless no address at all is left."""
    trouble = "; ".join(dict.fromkeys(found[kind].trouble for kind in ADDRESS_TYPES if found[kind].trouble))
    answered = {kind: family.addresses for kind, family in found.items() if family.addresses is not None}
    by_family = known.by_family | answered
    if not any(by_family.values()):
        return Known(known.by_family, trouble or "it has no addresses")
    return Known(by_family, trouble)
