"""The lab does what scenarios rely on."""

import json

import pytest

from tests.lab import objects
from tests.lab.api import Refused, until
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab


async def publish(cluster: Cluster, namespace: str, address: str) -> None:
    await cluster.api.deploy(namespace, "nginx", replicas=2, zone=cluster.zones[0])
    await cluster.api.expose(namespace, "nginx", address)


@pytest.mark.lab
async def test_a_deployment_becomes_ready_endpoints_in_every_cluster(lab: Lab, namespace: str) -> None:
    for number, cluster in enumerate(lab.clusters.values(), 1):
        await publish(cluster, namespace, f"192.0.2.{number}")
    for number, cluster in enumerate(lab.clusters.values(), 1):
        await cluster.api.endpoints_become(namespace, "nginx", 2)
        service = await cluster.api.request("GET", f"/api/v1/namespaces/{namespace}/services/nginx")
        assert service["status"] == {"loadBalancer": {"ingress": [{"ip": f"192.0.2.{number}", "ipMode": "VIP"}]}}


@pytest.mark.lab
async def test_scaling_and_readiness_reach_the_endpoint_slices(lab: Lab, namespace: str) -> None:
    api = lab["us"].api
    await publish(lab["us"], namespace, "192.0.2.1")
    await api.endpoints_become(namespace, "nginx", 2)
    await api.set_ready(namespace, "nginx", ready=False)
    await api.endpoints_become(namespace, "nginx", 0)
    await api.set_ready(namespace, "nginx", ready=True)
    await api.endpoints_become(namespace, "nginx", 2)
    await api.scale(namespace, "nginx", 0)
    await api.endpoints_become(namespace, "nginx", 0)


@pytest.mark.lab
async def test_a_killed_api_server_comes_back_with_its_data(lab: Lab, namespace: str) -> None:
    eu = lab["eu"]
    await publish(eu, namespace, "192.0.2.2")
    await eu.api.endpoints_become(namespace, "nginx", 2)
    eu.kill()
    assert not await eu.api.ready()
    assert await lab["us"].api.ready()
    await eu.restart()
    assert await eu.api.ready_endpoints(namespace, "nginx") == 2
    await eu.api.scale(namespace, "nginx", 1)  # its controllers have found it again
    await eu.api.endpoints_become(namespace, "nginx", 1)


@pytest.mark.lab
async def test_a_stopped_api_server_hangs_until_it_goes_on(lab: Lab) -> None:
    asia = lab["asia"]
    asia.stop()
    assert not await asia.api.ready()
    asia.cont()
    await until(asia.api.ready, 10)


@pytest.mark.lab
async def test_the_user_feddns_may_read_and_not_write(lab: Lab, namespace: str) -> None:
    us = lab["us"]
    token = json.loads(us.feddns_kubeconfig.read_text())["users"][0]["user"]["token"]
    path = f"/api/v1/namespaces/{namespace}/services"
    async with us.api.as_user(token) as feddns:
        assert (await feddns.request("GET", path))["items"] == []
        with pytest.raises(Refused, match="403"):
            await feddns.create(objects.service(namespace, "nginx"))
