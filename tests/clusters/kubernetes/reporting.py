"""A source that reports to a real API server, and the Events that come of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from feddns.clusters.source import Source
from feddns.config.settings import ClusterSettings
from tests.beside import beside
from tests.clusters.observing import is_visible, opened, running, until
from tests.lab.api import Api


@asynccontextmanager
async def reporting(kubeconfig: Path) -> AsyncIterator[Source]:
    """A source that has seen the cluster, and reports for as long as the context lasts."""
    settings = ClusterSettings(name="us", kubeconfig=str(kubeconfig))
    async with running(opened(settings)) as source:
        await until(is_visible(source.view))
        async with beside(source.report()):
            yield source


async def events(api: Api, namespace: str) -> list[Any]:
    """Those of a namespace that feddns has sent: Kubernetes' own parts send some, too."""
    found: list[Any] = (await api.request("GET", f"/api/v1/namespaces/{namespace}/events"))["items"]
    return [each for each in found if each["source"].get("component") == "feddns"]


async def events_become(api: Api, namespace: str, count: int) -> None:
    """Wait until a namespace has so many Events."""
    async with asyncio.timeout(20):
        while len(await events(api, namespace)) < count:  # noqa: ASYNC110  # the state is the API server's
            await asyncio.sleep(0.05)
