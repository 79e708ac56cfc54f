"""Random changes of the things in clusters that answers follow from."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp

from tests.lab import objects
from tests.lab.api import MERGE, Refused
from tests.lab.cluster import Cluster

POOL = 30
"""So many services there may be at a time; the same names come and go."""

PAUSE_S = 0.4
"""Between two changes of one cluster, on average."""

ANNOTATIONS = (
    {"feddns.io/ttl": "60"},
    {"feddns.io/ttl": "5m"},
    {"feddns.io/ttl": "soon"},
    {"feddns.io/ttl": None},
    {"feddns.io/ignore": "true"},
    {"feddns.io/ignore": None},
    {"feddns.io/colour": "red"},
    {"feddns.io/colour": None},
)
ODDITIES = (aiohttp.ClientError, TimeoutError, Refused)
"""What comes of a change while an API server is down, or of one to something that is just gone."""


class Changes:
    """Changes one cluster at random; what an outage keeps from being made is not made.

    Attributes:
        made: how many changes were made, by kind.
    """

    def __init__(self, cluster: Cluster, namespace: str, chance: random.Random) -> None:
        self.made: Counter[str] = Counter()
        self._cluster = cluster
        self._api = cluster.api
        self._namespace = namespace
        self._chance = chance
        self._kinds: tuple[tuple[int, Callable[[str], Awaitable[Any]]], ...] = (
            (6, self._endpoints),
            (4, self._balancer),
            (2, self._annotation),
            (2, self._service),
            (1, self._node),
        )

    async def begin(self) -> None:
        """Make the namespace and half of the services."""
        await self._api.create(objects.namespace(self._namespace))
        for number in range(0, POOL, 2):
            await self._create(_name(number))

    async def run(self) -> None:
        """Make changes until cancelled."""
        while True:
            kinds, weights = [kind for _, kind in self._kinds], [weight for weight, _ in self._kinds]
            (kind,) = self._chance.choices(kinds, weights)
            with suppress(*ODDITIES):
                async with asyncio.timeout(5):
                    await kind(_name(self._chance.randrange(POOL)))
                    self.made[kind.__name__.strip("_")] += 1
            await asyncio.sleep(self._chance.random() * 2 * PAUSE_S)

    async def _endpoints(self, name: str) -> None:
        """The endpoint becomes ready or not."""
        ready = self._chance.random() < 0.6
        manifest = objects.endpoint_slice(self._namespace, name, self._chance.choice(self._cluster.zones), ready=ready)
        await self._api.request("PATCH", f"{self._slices()}/{name}", {"endpoints": manifest["endpoints"]}, MERGE)

    async def _balancer(self, name: str) -> None:
        """The load balancer has other addresses, or for a while none."""
        number = self._chance.randrange(3)
        addresses = [f"198.18.{self._chance.randrange(256)}.{self._chance.randrange(256)}" for _ in range(number)]
        if self._chance.random() < 0.2:
            addresses.append(f"2001:db8::{self._chance.randrange(1, 65536):x}")
        await self._api.set_load_balancer(self._namespace, name, *addresses)

    async def _annotation(self, name: str) -> None:
        await self._api.annotate(self._namespace, name, self._chance.choice(ANNOTATIONS))

    async def _service(self, name: str) -> None:
        """A service comes, or where it is there already goes."""
        try:
            await self._create(name)
        except Refused as refused:
            if refused.status != 409:
                raise
            await self._api.delete(f"{self._slices()}/{name}")
            await self._api.delete(f"/api/v1/namespaces/{self._namespace}/services/{name}")

    async def _node(self, _: str) -> None:
        """A second node of a zone comes or goes."""
        zone = self._chance.choice(self._cluster.zones)
        node: dict[str, Any] = {**objects.node(self._cluster.region, zone)}
        node["metadata"] = {**node["metadata"], "name": f"{zone}-soak"}
        try:
            await self._api.create(node)
        except Refused as refused:
            if refused.status != 409:
                raise
            await self._api.delete(f"/api/v1/nodes/{zone}-soak")

    async def _create(self, name: str) -> None:
        await self._api.create(objects.service(self._namespace, name, selector=False))
        await self._balancer(name)
        with suppress(Refused):  # one that a deletion was cut off before may still be there
            zone = self._cluster.zones[0]
            await self._api.create(objects.endpoint_slice(self._namespace, name, zone))

    def _slices(self) -> str:
        return f"/apis/discovery.k8s.io/v1/namespaces/{self._namespace}/endpointslices"


def _name(number: int) -> str:
    return f"s{number:02}"
