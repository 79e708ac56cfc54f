"""A tenant of a real cluster, with all that its API server lets it write, beside a neighbour in the same cluster.

Whatever the tenant does, the neighbour's names keep their answers, and its changes come through.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.e2e.running import Answers, Feddns, configuration
from tests.lab.api import Api
from tests.lab.federation import Lab
from tests.lab.processes import free_port

MERGE = "application/merge-patch+json"
PATIENCE_S = 40.0
SPELLINGS = (
    "www.example.com",
    "WWW.EXAMPLE.COM.",
    "www.example.com,shop.example.com",
    "web.{neighbour}.myfederation.svc.example.com",
    "_feddns.myfederation.svc.example.com",
    "*.example.com",
    "example.com",
    "{region}.example.com",
    "\u200bwww.example.com",
)


async def object_of(api: Api, namespace: str, name: str) -> Any:
    return await api.request("GET", f"/api/v1/namespaces/{namespace}/services/{name}")


class Tenant:
    """Writes Services into a namespace of its own."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.api = api
        self.namespace = namespace

    async def expose(self, name: str, *addresses: str, **annotations: str) -> None:
        given = {f"feddns.io/{key.replace('_', '-')}": text for key, text in annotations.items()}
        await self.api.expose(self.namespace, name, *addresses, annotations=given)

    async def flap(self, name: str, times: int) -> None:
        """Ask for another TTL as fast as the API server takes it."""
        for number in range(times):
            await self.api.annotate(self.namespace, name, {"feddns.io/ttl": str(30 + number % 50)})

    async def attack(self, neighbour: str) -> None:
        """Everything that the API server lets in."""
        for number, spelling in enumerate(SPELLINGS):
            await self.expose(f"taker-{number}", "198.51.100.66", hostname=spelling.replace("{neighbour}", neighbour))
        await self.expose("many", *(f"10.{number >> 8}.{number & 255}.1" for number in range(2_000)))
        await self.expose("inside", "169.254.169.254", "0.0.0.0", "198.51.100.67")  # noqa: S104 - as a value
        await self.expose("web", "198.51.100.68")  # the neighbour's Service is called so too
        await self.expose("svc", "198.51.100.69")
        await self.expose("noisy", "198.51.100.70", ttl="\x1b[2J\n{}", probe="x" * 200_000, hostname="\n,\r," * 10_000)
        secret = json.dumps({"http": {"headersSecret": "../../kube-system/token", "path": "/latest/meta-data"}})
        await self.expose("prober", "169.254.169.254", probe=secret)
        unknown = {f"feddns.io/{number}": "" for number in range(8_000)}
        await self.api.expose(self.namespace, "unknown", "198.51.100.71", annotations=unknown)
        ready = [
            {"addresses": ["10.9.9.9"], "conditions": {"ready": True}, "zone": f"z{number}"} for number in range(900)
        ]
        slice_of_another = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "namespace": self.namespace,
                "name": "borrowed",
                "labels": {"kubernetes.io/service-name": "nothing-of-mine"},
            },
            "addressType": "IPv4",
            "endpoints": ready,
        }
        await self.api.create(slice_of_another)


async def test_a_tenant_harms_no_services_but_its_own(lab: Lab, namespace: str, tmp_path: Path) -> None:
    us, port = lab["us"], free_port()
    mallory = f"{namespace}-m"
    await us.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": mallory}})
    provider = {"embedded": {"listen": [f"127.0.0.1:{port}"]}}
    more = {
        "hostnames": [{"domain": "example.com", "namespaces": [namespace]}],
        "services": {"namespaces": {"include": [namespace, mallory]}},
    }
    settings = configuration([us], provider, namespace) | more
    answers = Answers("127.0.0.1", port)
    tenant = Tenant(us.api, mallory)
    try:
        with Feddns(tmp_path, settings) as feddns:
            await us.api.expose(namespace, "web", "203.0.113.1", annotations={"feddns.io/hostname": "www.example.com"})
            await us.api.deploy(namespace, "web", zone=us.zones[0])
            await us.api.endpoints_become(namespace, "web", 1, patience_s=90)
            name = f"web.{namespace}.myfederation.svc.example.com"
            await answers.come_to(name, ["203.0.113.1"])
            await answers.come_to("www.example.com", [f"{name}.", "203.0.113.1"])

            await tenant.attack(namespace)
            flapping = asyncio.create_task(tenant.flap("taker-0", 400))
            began = asyncio.get_running_loop().time()
            await us.api.set_load_balancer(namespace, "web", "203.0.113.2")
            await answers.come_to(name, ["203.0.113.2"], patience_s=10)
            assert asyncio.get_running_loop().time() - began < 10
            await flapping

            assert await answers.ask("www.example.com") == [f"{name}.", "203.0.113.2"]
            for taken in ("example.com", "shop.example.com", "us-central1.example.com", "x.example.com"):
                assert await answers.ask(taken) == []
            assert await answers.ask("_feddns.www.example.com", "TXT") == [
                f'"heritage=feddns,federation=myfederation,owner=default,service={namespace}/web"'
            ]
            assert feddns.running
            assert feddns.events("part failed") == []
            _check_log(feddns, mallory)
    finally:
        for service in ("web", "svc", "many", "inside", "noisy", "prober", "unknown"):
            await us.api.delete(f"/api/v1/namespaces/{mallory}/services/{service}")
        await us.api.delete(f"/api/v1/namespaces/{mallory}")


def _check_log(feddns: Feddns, mallory: str) -> None:
    """Each line is one entry, and the tenant's Services fill it with no more than a few each."""
    text = feddns.log.read_text()
    assert all(line.isprintable() for line in text.split("\n"))
    entries = [json.loads(line) for line in text.splitlines()]
    told = [entry for entry in entries if entry.get("service", "").startswith(f"{mallory}/")]
    assert 0 < len([entry for entry in told if entry["event"] == "problem"]) < 100
