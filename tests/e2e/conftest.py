"""A federation of the lab's three clusters whose names are served by BIND, or by feddns itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import Answers, Feddns, configuration
from tests.lab.federation import Lab
from tests.lab.processes import free_port
from tests.servers import DnsServer

ADDRESSES = {"us": "203.0.113.57", "eu": "203.0.113.30", "asia": "203.0.113.89"}


@dataclass
class Scene:
    """The classic federation: a Service in three clusters, `feddns run`, and a DNS server to ask."""

    lab: Lab
    namespace: str
    folder: Path
    provider: dict[str, Any]
    answers: Answers
    feddns: Feddns

    def name(self, scope: str = "", service: str = "nginx") -> str:
        """The name of a service at a scope, such as `europe-west1-b.europe-west1`; empty for the global one."""
        return ".".join(filter(None, (service, self.namespace, "myfederation.svc", scope, "example.com.")))

    def another(self, name: str) -> Feddns:
        """A second feddns with the same configuration."""
        return Feddns(self.folder, configuration(self.lab.clusters.values(), self.provider, self.namespace), name)

    async def expose(self, service: str = "nginx") -> None:
        """Create the Service with its load balancer in all clusters; nothing is behind it yet."""
        for cluster, address in ADDRESSES.items():
            await self.lab[cluster].api.expose(self.namespace, service, address)

    async def deploy(self, service: str = "nginx") -> None:
        """Create pods in all clusters and wait until they are ready."""
        for name in ADDRESSES:
            cluster = self.lab[name]
            await cluster.api.deploy(self.namespace, service, zone=cluster.zones[0])
        for name in ADDRESSES:
            await self.lab[name].api.endpoints_become(self.namespace, service, 1, patience_s=90)


@pytest.fixture
def on_bind(lab: Lab, namespace: str, bind: DnsServer, tmp_path: Path) -> Iterator[Scene]:
    """BIND serves the zone; feddns writes it by dynamic updates."""
    provider = bind.provider()
    with Feddns(tmp_path, configuration(lab.clusters.values(), provider, namespace)) as feddns:
        yield Scene(lab, namespace, tmp_path, provider, Answers(bind.host, bind.port), feddns)


@pytest.fixture
def on_embedded(lab: Lab, namespace: str, tmp_path: Path) -> Iterator[Scene]:
    """feddns serves the zone itself."""
    port = free_port()
    provider = {"embedded": {"listen": [f"127.0.0.1:{port}"]}}
    with Feddns(tmp_path, configuration(lab.clusters.values(), provider, namespace)) as feddns:
        yield Scene(lab, namespace, tmp_path, provider, Answers("127.0.0.1", port), feddns)


@pytest.fixture(params=["on_bind", "on_embedded"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """Once with each."""
    made: Scene = request.getfixturevalue(request.param)
    return made
