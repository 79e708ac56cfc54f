"""A source against real API servers: outages, connections that break."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from feddns.config.settings import ClusterSettings, WatchSettings
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from feddns.model.topology import Topology
from tests.clusters.kubernetes.servers import Relay
from tests.clusters.observing import (
    PLACED,
    QUICK,
    Recorder,
    addresses,
    is_visible,
    observed,
    opened,
    running,
    state,
    until,
)
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

MERGE = "application/merge-patch+json"
AUTH = "rbac.authorization.k8s.io"


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


def settings_of(cluster: Cluster, **more: Any) -> ClusterSettings:
    return ClusterSettings(name=cluster.name, kubeconfig=str(cluster.feddns_kubeconfig), **more)


async def test_a_service_is_seen_with_its_endpoints_its_load_balancer_and_its_annotations(
    us: Cluster, namespace: str
) -> None:
    web = ServiceKey(namespace, "web")
    zone = us.zones[0]
    async with observed(settings_of(us)) as view:
        assert state(view).topology == Topology(us.region, us.zones)
        await us.api.deploy(namespace, "web", replicas=2, zone=zone)
        await us.api.expose(namespace, "web", "192.0.2.1", "lb.example.com", annotations={"feddns.io/ttl": "60"})
        await until(lambda: (shard := view.shard(web)) is not None and shard.ready.total == 2 and shard.addresses != ())
        shard = view.shard(web)
        assert shard is not None
        assert (shard.addresses, shard.hostnames, shard.ttl_s) == (("192.0.2.1",), ("lb.example.com.",), 60)
        assert shard.ready.by_zone == ((zone, 2),)
        assert shard.created_at == pytest.approx(time.time(), abs=60)
        assert shard.ready.changed_at == pytest.approx(time.time(), abs=60)
        await us.api.scale(namespace, "web", 0)
        await until(lambda: (shard := view.shard(web)) is not None and shard.ready.total == 0)
        await us.api.request("PATCH", service_path(web), {"spec": {"type": "ClusterIP"}}, MERGE)
        await until(lambda: view.shard(web) is None)


async def test_endpoints_are_published_though_not_ready_where_the_service_asks_for_it(
    us: Cluster, namespace: str
) -> None:
    web, api = ServiceKey(namespace, "web"), ServiceKey(namespace, "api")
    await us.api.deploy(namespace, "web", replicas=2, zone=us.zones[0])
    for key, publishes in ((web, False), (api, True)):
        await us.api.expose(namespace, key.name, "192.0.2.1")
        spec = {"publishNotReadyAddresses": publishes, "selector": {"app": "web"}}
        await us.api.request("PATCH", service_path(key), {"spec": spec}, MERGE)

    def ready(key: ServiceKey) -> tuple[int, int]:
        shard = view.shard(key)
        return (0, 0) if shard is None else (shard.ready.total, shard.ready.not_ready)

    async with observed(settings_of(us)) as view:
        await until(lambda: ready(web) == ready(api) == (2, 0))
        await us.api.set_ready(namespace, "web", ready=False)
        await until(lambda: ready(web) == (0, 2))
        assert ready(api) == (2, 0)


def service_path(key: ServiceKey) -> str:
    return f"/api/v1/namespaces/{key.namespace}/services/{key.name}"


async def test_a_service_that_waits_for_its_finalizer_is_not_federated_any_more(us: Cluster, namespace: str) -> None:
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1", finalizers=["example.com/load-balancer-cleanup"])
    async with observed(settings_of(us)) as view:
        assert view.shard(web) is not None
        await us.api.delete(service_path(web))
        await until(lambda: view.shard(web) is None)
        waiting = await us.api.request("GET", service_path(web))
        assert waiting["metadata"]["deletionTimestamp"]
    await us.api.request("PATCH", service_path(web), {"metadata": {"finalizers": None}}, MERGE)


async def test_a_killed_api_server_is_lost_and_comes_back(us: Cluster, namespace: str) -> None:
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1")
    touched = Recorder()
    async with observed(settings_of(us), touched=touched) as view:
        us.kill()
        await until(lambda: state(view).sight is Sight.LOST)
        assert state(view).reason.endswith("Connection refused")
        assert addresses(view, web) == ("192.0.2.1",)
        touched.clusters.clear()
        await us.restart()
        await until(is_visible(view))
        assert touched.clusters == ["us"]
        await us.api.set_load_balancer(namespace, "web", "192.0.2.2")
        await until(lambda: addresses(view, web) == ("192.0.2.2",))


async def test_a_stopped_api_server_is_lost_and_comes_back(us: Cluster, namespace: str) -> None:
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1")
    async with observed(settings_of(us)) as view:
        us.stop()
        began = time.monotonic()
        await until(lambda: state(view).sight is Sight.LOST)
        assert time.monotonic() - began < QUICK.lost_after + 5
        await until(lambda: state(view).reason.endswith("no answer within 1 s"))
        us.cont()
        await until(is_visible(view))
        await us.api.set_load_balancer(namespace, "web", "192.0.2.2")
        await until(lambda: addresses(view, web) == ("192.0.2.2",))


async def test_one_clusters_trouble_does_not_delay_another(lab: Lab, namespace: str) -> None:
    web = ServiceKey(namespace, "web")
    await lab["eu"].api.expose(namespace, "web", "192.0.2.1")
    lab["us"].stop()
    stuck = opened(settings_of(lab["us"]))
    async with running(stuck):
        await until(lambda: state(stuck.view).reason.endswith("no answer within 1 s"))
        began = time.monotonic()
        async with observed(settings_of(lab["eu"])) as view:
            assert time.monotonic() - began < 3.0
            assert addresses(view, web) == ("192.0.2.1",)


@asynccontextmanager
async def through_a_relay(cluster: Cluster, folder: Path, watch: WatchSettings = QUICK) -> AsyncIterator[Any]:
    """A view that is kept through a proxy, the proxy, and what was touched."""
    async with Relay(cluster.port).serving() as relay:
        text = cluster.feddns_kubeconfig.read_text().replace(f":{cluster.port}", f":{relay.port}")
        (folder / "kubeconfig").write_text(text)
        settings = ClusterSettings(name="us", kubeconfig=str(folder / "kubeconfig"), **PLACED)  # type: ignore[arg-type]
        touched = Recorder()
        async with observed(settings, watch=watch, touched=touched) as view:
            yield view, relay, touched


async def test_broken_connections_are_opened_again_and_nothing_is_missed(
    us: Cluster, namespace: str, tmp_path: Path
) -> None:
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1")
    async with through_a_relay(us, tmp_path) as (view, relay, touched):
        await asyncio.sleep(1.1)  # so long a watch has to live to be opened again at once
        for number in range(2, 5):
            relay.refuse()
            relay.cut()
            await us.api.set_load_balancer(namespace, "web", f"192.0.2.{number}")
            relay.refuse(refusing=False)
            await until(lambda number=number: addresses(view, web) == (f"192.0.2.{number}",))  # type: ignore[misc]
            assert state(view).sight is Sight.VISIBLE
        assert set(touched.services) == {web}


async def test_a_half_open_connection_is_noticed_and_replaced(us: Cluster, namespace: str, tmp_path: Path) -> None:
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1")
    watch = WatchSettings(connect_timeout=1.0, silence=1.0, lost_after=8.0, longest_backoff=0.3)
    async with through_a_relay(us, tmp_path, watch) as (view, relay, _):
        relay.stall()
        await us.api.set_load_balancer(namespace, "web", "192.0.2.2")
        accepted = relay.accepted
        await until(lambda: relay.accepted > accepted)
        relay.flow()
        await until(lambda: addresses(view, web) == ("192.0.2.2",))
        assert state(view).sight is Sight.VISIBLE


async def test_a_long_silence_is_a_lost_cluster(us: Cluster, tmp_path: Path) -> None:
    async with through_a_relay(us, tmp_path) as (view, relay, touched):
        relay.stall()
        await until(lambda: state(view).sight is Sight.LOST)
        touched.clusters.clear()
        relay.flow()
        await until(is_visible(view))
        assert touched.clusters == ["us"]


async def test_an_idle_cluster_stays_visible(us: Cluster, tmp_path: Path) -> None:
    async with through_a_relay(us, tmp_path) as (view, relay, touched):
        accepted = relay.accepted
        touched.clusters.clear()
        await until(lambda: relay.accepted >= accepted + 4)
        assert state(view).sight is Sight.VISIBLE
        assert touched.clusters == []


async def test_a_kubeconfig_that_is_not_there_yet_is_waited_for(us: Cluster, tmp_path: Path) -> None:
    settings = ClusterSettings(name="us", kubeconfig="kubeconfig", **PLACED)  # type: ignore[arg-type]
    source = opened(settings, Recorder(), watch=QUICK, folder=tmp_path)
    async with running(source):
        await until(lambda: state(source.view).reason.endswith("kubeconfig cannot be read: No such file or directory"))
        (tmp_path / "kubeconfig").write_text(us.feddns_kubeconfig.read_text())
        await until(is_visible(source.view))


async def test_a_change_is_told_at_once(us: Cluster, namespace: str) -> None:
    """Most often it is here before the answer to the one who made it; the bounds leave room for busy machines."""
    web = ServiceKey(namespace, "web")
    await us.api.expose(namespace, "web", "192.0.2.1")
    async with observed(settings_of(us)) as view:
        delays = []
        for number in range(2, 102):
            await us.api.set_load_balancer(namespace, "web", f"192.0.2.{number}")
            acknowledged = time.perf_counter()
            while addresses(view, web) != (f"192.0.2.{number}",):  # noqa: ASYNC110  # a pause would be measured too
                await asyncio.sleep(0)
            delays.append(time.perf_counter() - acknowledged)
    assert statistics.median(delays) < 0.02
    assert statistics.quantiles(delays, n=100)[-1] < 0.5
