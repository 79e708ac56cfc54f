"""The configuration while feddns runs: a changed file counts as soon as it can be used, and not before."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.config.settings import Settings
from feddns.errors import ConfigError, ProviderError
from feddns.model.printable import printable
from feddns.telemetry.events import LogEvent, log

_GLANCE_S: Final = 1.0
"""How often the file is looked at. Kubernetes swaps symbolic links to change a mounted ConfigMap, and file systems tell
of that in ways of their own; a look costs microseconds, and always tells."""

_SETTLED_S: Final = 0.25
"""So long a file must stay as it is before it is read: one that is written in place is empty first, and then half of
one, which is often a configuration too, with fewer clusters."""


class InForce(msgspec.Struct, frozen=True):
    """What is known of the configuration that counts.

    Attributes:
        digest: of the file, the first 12 hexadecimal digits of its SHA-256.
        since: when it began to count, in seconds since the epoch.
        refusal: why what the file says now does not count, for people; empty where it does.
        waiting: the settings that count only from the next start, by their path in the file.
    """

    digest: str
    since: float
    refusal: str = ""
    waiting: tuple[str, ...] = ()


class Reload:
    """Looks at the file, and has those who work by it follow.

    Attributes:
        in_force: what is known of the configuration that counts.
        loaded: that configuration.

    Args:
        file: its path.
        read: reads and judges it; raises ConfigError or ProviderError. Called in a thread.
        loaded: what counts so far.
    """

    def __init__(self, file: Path, read: Callable[[], Loaded], loaded: Loaded) -> None:
        self._file = file
        self._read = read
        self.loaded = loaded
        self._first = loaded.settings
        self._seen = _octets(file)
        self._is_asked = False
        self._now = asyncio.Event()
        self.in_force = InForce(_digest(self._seen), STEADY())

    def look_now(self) -> None:
        """Look at the file at once, and at the files that it names, whether it has changed or not."""
        self._is_asked = True
        self._now.set()

    async def run(self, follow: Callable[[Loaded], Awaitable[None]]) -> None:
        """Look again and again, until cancelled.

        Args:
            follow: works by another configuration from now on; raises ConfigError or ProviderError, and then has
                changed nothing.
        """
        while True:
            octets = await asyncio.to_thread(_octets, self._file)
            if self._is_asked or octets != self._seen:
                octets = await self._settled(octets)
            if self._is_asked or octets != self._seen:
                self._is_asked, self._seen = False, octets
                await self._take(_digest(octets), follow)
            try:
                async with asyncio.timeout(_GLANCE_S):
                    await self._now.wait()
            except TimeoutError:
                continue
            self._now.clear()

    async def _settled(self, octets: bytes | None) -> bytes | None:
        """What is in the file once nobody writes it any more."""
        while True:
            await asyncio.sleep(_SETTLED_S)
            before, octets = octets, await asyncio.to_thread(_octets, self._file)
            if octets == before:
                return octets

    async def _take(self, digest: str, follow: Callable[[Loaded], Awaitable[None]]) -> None:
        try:
            loaded = await asyncio.to_thread(self._read)
            await follow(loaded)
        except (ConfigError, ProviderError) as error:
            text = printable(str(error))
            self.in_force = msgspec.structs.replace(self.in_force, refusal=text)
            log(LogEvent.CONFIG_REFUSED, reason=text, in_force=self.in_force.digest)
            return
        self.loaded = loaded
        waiting = _waiting(self._first, loaded.settings)
        self.in_force = InForce(digest, STEADY(), waiting=waiting)
        log(LogEvent.CONFIG_RELOADED, digest=digest)
        if waiting:
            log(LogEvent.CONFIG_NEEDS_RESTART, settings=waiting)


AT_START: Final[dict[str, Callable[[Settings], object]]] = {
    "clusterSecrets": lambda settings: settings.cluster_secrets,
    "health.probing": lambda settings: settings.health.probing,
    "leaderElection": lambda settings: settings.leader_election,
    "state": lambda settings: settings.state,
    "web": lambda settings: settings.web,
}
"""What binds a process to its surroundings is read at its start alone."""


def _waiting(first: Settings, now: Settings) -> tuple[str, ...]:
    return tuple(path for path, value in AT_START.items() if value(first) != value(now))


def _octets(file: Path) -> bytes | None:
    """What is in the file; None where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError:
        return None


def _digest(octets: bytes | None) -> str:
    return hashlib.sha256(octets or b"").hexdigest()[:12]
