"""What `feddns run` tells the owner of a Service by Events in a real cluster."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clusters.kubernetes.reporting import events
from tests.e2e.running import Feddns, configuration, eventually
from tests.lab import objects
from tests.lab.api import until
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab
from tests.lab.processes import free_port

pytestmark = pytest.mark.lab

SERVICE = "web"


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


@pytest.fixture
def feddns(us: Cluster, namespace: str, tmp_path: Path) -> Iterator[Feddns]:
    """It may delete nothing, and write Events into the cluster."""
    provider = {"embedded": {"listen": [f"127.0.0.1:{free_port()}"]}}
    settings = configuration(
        [us],
        provider,
        namespace,
        health={"settle": 0, "holdDown": 0},
        budget={"deletions": {"share": 0, "atLeast": 0}},
    )
    settings["clusters"] = [{"name": us.name, "kubeconfig": str(us.kubeconfig)}]
    with Feddns(tmp_path, settings) as running:
        yield running


async def publish(us: Cluster, namespace: str) -> None:
    await us.api.create(objects.service(namespace, SERVICE, selector=False))
    await us.api.set_load_balancer(namespace, SERVICE, "192.0.2.1")
    await us.api.create(objects.endpoint_slice(namespace, SERVICE, us.zones[0]))


async def set_ready(us: Cluster, namespace: str, *, ready: bool) -> None:
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{SERVICE}"
    endpoints = objects.endpoint_slice(namespace, SERVICE, us.zones[0], ready=ready)["endpoints"]
    await us.api.request("PATCH", path, {"endpoints": endpoints}, "application/merge-patch+json")


async def event(us: Cluster, namespace: str, reason: str, count: int = 1) -> Any:
    """The first Event with this reason, once that was said so often."""
    found: list[Any] = []

    async def arrived() -> bool:
        found[:] = [
            each for each in await events(us.api, namespace) if each["reason"] == reason and each["count"] == count
        ]
        return bool(found)

    await until(arrived, 20)
    return found[0]


async def test_the_owner_of_a_service_is_told_what_budgets_and_a_freeze_hold_and_how_to_release_it(
    us: Cluster, namespace: str, feddns: Feddns
) -> None:
    await publish(us, namespace)
    await eventually(lambda: bool(feddns.events("records written")))
    await set_ready(us, namespace, ready=False)
    held = await event(us, namespace, "DeletionHeld")
    assert held["type"] == "Warning"
    assert held["involvedObject"]["name"] == SERVICE
    assert "nothing healthy answers for their names" in held["message"]
    assert "`feddns apply --allow-deletions`" in held["message"]
    await set_ready(us, namespace, ready=True)
    assert feddns.command("freeze", "--reason", "the provider lies").returncode == 0
    await eventually(lambda: bool(feddns.events("frozen")))
    await us.api.annotate(namespace, SERVICE, {"feddns.io/ttl": "77"})
    frozen = await event(us, namespace, "ChangesFrozen")
    assert "the provider lies" in frozen["message"]
    assert "`feddns thaw` releases it" in frozen["message"]


async def test_the_owner_of_a_service_is_told_of_verdicts_and_of_failovers_there_and_back(
    lab: Lab, namespace: str, tmp_path: Path
) -> None:
    us, eu = lab["us"], lab["eu"]
    provider = {"embedded": {"listen": [f"127.0.0.1:{free_port()}"]}}
    settings = configuration([us], provider, namespace, health={"settle": 0, "holdDown": 0})
    settings["clusters"] = [{"name": each.name, "kubeconfig": str(each.kubeconfig)} for each in (us, eu)]
    with Feddns(tmp_path, settings) as feddns:
        for cluster in (us, eu):
            await publish(cluster, namespace)
        await eventually(lambda: "192.0.2.1" in str(feddns.events("records written")))
        for count in (1, 2):
            await set_ready(us, namespace, ready=False)
            over = await event(us, namespace, "FailedOver", count)
            assert f"leads to {SERVICE}.{namespace}.myfederation.svc." in over["message"]
            unhealthy = await event(us, namespace, "BecameUnhealthy", count)
            assert "0 of 1 endpoints ready; DNS is to answer without it" in unhealthy["message"]
            await set_ready(us, namespace, ready=True)
            back = await event(us, namespace, "FailedBack", count)
            assert back["message"].endswith("answers with 192.0.2.1 again")
            assert (await event(us, namespace, "BecameHealthy", count))["type"] == "Normal"
    assert await events(eu.api, namespace) == []
    names = [each["reason"] for each in await events(us.api, namespace)]
    assert sorted(names) == ["BecameHealthy", "BecameUnhealthy", *["FailedBack"] * 2, *["FailedOver"] * 2]
    told = feddns.log.read_text()
    assert str(us.kubeconfig.read_text().split("token")[1][4:20]) not in told


@pytest.mark.parametrize("is_on", [True, False])
async def test_events_can_be_switched_off(us: Cluster, namespace: str, tmp_path: Path, *, is_on: bool) -> None:
    provider = {"embedded": {"listen": [f"127.0.0.1:{free_port()}"]}}
    settings = configuration([us], provider, namespace)
    settings["clusters"] = [{"name": us.name, "kubeconfig": str(us.kubeconfig)}]
    settings["services"]["events"] = is_on
    with Feddns(tmp_path, settings) as feddns:
        await us.api.expose(namespace, SERVICE, "192.0.2.1", annotations={"feddns.io/ttl": "soon"})
        await eventually(lambda: any("soon" in line["text"] for line in feddns.events("problem")))
        await asyncio.sleep(1.5)
    assert bool(await events(us.api, namespace)) is is_on
