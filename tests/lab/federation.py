"""The lab: several real clusters on loopback, as the federation sees them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from tests.lab.binaries import programs
from tests.lab.cluster import Cluster
from tests.lab.pki import Authority
from tests.lab.processes import LOOPBACK, Process, free_port

CLASSIC: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "us": ("us-central1", ("us-central1-b",)),
    "eu": ("europe-west1", ("europe-west1-b",)),
    "asia": ("asia-east1", ("asia-east1-b",)),
}


class Lab:
    """Clusters that share one etcd, each with an API server, a controller-manager and kwok of its own.

    Attributes:
        folder: where the kubeconfigs, keys, data and logs are.
        clusters: the clusters by name.
    """

    def __init__(
        self,
        clusters: Mapping[str, tuple[str, Sequence[str]]] = CLASSIC,
        folder: Path | None = None,
        *,
        controllers: bool = True,
    ) -> None:
        """Plan a lab; nothing is started yet.

        Args:
            clusters: name to region and zones.
            folder: an empty folder to use; by default a temporary one, deleted at the end.
            controllers: whether deployments get pods and services endpoint slices; measurements do without.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="feddns-lab-") if folder is None else None
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clusters = {name: Cluster(name, region, zones, self.folder) for name, (region, zones) in clusters.items()}
        self._controllers = controllers
        self._etcd: Process | None = None

    def __getitem__(self, name: str) -> Cluster:
        """The cluster of this name."""
        return self.clusters[name]

    async def start(self) -> None:
        """Start everything and wait until the clusters are ready; call it from the main thread.

        Raises:
            RuntimeError: a program cannot be built, or a server ended.
            TimeoutError: a server is not ready in time.
        """
        paths = programs()
        authority = Authority(self.folder)
        (self.folder / "kwok.yaml").touch()  # else kwok reads the one in the home folder
        etcd = self._start_etcd(paths["etcd"])
        for number, cluster in enumerate(self.clusters.values(), 1):
            cluster.start(number, etcd, paths, authority)
        async with self.connect(), asyncio.TaskGroup() as group:
            for cluster in self.clusters.values():
                group.create_task(cluster.populate(controllers=self._controllers))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["Lab"]:
        """Open the clusters' `api` in the running event loop."""
        async with AsyncExitStack() as stack:
            for cluster in self.clusters.values():
                await stack.enter_async_context(cluster.api)
            yield self

    async def heal(self) -> None:
        """Bring all clusters back from whatever outage a test left them in."""
        async with asyncio.TaskGroup() as group:
            for cluster in self.clusters.values():
                group.create_task(cluster.heal())

    def close(self) -> None:
        """Kill every process and delete the temporary folder."""
        if self._etcd is not None:
            for cluster in self.clusters.values():
                cluster.close()
            self._etcd.kill()
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def pids(self) -> Mapping[str, int]:
        """The ids of all processes, for measurements."""
        etcd = {} if self._etcd is None else {"etcd": self._etcd.pid}
        return etcd | {name: pid for cluster in self.clusters.values() for name, pid in cluster.pids.items()}

    def _start_etcd(self, program: Path) -> str:
        client, peer = (f"http://{LOOPBACK}:{free_port()}" for _ in range(2))
        command = [
            str(program),
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",  # the data need not outlive the lab
            "--log-level=warn",
        ]
        self._etcd = Process(command, self.folder / "etcd.log")
        self._etcd.start()
        return client
