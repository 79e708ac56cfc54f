"""The ConfigMap at a real API server: changed by many at once, watched, out of reach, and out of bounds."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.errors import OrdersError
from feddns.model.orders import NO_ORDERS, Drain, Freeze, drained, frozen, thawed
from feddns.model.topology import ClusterName
from feddns.orders.configmap import KEY, ConfigMapStore
from tests.clusters.kubernetes.servers import Relay
from tests.clusters.observing import QUICK, until
from tests.lab.api import Api, Refused
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab
from tests.orders.watching import logged, troubles, watched

DOCS = Path(__file__).parents[2] / "docs" / "operations.md"
US = ClusterName("us")
DRAINED = drained(NO_ORDERS, US, Drain(1, by="ann"))
NAME = "feddns-state"
MERGE = "application/merge-patch+json"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces"


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


@pytest.fixture
def store(us: Cluster, namespace: str) -> ConfigMapStore:
    return a_store(us.kubeconfig, namespace)


def a_store(kubeconfig: Path, namespace: str, patience_s: float = 10.0) -> ConfigMapStore:
    return ConfigMapStore(namespace, NAME, Kubeconfig(kubeconfig, None), QUICK, patience_s)


def path(namespace: str, name: str = f"/{NAME}") -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps{name}"


async def written(api: Api, namespace: str) -> Any:
    return await api.request("GET", path(namespace))


async def allow(api: Api, namespace: str, *rules: dict[str, Any]) -> None:
    """Let the user `feddns` do this in the namespace, and nothing else."""
    meta = {"metadata": {"name": "orders", "namespace": namespace}}
    await api.request("POST", f"{RBAC}/{namespace}/roles", {**meta, "rules": rules})
    binding = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "orders"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "feddns"}],
    }
    await api.request("POST", f"{RBAC}/{namespace}/rolebindings", meta | binding)


async def test_the_first_order_makes_the_configmap(us: Cluster, namespace: str, store: ConfigMapStore) -> None:
    assert await store.read() == await store.update(thawed) == NO_ORDERS
    with pytest.raises(Refused):
        await written(us.api, namespace)
    assert await store.update(lambda _: DRAINED) == DRAINED
    assert await a_store(us.kubeconfig, namespace).read() == DRAINED
    assert json.loads((await written(us.api, namespace))["data"][KEY]) == {
        "drains": {"us": {"since": 1, "until": None, "by": "ann", "forced": False}}
    }


async def test_a_change_leaves_the_rest_of_the_object_alone(us: Cluster, namespace: str, store: ConfigMapStore) -> None:
    await us.api.request(
        "POST",
        path(namespace, ""),
        {"metadata": {"name": NAME, "labels": {"team": "dns"}}, "data": {"other": "x", KEY: '{"quotas": 1}'}},
    )
    before = await written(us.api, namespace)
    await store.update(lambda _: DRAINED)
    after = await written(us.api, namespace)
    assert after["metadata"]["labels"] == {"team": "dns"}
    assert after["data"]["other"] == "x"
    assert json.loads(after["data"][KEY]).keys() == {"drains", "quotas"}
    await store.update(lambda orders: orders)
    assert before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]
    assert (await written(us.api, namespace))["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]


async def test_changes_of_many_at_once_are_all_kept(us: Cluster, namespace: str) -> None:
    async def drain(number: int) -> None:
        cluster = ClusterName(f"c{number}")
        mine = a_store(us.kubeconfig, namespace, patience_s=60)
        await mine.update(lambda orders: drained(orders, cluster, Drain(1)))

    await asyncio.gather(*map(drain, range(12)))  # some of them make it at the same time
    assert len((await a_store(us.kubeconfig, namespace).read()).drains) == 12


async def test_the_watch_tells_at_the_start_and_at_each_change(
    us: Cluster, namespace: str, store: ConfigMapStore
) -> None:
    other = a_store(us.kubeconfig, namespace)
    assert not store.known.is_set()
    async with watched(store) as told:
        await until(store.known.is_set)
        await other.update(lambda _: DRAINED)
        await until(lambda: len(told) > 1)
        await us.api.request("POST", path(namespace, ""), {"metadata": {"name": "neighbour"}, "data": {KEY: "{"}})
        await other.update(lambda orders: frozen(orders, Freeze(1)))
        await until(lambda: len(told) > 2)
        await us.api.delete(path(namespace))
        await until(lambda: len(told) > 3)
        await other.update(lambda _: DRAINED)
        await until(lambda: len(told) > 4)
    assert told == [NO_ORDERS, DRAINED, frozen(DRAINED, Freeze(1)), NO_ORDERS, DRAINED]


async def test_text_that_is_no_orders_changes_nothing_and_is_never_overwritten(
    us: Cluster, namespace: str, store: ConfigMapStore
) -> None:
    await store.update(lambda _: DRAINED)
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [DRAINED])
            await us.api.request("PATCH", path(namespace), {"data": {KEY: "{\n\n"}}, MERGE)
            await until(lambda: troubles(lines) != [])
            assert told == [DRAINED]
            with pytest.raises(OrdersError, match=rf"the ConfigMap {namespace}/{NAME}, orders\.json:\d: not JSON"):
                await store.update(thawed)
            await us.api.request("PATCH", path(namespace), {"data": {KEY: None}}, MERGE)
            await until(lambda: told == [DRAINED, NO_ORDERS])


async def test_an_api_server_that_is_gone_leaves_the_last_known_orders(
    us: Cluster, namespace: str, store: ConfigMapStore
) -> None:
    await store.update(lambda _: DRAINED)
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [DRAINED])
            us.kill()
            await until(lambda: troubles(lines) != [])
            impatient = a_store(us.kubeconfig, namespace, patience_s=0.3)
            with pytest.raises(OrdersError, match=r"cannot be used: .*Connection refused"):
                await impatient.update(thawed)
            with pytest.raises(OrdersError, match="Connection refused"):
                await impatient.read()
            await us.restart()
            await a_store(us.kubeconfig, namespace).update(thawed)
            await a_store(us.kubeconfig, namespace).update(lambda _: NO_ORDERS)
            await until(lambda: told == [DRAINED, NO_ORDERS])


async def test_nothing_is_known_while_the_api_server_was_never_reached(us: Cluster, store: ConfigMapStore) -> None:
    us.kill()
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: troubles(lines) != [])
            assert not store.known.is_set()
            await us.restart()
            await until(store.known.is_set)
            assert told == [NO_ORDERS]
    assert troubles(lines)[0].endswith("Connection refused")


async def test_a_half_open_connection_is_noticed_and_what_was_missed_is_told(
    us: Cluster, namespace: str, tmp_path: Path
) -> None:
    async with Relay(us.port).serving() as relay:
        text = us.kubeconfig.read_text().replace(f":{us.port}", f":{relay.port}")
        (tmp_path / "kubeconfig").write_text(text)
        async with watched(a_store(tmp_path / "kubeconfig", namespace)) as told:
            await until(lambda: told == [NO_ORDERS])
            relay.stall()
            await a_store(us.kubeconfig, namespace).update(lambda _: DRAINED)
            accepted = relay.accepted
            await until(lambda: relay.accepted > accepted)
            relay.flow()
            await until(lambda: told == [NO_ORDERS, DRAINED])


async def test_without_rights_the_very_rights_are_told(us: Cluster, namespace: str) -> None:
    store = a_store(us.feddns_kubeconfig, namespace)
    for work in (store.read(), store.update(lambda _: DRAINED)):
        with pytest.raises(OrdersError) as raised:
            await work
        told = str(raised.value)
        assert f"the ConfigMap {namespace}/{NAME} may not be used: " in told
        assert f"get, list, watch and update of configmaps with resourceNames: [{NAME}], and create of them" in told


async def test_the_rights_in_the_docs_are_enough(us: Cluster, namespace: str) -> None:
    store = a_store(us.feddns_kubeconfig, namespace)
    await allow(us.api, namespace, *documented_rules())
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [NO_ORDERS], patience_s=30)
            await store.update(lambda _: DRAINED)
            await until(lambda: told == [NO_ORDERS, DRAINED])
            del lines[:]  # an API server takes a moment to know new rights
            await store.update(thawed)
            await store.update(lambda orders: frozen(orders, Freeze(1)))
            await until(lambda: told[2:] == [frozen(DRAINED, Freeze(1))])
            assert troubles(lines) == []


def documented_rules() -> list[dict[str, Any]]:
    (role,) = [
        each
        for text in DOCS.read_text().split("```yaml\n")[1:]
        for each in yaml.safe_load_all(text.split("```")[0])
        if each.get("kind") == "Role"
    ]
    rules: list[dict[str, Any]] = role["rules"]
    return rules


async def test_who_may_list_and_not_watch_hears_of_orders_later_and_is_told_why(us: Cluster, namespace: str) -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [NAME], "verbs": ["get", "list"]}
    await allow(us.api, namespace, rule)
    with logged() as lines:
        async with watched(a_store(us.feddns_kubeconfig, namespace)) as told:
            await until(lambda: told == [NO_ORDERS], patience_s=30)
            await a_store(us.kubeconfig, namespace).update(lambda _: DRAINED)
            await until(lambda: told == [NO_ORDERS, DRAINED])
    assert any("cannot watch resource" in reason for reason in troubles(lines))


async def test_a_namespace_that_is_not_there_is_named(us: Cluster) -> None:
    store = a_store(us.kubeconfig, "nowhere")
    assert await store.read() == NO_ORDERS
    with pytest.raises(OrdersError, match='404 namespaces "nowhere" not found'):
        await store.update(lambda _: DRAINED)


async def test_a_configmap_that_may_not_change_says_so(us: Cluster, namespace: str, store: ConfigMapStore) -> None:
    await us.api.request("POST", path(namespace, ""), {"metadata": {"name": NAME}, "immutable": True})
    with pytest.raises(OrdersError, match=r"422 .*immutable"):
        await store.update(lambda _: DRAINED)


async def test_a_kubeconfig_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OrdersError, match=r"the kubeconfig .* cannot be read: No such file"):
        await a_store(tmp_path / "none", "x").read()
