"""What tests of sources share: a record of what was touched, and waiting for a state of the world."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from feddns.clusters.members import Member
from feddns.clusters.source import Opening, Source, open_source
from feddns.clusters.view import ClusterView, Touched
from feddns.config.settings import ClusterSettings, ServiceSettings, WatchSettings
from feddns.model.evidence import ClusterState, Sight
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from tests.beside import beside

QUICK = WatchSettings(connect_timeout=1.0, silence=1.0, lost_after=2.0, longest_backoff=0.3)
PLACED = {"region": "us", "zones": ("us-a",)}
"""A cluster whose region and zones are configured needs no nodes."""


class Recorder:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.services: list[ServiceKey] = []
        self.clusters: list[ClusterName] = []

    def service(self, key: ServiceKey) -> None:
        self.services.append(key)

    def cluster(self, name: ClusterName) -> None:
        self.clusters.append(name)


async def until(holds: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Wait until another part of the world has made it so."""
    async with asyncio.timeout(patience_s):
        while not holds():  # noqa: ASYNC110 - the state is not ours to signal
            await asyncio.sleep(0.005)


def state(view: ClusterView) -> ClusterState:
    return view.state(time.time())


def is_visible(view: ClusterView) -> Callable[[], bool]:
    return lambda: state(view).sight is Sight.VISIBLE


def opened(
    settings: ClusterSettings,
    touched: Touched | None = None,
    services: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    watch: WatchSettings = QUICK,
    folder: Path = Path("/"),
) -> Source:
    """The source of a cluster of the configuration."""
    return open_source(Member(settings), Opening(services, watch, folder), touched or Recorder())


@asynccontextmanager
async def running(source: Source) -> AsyncIterator[Source]:
    """The source at work; an error that it raises fails the test."""
    async with beside(source.run()):
        yield source


@asynccontextmanager
async def observed(
    settings: ClusterSettings,
    services: ServiceSettings | None = None,
    watch: WatchSettings = QUICK,
    touched: Recorder | None = None,
) -> AsyncIterator[ClusterView]:
    """The view of a cluster that is being observed and visible."""
    source = opened(settings, touched, services or ServiceSettings(), watch)
    async with running(source):
        await until(is_visible(source.view))
        yield source.view


def addresses(view: ClusterView, key: ServiceKey) -> tuple[str, ...]:
    """What the service's load balancer has; nothing where there is no service."""
    shard = view.shard(key)
    return () if shard is None else shard.addresses
