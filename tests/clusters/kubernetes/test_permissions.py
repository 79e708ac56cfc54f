"""Rights that are missing and tokens that rotate, at a real API server."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.config.settings import ClusterSettings
from feddns.errors import ClusterError
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from tests.clusters.kubernetes.entry import a_plugin, runs
from tests.clusters.kubernetes.reporting import events_become, reporting
from tests.clusters.kubernetes.servers import kubeconfig
from tests.clusters.observing import addresses, is_visible, observed, opened, running, state, until
from tests.lab import objects
from tests.lab.api import Api
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

DOCS = Path(__file__).parents[3] / "docs" / "clusters.md"
MERGE = "application/merge-patch+json"
AUTH = "rbac.authorization.k8s.io"


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


async def allow(api: Api, name: str, *rules: tuple[str, str, list[str]]) -> str:
    """Make a ServiceAccount with these rules of (API group, resource, verbs) alone; gives a token of it."""
    await api.request(
        "POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": name, "namespace": "default"}}
    )
    given = [{"apiGroups": [group], "resources": [resource], "verbs": verbs} for group, resource, verbs in rules]
    role, binding = objects.reader(name)
    subject = {"kind": "ServiceAccount", "name": name, "namespace": "default"}
    await api.create({**role, "rules": given})
    await api.create({**binding, "subjects": [subject]})
    return await a_token(api, name)


async def grant(api: Api, name: str, *rules: tuple[str, str, list[str]]) -> None:
    given = [{"apiGroups": [group], "resources": [resource], "verbs": verbs} for group, resource, verbs in rules]
    await api.request("PATCH", f"/apis/{AUTH}/v1/clusterroles/{name}", {"rules": given}, MERGE)


async def a_token(api: Api, name: str) -> str:
    path = f"/api/v1/namespaces/default/serviceaccounts/{name}/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token: str = (await api.request("POST", path, asked))["status"]["token"]
    return token


async def disallow(api: Api, name: str) -> None:
    await api.delete(f"/apis/{AUTH}/v1/clusterrolebindings/{name}")
    await api.delete(f"/apis/{AUTH}/v1/clusterroles/{name}")
    await api.delete(f"/api/v1/namespaces/default/serviceaccounts/{name}")


def a_kubeconfig(cluster: Cluster, folder: Path, **user: Any) -> Path:
    ca = base64.b64encode((cluster.folder / "ca.crt").read_bytes()).decode()
    return kubeconfig(folder, cluster.url, user, {"certificate-authority-data": ca})


def placed(kubeconfig: Path) -> ClusterSettings:
    """A cluster that needs no right to see nodes."""
    return ClusterSettings(name="us", kubeconfig=str(kubeconfig), region="us", zones=("us-a",))


SLICES = ("discovery.k8s.io", "endpointslices", ["list", "watch"])


def documented_roles() -> list[dict[str, Any]]:
    found = re.findall(r"```yaml\n(apiVersion: rbac.*?)```", DOCS.read_text(), re.DOTALL)
    return [yaml.safe_load(text) for text in found]


async def test_the_rules_in_the_docs_are_enough(us: Cluster, tmp_path: Path, namespace: str) -> None:
    role, _ = documented_roles()
    name = f"documented-{namespace}"
    token = await allow(us.api, name)
    path = f"/apis/{AUTH}/v1/clusterroles/{name}"
    await us.api.request("PATCH", path, {"rules": role["rules"]}, MERGE)
    await us.api.expose(namespace, "web", annotations={"feddns.io/ttl": "soon"})
    try:
        async with observed(
            ClusterSettings(name="us", kubeconfig=str(a_kubeconfig(us, tmp_path, token=token)))
        ) as view:
            assert state(view).problems == ()
            assert view.shard(ServiceKey(namespace, "web")) is not None
        async with reporting(tmp_path / "kubeconfig"):
            await events_become(us.api, namespace, 1)
    finally:
        await disallow(us.api, name)


async def test_a_secret_can_be_read_once_the_role_that_is_named_is_there(
    us: Cluster, tmp_path: Path, namespace: str
) -> None:
    role = documented_roles()[1]
    name, (rule,) = f"headers-{namespace}", role["rules"]
    (secret,) = rule["resourceNames"]
    subject = {"kind": "ServiceAccount", "name": name, "namespace": "default"}
    body = {"metadata": {"name": secret}, "stringData": {"Authorization": "Bearer s3cr3t"}}
    await us.api.request("POST", f"/api/v1/namespaces/{namespace}/secrets", body)
    token = await allow(us.api, name, ("", "services", ["list", "watch"]), SLICES)
    kubeconfig = a_kubeconfig(us, tmp_path, token=token)
    try:
        async with running(opened(placed(kubeconfig))) as source:
            await until(is_visible(source.view))
            with pytest.raises(ClusterError) as caught:
                await source.secret(namespace, secret)
            named = re.search(rf"grant that by a Role in {namespace}: (.*)", str(caught.value))
            assert named is not None
            assert yaml.safe_load(named[1]) == rule
            metadata = {"name": role["metadata"]["name"]}
            path = f"/apis/{AUTH}/v1/namespaces/{namespace}"
            await us.api.request("POST", f"{path}/roles", {"metadata": metadata, "rules": [rule]})
            reference = {"apiGroup": AUTH, "kind": "Role", **metadata}
            binding = {"metadata": metadata, "subjects": [subject], "roleRef": reference}
            await us.api.request("POST", f"{path}/rolebindings", binding)
        async with running(opened(placed(kubeconfig))) as source:
            await until(is_visible(source.view))
            assert await source.secret(namespace, secret) == {"Authorization": b"Bearer s3cr3t"}
            with pytest.raises(ClusterError, match=f"may not read the Secret {namespace}/another"):
                await source.secret(namespace, "another")
    finally:
        await disallow(us.api, name)


async def test_a_right_that_is_missing_is_named_until_it_is_there(us: Cluster, tmp_path: Path, namespace: str) -> None:
    name = f"may-not-watch-{namespace}"
    token = await allow(us.api, name, ("", "services", ["list"]), SLICES)
    try:
        settings = placed(a_kubeconfig(us, tmp_path, token=token))
        async with observed(settings) as view:
            await until(lambda: bool(state(view).problems))
            (problem,) = state(view).problems
            assert problem.reason == "MissingPermission"
            assert "its credentials may not watch services; grant that verb" in problem.text
            await us.api.expose(namespace, "web", "192.0.2.1")
            await until(lambda: addresses(view, ServiceKey(namespace, "web")) == ("192.0.2.1",))
            assert state(view).sight is Sight.VISIBLE
            await grant(us.api, name, ("", "services", ["list", "watch"]), SLICES)
            await until(lambda: not state(view).problems)
    finally:
        await disallow(us.api, name)


async def test_a_kind_that_may_not_be_listed_leaves_the_cluster_unseen(
    us: Cluster, tmp_path: Path, namespace: str
) -> None:
    name = f"may-not-list-{namespace}"
    token = await allow(us.api, name, ("", "services", ["list", "watch"]), SLICES)
    try:
        settings = ClusterSettings(name="us", kubeconfig=str(a_kubeconfig(us, tmp_path, token=token)))
        source = opened(settings)
        async with running(source):
            await until(lambda: 'cannot list resource "nodes"' in state(source.view).reason)
            assert state(source.view).sight is Sight.UNSEEN
            await until(lambda: bool(state(source.view).problems))
            assert "may not list nodes" in state(source.view).problems[0].text
            await grant(us.api, name, ("", "services", ["list", "watch"]), SLICES, ("", "nodes", ["list", "watch"]))
            await until(is_visible(source.view))
            await until(lambda: not state(source.view).problems)
    finally:
        await disallow(us.api, name)


async def test_a_real_token_rotates_in_its_file(us: Cluster, tmp_path: Path, namespace: str) -> None:
    name = f"rotates-{namespace}"
    first = await allow(us.api, name, ("", "services", ["list", "watch"]), SLICES)
    second = await a_token(us.api, name)
    (tmp_path / "token").write_text(first)
    file = a_kubeconfig(us, tmp_path, tokenFile="token")
    try:
        async with observed(placed(file)) as view:
            (tmp_path / "token").write_text("not a token\n")
            await until(lambda: state(view).sight is Sight.LOST)
            assert "401 Unauthorized" in state(view).reason
            (tmp_path / "token").write_text(f"{second}\n")
            await until(is_visible(view))
    finally:
        await disallow(us.api, name)


async def test_a_plugin_gives_real_tokens(us: Cluster, tmp_path: Path, namespace: str) -> None:
    name = f"plugin-{namespace}"
    token = await allow(us.api, name, ("", "services", ["list", "watch"]), SLICES)
    try:
        file = a_kubeconfig(us, tmp_path, **a_plugin(tmp_path, {"token": "refused"}))
        async with running(opened(placed(file))) as source:
            await until(lambda: "401 Unauthorized" in state(source.view).reason)
            a_plugin(tmp_path, {"token": token, "expirationTimestamp": "2100-01-01T00:00:00Z"})
            await until(is_visible(source.view))
            count = len(runs(tmp_path))
            await us.api.expose(namespace, "web", "192.0.2.1")
            await until(lambda: addresses(source.view, ServiceKey(namespace, "web")) == ("192.0.2.1",))
            assert len(runs(tmp_path)) == count
    finally:
        await disallow(us.api, name)
