"""feddns as the chart starts it: the pod's own command line, environment, user and mounts, under the chart's rights."""

import asyncio
import base64
import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.charts.chart import Values, rendered, the
from tests.charts.resources import apply, remove_all
from tests.charts.sandbox import Container
from tests.e2e.running import QUICK_WATCH, Answers
from tests.lab.api import until
from tests.lab.federation import Lab
from tests.lab.processes import free_port
from tests.servers import DnsServer, installed

pytestmark = [
    pytest.mark.lab,
    pytest.mark.servers,
    pytest.mark.skipif(os.geteuid() != 0, reason="a container's mounts and user are root's to give"),
]

ADDRESSES = {"us": "203.0.113.57", "eu": "203.0.113.30", "asia": "203.0.113.89"}


class Installation:
    """The chart's objects in the cluster `us`, and containers of its pods on this machine."""

    def __init__(self, lab: Lab, namespace: str, folder: Path, values: Values) -> None:
        self.lab = lab
        self.host = lab["us"]
        self.namespace = namespace
        self.folder = folder
        self.objects = rendered(values, namespace=namespace)
        self.ports = values["ports"]

    async def apply(self) -> None:
        for each in self.objects:
            await apply(self.host.api, each)

    async def pod(self) -> Any:
        """The spec of a pod of the Deployment, as its controllers have made it."""
        found: list[Any] = []

        async def made() -> bool:
            path = f"/api/v1/namespaces/{self.namespace}/pods?labelSelector=app.kubernetes.io/name=feddns"
            found[:] = (await self.host.api.request("GET", path))["items"]
            return bool(found)

        await until(made, 30)
        return found[0]["spec"]

    async def secret(self, name: str, *, labels: dict[str, str] | None = None, **content: bytes) -> None:
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": self.namespace, "labels": labels or {}},
            "data": {key: base64.b64encode(octets).decode() for key, octets in content.items()},
        }
        await apply(self.host.api, manifest)

    def name(self) -> str:
        return f"nginx.{self.namespace}.myfederation.svc.example.com."


Install = Callable[[Values], Awaitable[Installation]]


@pytest.fixture
async def install(lab: Lab, namespace: str, tmp_path: Path) -> AsyncIterator[Install]:
    """Applies the chart, beside a Service `nginx` in all three clusters."""
    installed: list[Installation] = []
    for name, address in ADDRESSES.items():
        api = lab[name].api
        await api.deploy(namespace, "nginx", zone=lab[name].zones[0])
        await api.expose(namespace, "nginx", address)

    async def do(values: Values) -> Installation:
        installation = Installation(lab, namespace, tmp_path, values)
        installed.append(installation)
        await installation.apply()
        return installation

    yield do
    for each in installed:
        await remove_all(each.host.api, each.objects)


@asynccontextmanager
async def running(installation: Installation) -> AsyncIterator[Container]:
    """A container of the installation's pod, from its start until it has ended well."""
    folder = installation.folder / "pod"
    folder.mkdir()
    container = Container(installation.host, installation.namespace, await installation.pod(), folder)
    service = the(installation.objects, "Service")["metadata"]
    names = (service["name"], f"{service['name']}-peers")
    await container.prepare([f"{name}.{service['namespace']}.svc" for name in names])
    container.start()
    try:
        await until(lambda: container.probe("startupProbe"), 30)
        await until(lambda: container.probe("readinessProbe"), 30)
        yield container
    finally:
        container.stop()
    lines = container.process.log.read_text().splitlines()
    assert [line for line in lines if "orbidden" in line or '"level":"error"' in line] == []
    assert json.loads(lines[-1])["event"] == "stopped"


def values(provider: dict[str, Any], namespace: str, *clusters: dict[str, Any], **more: Any) -> Values:
    return {
        "ports": {"http": free_port(), "dns": free_port()},
        "terminationGracePeriodSeconds": 8,  # so that the embedded server goes on for 3 s and not for 25 s
        "config": {
            "federation": "myfederation",
            "dns": {"zone": "example.com", "provider": provider},
            "clusters": [{"name": "us", "inCluster": True}, *clusters],
            "services": {"namespaces": {"include": [namespace]}},
            "watch": QUICK_WATCH,
        },
        **more,
    }


def dug(pod: Container, name: str, *options: str) -> list[str]:
    """What `dig` prints."""
    where = ["@127.0.0.1", "-p", str(pod.ports["dns"]), "+time=5", "+tries=1", "+norecurse", "+short"]
    done = subprocess.run([installed("dig"), *where, *options, name], capture_output=True, text=True, check=True)
    return sorted(done.stdout.split())


def status(process: int) -> dict[str, str]:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}


def kubeconfig(lab: Lab, name: str) -> bytes:
    return lab[name].feddns_kubeconfig.read_bytes()


async def test_the_embedded_server_answers_from_the_pod_for_clusters_that_come_and_go(
    lab: Lab, namespace: str, install: Install
) -> None:
    eu = {"name": "eu", "kubeconfig": "/etc/feddns-secrets/eu/kubeconfig"}
    mounts = [{"secret": "eu", "mountPath": "/etc/feddns-secrets/eu"}]
    installation = await install(values({"embedded": {}}, namespace, eu, secretMounts=mounts))
    await installation.secret("eu", kubeconfig=kubeconfig(lab, "eu"))
    async with running(installation) as pod:
        answers = Answers("127.0.0.1", pod.ports["dns"])
        await answers.come_to(installation.name(), sorted([ADDRESSES["us"], ADDRESSES["eu"]]))
        asia = {"feddns.io/cluster": "asia"}
        await installation.secret("asia", labels=asia, kubeconfig=kubeconfig(lab, "asia"))
        await answers.come_to(installation.name(), sorted(ADDRESSES.values()))
        assert dug(pod, installation.name()) == dug(pod, installation.name(), "+tcp") == sorted(ADDRESSES.values())
        done = pod.execute("feddns", "freeze", "--reason", "a test", "--config", "/etc/feddns/feddns.yaml")
        assert done.returncode == 0, done.stderr
        state = await lab["us"].api.request("GET", f"/api/v1/namespaces/{namespace}/configmaps/feddns-state")
        assert "a test" in state["data"]["orders.json"]
        lease = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/feddns"
        assert (await lab["us"].api.request("GET", lease))["spec"]["holderIdentity"]


async def test_owners_of_services_of_the_pods_own_cluster_are_told_by_events(
    lab: Lab, namespace: str, install: Install
) -> None:
    api = lab["us"].api
    await api.annotate(namespace, "nginx", {"feddns.io/ttl": "long"})

    async def told() -> bool:
        events = await api.request("GET", f"/api/v1/namespaces/{namespace}/events")
        return any(event["reason"] == "InvalidAnnotation" for event in events["items"])

    async with running(await install(values({"embedded": {}}, namespace))) as pod:
        await until(told, 30)
        # A fraction of the limit, so that a federation of thousands of Services has room.
        used_kib = int(status(pod.process.pid)["VmRSS"].split()[0])
        assert used_kib < 128 * 1024, f"{used_kib} KiB"


async def test_the_pod_that_runs_takes_up_a_changed_config_map(
    lab: Lab, namespace: str, install: Install, tmp_path: Path
) -> None:
    given: Any = values({"embedded": {}}, namespace)
    installation = await install(given)
    async with running(installation) as pod:
        answers = Answers("127.0.0.1", pod.ports["dns"])
        await answers.come_to(installation.name(), [ADDRESSES["us"]])
        given["config"]["services"]["namespaces"]["exclude"] = [namespace]
        given["config"]["services"]["namespaces"]["include"] = []
        changed = Installation(lab, namespace, tmp_path, given)
        await changed.apply()
        await pod.prepare()
        await answers.come_to(installation.name(), [])


async def test_helms_test_passes_where_the_pod_is_ready_and_fails_where_it_is_not(
    lab: Lab, namespace: str, install: Install, tmp_path: Path
) -> None:
    installation = await install(values({"embedded": {}}, namespace))
    (spec,) = (each["spec"] for each in installation.objects if each["kind"] == "Pod")

    async def tested(name: str) -> tuple[int, str]:
        (tmp_path / name).mkdir()
        container = Container(lab["us"], namespace, spec, tmp_path / name)
        await container.prepare([f"feddns.{namespace}.svc"])
        return await asyncio.to_thread(container.run)

    async with running(installation):
        assert await tested("up") == (0, "ok\n")
    code, text = await tested("down")
    assert code == 1
    assert "Connection refused" in text


async def test_bind_is_written_with_a_key_from_a_mounted_secret(
    namespace: str, install: Install, bind: DnsServer
) -> None:
    folder = "/etc/feddns-secrets/tsig"
    tsig = {"name": bind.key_name, "algorithm": bind.algorithm, "secretFile": f"{folder}/secret"}
    provider = {"rfc2136": {"server": f"{bind.host}:{bind.port}", "tsig": tsig}}
    mounts = [{"secret": "tsig", "mountPath": folder}]
    installation = await install(values(provider, namespace, secretMounts=mounts, replicaCount=1))
    await installation.secret("tsig", secret=bind.secret.encode())
    async with running(installation):
        await Answers(bind.host, bind.port).come_to(installation.name(), [ADDRESSES["us"]])


async def test_the_container_is_as_confined_as_the_chart_says(namespace: str, install: Install) -> None:
    installation = await install(values({"embedded": {}}, namespace))
    async with running(installation) as pod:
        fields = status(pod.process.pid)
        assert fields["Uid"].split() == fields["Gid"].split() == ["65532"] * 4
        assert {fields[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")} == {"0" * 16}
        assert fields["NoNewPrivs"] == "1"
        folders = ["/", "/etc", "/etc/feddns", "/home", "/tmp", "/usr", "/var", "/var/lib/feddns"]  # noqa: S108 - the pod's
        script = "import os, sys, json; print(json.dumps([f for f in sys.argv[1:] if os.access(f, os.W_OK)]))"
        done = pod.execute("python", "-c", script, *folders)
        assert json.loads(done.stdout) == ["/tmp", "/var/lib/feddns"], done.stderr  # noqa: S108 - likewise
