"""A scripted API server and the source that observes it, as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from feddns.clusters.view import ClusterView
from feddns.config.settings import ClusterSettings, WatchSettings
from feddns.model.services import ServiceKey
from tests.clusters.kubernetes.servers import ScriptedApi, kubeconfig
from tests.clusters.observing import PLACED, Recorder, is_visible, opened, running, until

WEB = ServiceKey("shop", "web")


class Observed:
    """A scripted API server, and the source that observes it."""

    def __init__(self, api: ScriptedApi, folder: Path, watch: WatchSettings) -> None:
        self.api = api
        self.touched = Recorder()
        settings = ClusterSettings(name="us", kubeconfig=str(kubeconfig(folder, api.url)), **PLACED)  # type: ignore[arg-type]
        self.source = opened(settings, self.touched, watch=watch, folder=Path("/"))

    @property
    def view(self) -> ClusterView:
        return self.source.view

    def addresses(self, key: ServiceKey = WEB) -> tuple[str, ...] | None:
        shard = self.view.shard(key)
        return None if shard is None else shard.addresses

    async def shows(self, *addresses: str, key: ServiceKey = WEB) -> None:
        await until(lambda: self.addresses(key) == addresses)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Observed"]:
        async with running(self.source):
            yield self

    @asynccontextmanager
    async def visible(self) -> AsyncIterator["Observed"]:
        async with self.running():
            await until(is_visible(self.view))
            await until(lambda: bool(self.api.services.asked_to_watch and self.api.slices.asked_to_watch))
            yield self
