"""One cluster of the lab: a real kube-apiserver, its controller-manager, and kwok in the place of kubelets."""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab import objects
from tests.lab.api import Api, until
from tests.lab.pki import Authority
from tests.lab.processes import LOOPBACK, Process, free_port

START_PATIENCE_S = 90.0
CONTROLLERS = (
    "endpointslice-controller",
    "namespace-controller",
    "garbage-collector-controller",
    "deployment-controller",
    "replicaset-controller",
    "serviceaccount-token-controller",
)


class Cluster:
    """A cluster that runs by itself: deployments get pods, services get endpoint slices.

    Attributes:
        name: its name, and its prefix in the lab's etcd.
        region: the region that its nodes are labelled with.
        zones: the zones of its nodes, one node each, named like the zone.
        api: its API, as an administrator; usable inside `async with lab.connect()`.
        kubeconfig: path of an administrator's kubeconfig.
        feddns_kubeconfig: path of the kubeconfig of the user `feddns`, who may read what feddns reads.
        url: the API server's URL.
    """

    def __init__(self, name: str, region: str, zones: Sequence[str], folder: Path) -> None:
        self.name = name
        self.region = region
        self.zones = tuple(zones)
        self.folder = folder
        self.port = free_port()
        self.url = f"https://{LOOPBACK}:{self.port}"
        self.kubeconfig = folder / f"{name}.kubeconfig"
        self.feddns_kubeconfig = folder / f"{name}.feddns.kubeconfig"
        self.api: Api
        self._apiserver: Process
        self._controllers: tuple[Process, ...] = ()

    def start(self, number: int, etcd: str, programs: Mapping[str, Path], authority: Authority) -> None:
        """Start the API server, without waiting for it.

        Args:
            number: a number that no other cluster of the lab has; its networks come from it.
            etcd: the URL of the lab's etcd.
            programs: the paths of the programs.
            authority: who signs its certificates and knows its users.
        """
        self.kubeconfig.write_text(authority.kubeconfig(self.name, self.url, authority.admin))
        self.feddns_kubeconfig.write_text(authority.kubeconfig(self.name, self.url, authority.feddns))
        self.api = Api(self.url, authority.admin, str(authority.ca))
        server = [str(programs["kube-apiserver"]), *self._apiserver_flags(number, etcd, authority)]
        self._apiserver = self._process("kube-apiserver", server)
        self._apiserver.start()
        self._controllers = (
            self._process("kube-controller-manager", self._controller_manager(programs, authority)),
            self._process("kwok", self._kwok(number, programs)),
        )

    async def populate(self, *, controllers: bool) -> None:
        """Wait for the API server, start its controllers, and make nodes and the rights of the user `feddns`."""
        await self.wait_until_ready()
        if not controllers:
            self._controllers = ()
        for controller in self._controllers:
            controller.start()
        nodes = [objects.node(self.region, zone) for zone in self.zones]
        await self.api.create_all([*nodes, *objects.reader("feddns")])

    async def wait_until_ready(self) -> None:
        """Wait until the API server is ready.

        Raises:
            RuntimeError: it ended.
            TimeoutError: it is not ready in time.
        """

        async def reached() -> bool:
            if not self._apiserver.running:
                message = f"the kube-apiserver of {self.name} ended:\n{self._apiserver.tail()}"
                raise RuntimeError(message)
            return await self.api.ready()

        await until(reached, START_PATIENCE_S)

    def kill(self) -> None:
        """Kill the control plane: connections break, new ones are refused.

        The controllers go too: left alone, they would come back only when their back-off of up to half a minute ends.
        """
        for process in (self._apiserver, *self._controllers):
            process.kill()

    def stop(self) -> None:
        """Stop the control plane by SIGSTOP: connections stay, no answer comes."""
        for process in (self._apiserver, *self._controllers):
            process.send(signal.SIGSTOP)

    def cont(self) -> None:
        """Let a stopped control plane go on."""
        for process in (self._apiserver, *self._controllers):
            process.send(signal.SIGCONT)

    async def restart(self) -> None:
        """Start the control plane again, on the same port and data, and wait until the API server is ready."""
        self.kill()
        self._apiserver.start()
        await self.wait_until_ready()
        for controller in self._controllers:
            controller.start()

    async def heal(self) -> None:
        """Bring the cluster back from whatever outage a test left it in."""
        if self._apiserver.running:
            self.cont()
            await self.wait_until_ready()
        else:
            await self.restart()

    def close(self) -> None:
        """Kill all processes."""
        self.kill()

    @property
    def pids(self) -> Mapping[str, int]:
        """The ids of its processes."""
        return {process.log.stem: process.pid for process in (self._apiserver, *self._controllers) if process.running}

    def _process(self, program: str, command: list[str]) -> Process:
        return Process(command, self.folder / f"{self.name}.{program}.log")

    def _apiserver_flags(self, number: int, etcd: str, authority: Authority) -> list[str]:
        return [
            f"--etcd-servers={etcd}",
            f"--etcd-prefix=/{self.name}",
            f"--bind-address={LOOPBACK}",
            f"--advertise-address={LOOPBACK}",
            f"--secure-port={self.port}",
            f"--cert-dir={self.folder / self.name}",
            f"--tls-cert-file={authority.certificate}",
            f"--tls-private-key-file={authority.key}",
            f"--token-auth-file={authority.tokens}",
            f"--service-cluster-ip-range=10.{number}.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={authority.service_account_key}",
            f"--service-account-signing-key-file={authority.service_account_key}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
            "--profiling=false",
        ]

    def _controller_manager(self, programs: Mapping[str, Path], authority: Authority) -> list[str]:
        return [
            str(programs["kube-controller-manager"]),
            f"--kubeconfig={self.kubeconfig}",
            f"--controllers={','.join(CONTROLLERS)}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--service-account-private-key-file={authority.service_account_key}",
            f"--root-ca-file={authority.ca}",
            "--kube-api-qps=500",
            "--kube-api-burst=500",
        ]

    def _kwok(self, number: int, programs: Mapping[str, Path]) -> list[str]:
        return [
            str(programs["kwok"]),
            f"--kubeconfig={self.kubeconfig}",
            f"--config={self.folder / 'kwok.yaml'}",
            "--manage-all-nodes=true",
            f"--cidr=10.{100 + number}.0.1/16",
        ]
