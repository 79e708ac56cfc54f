"""feddns under the rights that the charts and `feddns join` give it, and what these rights do not allow."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.membership.objects import path_of
from tests.charts.chart import rendered
from tests.charts.values import CHARTS
from tests.e2e.running import QUICK_WATCH, Answers, Feddns
from tests.lab import objects
from tests.lab.api import Api, until
from tests.lab.binaries import program
from tests.lab.cluster import Cluster
from tests.lab.processes import free_port
from tests.membership.conftest import HOST, RBAC, Laptop, status, status_of

MEMBER = CHARTS / "feddns-member"
KINDS = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Secret"}
US, EU = "192.0.2.1", "192.0.2.2"
APPLY = "application/apply-patch+yaml"


async def apply(api: Api, manifests: Iterable[dict[str, Any]]) -> None:
    """Make what a chart makes, as Helm would, but for what runs pods."""
    for manifest in manifests:
        if manifest["kind"] in KINDS:
            await api.request("PATCH", f"{path_of(manifest)}?fieldManager=helm&fieldValidation=Strict", manifest, APPLY)


async def expose(cluster: Cluster, namespace: str, name: str, address: str, **more: Any) -> None:
    """A Service with a load balancer and one ready endpoint."""
    await cluster.api.create(objects.service(namespace, name, selector=False, **more))
    await cluster.api.set_load_balancer(namespace, name, address)
    await cluster.api.create(objects.endpoint_slice(namespace, name, cluster.zones[0]))


@dataclass
class Scene:
    """us has joined by its chart's account, eu may; feddns runs as the account of its own chart in the host cluster."""

    laptop: Laptop
    feddns: Feddns
    answers: Answers

    def name(self, service: str = "web") -> str:
        return f"{service}.{self.laptop.namespace}.myfederation.svc.example.com."

    async def answer(self, *addresses: str, service: str = "web") -> None:
        assert self.feddns.running, self.feddns.log.read_text()[-2000:]
        await self.answers.come_to(self.name(service), sorted(addresses))

    def clusters(self) -> Any:
        done = self.feddns.command("clusters", "--output=json")
        assert done.returncode == 0, done.stderr
        return {each["name"]: each for each in json.loads(done.stdout)}


@pytest.fixture
async def scene(laptop: Laptop) -> AsyncIterator[Scene]:
    namespace, port = laptop.namespace, free_port()
    notes = await helm(laptop, "install", str(MEMBER), f"--set=name={laptop.account.name}", "--set=events=true")
    (told,) = re.findall(r"^ +feddns (join .*)$", notes, re.MULTILINE)
    command = told.replace("CONTEXT", "us").replace("NAME", "us").split()
    joined = await laptop.feddns(*command, *laptop.options, "--output=json")
    assert joined.code == 0, joined.err
    assert joined.value["account"] == str(laptop.account)
    assert joined.value["keptBy"] == "Helm"
    place = {"namespace": namespace, "kubeconfig": str(await host_kubeconfig(laptop))}
    configuration = {
        "federation": "myfederation",
        "dns": {"zone": "example.com", "provider": {"embedded": {"listen": [f"127.0.0.1:{port}"]}}},
        "clusterSecrets": place,
        "state": {"configMap": {**place, "name": "feddns-state"}},
        "services": {"namespaces": {"include": [namespace]}},
        "watch": QUICK_WATCH,
    }
    with Feddns(laptop.folder, configuration) as feddns:
        yield Scene(laptop, feddns, Answers("127.0.0.1", port))


async def helm(laptop: Laptop, verb: str, *arguments: str) -> str:
    """Do something to the release of the member's chart in us; what Helm says."""
    place = (f"--kubeconfig={laptop.lab['us'].kubeconfig}", f"--namespace={laptop.namespace}")
    process = await asyncio.create_subprocess_exec(
        *(str(program("helm")), verb, "member", *arguments, *place),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def host_kubeconfig(laptop: Laptop) -> Path:
    """That of the ServiceAccount which the chart `feddns` makes, whose token a pod would be given."""
    namespace, host = laptop.namespace, laptop.lab[HOST]
    values = {"config": {"federation": "myfederation", "dns": {"zone": "example.com", "provider": {"embedded": {}}}}}
    await apply(host.api, (each for each in rendered(values, namespace=namespace) if each["kind"] != "Secret"))
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/feddns/token"
    token = (await host.api.request("POST", path, {"spec": {"expirationSeconds": 3600}}))["status"]["token"]
    config = yaml.safe_load(host.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    file = laptop.folder / "host.kubeconfig"
    file.write_text(yaml.safe_dump(config))
    return file


async def test_feddns_sees_answers_and_tells_under_the_rights_of_the_charts(scene: Scene) -> None:
    laptop, lab, namespace = scene.laptop, scene.laptop.lab, scene.laptop.namespace
    mistake = {"feddns.io/ttl": "soon"}
    await expose(lab["us"], namespace, "web", US, annotations=mistake)
    await expose(lab["eu"], namespace, "web", EU, annotations=mistake)
    await scene.answer(US)
    assert (await laptop.join("eu", "--events")).code == 0
    await scene.answer(US, EU)
    assert {name: (each["sight"], each["region"]) for name, each in scene.clusters().items()} == {
        "us": ("Visible", lab["us"].region),
        "eu": ("Visible", lab["eu"].region),
    }
    assert [each["reason"] for cluster in scene.clusters().values() for each in cluster["problems"]] == []
    for cluster in ("us", "eu"):
        await events_are_there(lab[cluster].api, namespace)
    first = await laptop.token("eu")
    assert (await laptop.join("eu", "--events", "--new-token")).code == 0

    async def refused() -> bool:
        return await status(lab["eu"].api, first, "GET", "/api/v1/services?limit=1") == 401

    await until(refused, 15)  # once the cache of the API server has let it go
    await lab["eu"].api.set_load_balancer(namespace, "web", "192.0.2.3")
    await scene.answer(US, "192.0.2.3")
    assert scene.feddns.events("events refused") == []
    assert scene.feddns.events("readiness untold") == []
    assert scene.feddns.events("cluster lost") == []


async def events_are_there(api: Api, namespace: str) -> None:
    async def told() -> bool:
        events = await api.request("GET", f"/api/v1/namespaces/{namespace}/events")
        return "InvalidAnnotation" in {event["reason"] for event in events["items"]}

    await until(told, 15)


async def test_a_cluster_that_alone_has_a_service_does_not_leave_unless_it_is_forced(scene: Scene) -> None:
    laptop, lab, namespace = scene.laptop, scene.laptop.lab, scene.laptop.namespace
    await laptop.join("eu")
    await expose(lab["us"], namespace, "web", US)
    await expose(lab["eu"], namespace, "web", EU)
    await expose(lab["eu"], namespace, "billing", EU)
    await scene.answer(US, EU)
    await scene.answer(EU, service="billing")
    leave = ("leave", "eu", f"--config={scene.feddns.configuration}", "--context=eu")
    done = await laptop.feddns(*leave)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        f"feddns: leave is refused: 1 service would be left without a healthy shard: {namespace}/billing",
        "`feddns leave eu --force` does it all the same",
    ]
    assert await laptop.secret("eu") is not None
    await lab["eu"].api.delete(f"/api/v1/namespaces/{namespace}/services/billing")
    as_admin = tuple(option for option in laptop.options if "namespace=" not in option or "host" in option)
    done = await laptop.feddns(*leave, *as_admin, f"--namespace={namespace}")
    assert done.code == 0, done.err
    await scene.answer(US)
    assert await laptop.objects("eu") == set()
    done = await laptop.leave("us", "--context=us")
    assert done.code == 1
    assert f"the account {laptop.account} remains: it is kept by Helm; delete it there" in done.err
    await helm(laptop, "uninstall")
    assert await laptop.objects("us") == set()


FORBIDDEN: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/v1/namespaces/{namespace}/secrets", None),
    ("GET", "/api/v1/namespaces/{namespace}/secrets/{account}-token", None),
    ("GET", "/api/v1/secrets", None),
    ("GET", "/api/v1/pods", None),
    ("GET", "/api/v1/namespaces/{namespace}/pods", None),
    ("GET", "/api/v1/namespaces/{namespace}/configmaps", None),
    ("GET", "/api/v1/namespaces", None),
    ("GET", "/api/v1/namespaces/{namespace}/events", None),
    ("GET", "/api/v1/namespaces/{namespace}/services/web", None),
    ("GET", "/api/v1/namespaces/{namespace}/services/web/proxy/", None),
    ("GET", "/api/v1/nodes/{zone}", None),
    ("GET", "/api/v1/nodes/{zone}/proxy/", None),
    ("GET", "/apis/apps/v1/deployments", None),
    ("GET", f"{RBAC}/clusterroles", None),
    ("GET", "/metrics", None),
    ("GET", "/logs/", None),
    ("POST", "/api/v1/namespaces", {"metadata": {"name": "mine"}}),
    ("POST", "/api/v1/namespaces/{namespace}/services", {"metadata": {"name": "mine"}, "spec": {}}),
    ("PATCH", "/api/v1/namespaces/{namespace}/services/web", {"metadata": {"labels": {"mine": "yes"}}}),
    ("PATCH", "/api/v1/namespaces/{namespace}/services/web/status", {"status": {}}),
    ("DELETE", "/api/v1/namespaces/{namespace}/services/web", None),
    ("DELETE", "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/web", None),
    ("PATCH", "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/web", {"endpoints": []}),
    ("PATCH", "/api/v1/nodes/{zone}", {"metadata": {"labels": {"mine": "yes"}}}),
    ("DELETE", "/api/v1/nodes/{zone}", None),
    ("POST", "/api/v1/namespaces/{namespace}/pods", {"metadata": {"name": "mine"}}),
    ("POST", "/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", {"spec": {}}),
    ("POST", f"{RBAC}/clusterrolebindings", {"metadata": {"name": "mine"}}),
    ("PATCH", f"{RBAC}/clusterroles/{{account}}", {"rules": []}),
)
"""Of the account of a member, also one that may create Events; another kind of request each."""

ALLOWED = ("/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices", "/api/v1/nodes")
NOTHING = "labelSelector=none=none"  # a watch of which ends empty


async def test_the_account_of_a_member_may_do_nothing_else(laptop: Laptop) -> None:
    us, namespace, account = laptop.lab["us"], laptop.namespace, laptop.account.name
    await expose(us, namespace, "web", US)
    assert (await laptop.join("us")).code == 0
    token = await laptop.token("us")
    event = ("POST", f"/api/v1/namespaces/{namespace}/events", {"metadata": {"name": "mine"}})
    assert await status(us.api, token, *event) == 403
    assert (await laptop.join("us", "--events")).code == 0
    names = {"namespace": namespace, "account": account, "zone": us.zones[0]}
    async with us.api.as_user(token) as bearer:
        assert await bearer.ready()
        assert [await status_of(bearer, "GET", path) for path in ALLOWED] == [200] * 3
        watches = (f"{path}?watch=true&timeoutSeconds=1&{NOTHING}" for path in ALLOWED)
        assert await asyncio.gather(*(status_of(bearer, "GET", path) for path in watches)) == [200] * 3
        got = {
            f"{method} {path}": await status_of(bearer, method, path.format(**names), body)
            for method, path, body in FORBIDDEN
        }
    assert {what: code for what, code in got.items() if code != 403} == {}
    assert await rules(us.api, token, namespace) == {
        ("list,watch", "services"),
        ("list,watch", "endpointslices"),
        ("list,watch", "nodes"),
        ("create,patch", "events"),
    }
    assert await rules(us.api, token, "kube-system") == await rules(us.api, token, namespace)


async def rules(api: Api, token: str, namespace: str) -> set[tuple[str, str]]:
    """What the bearer may do in a namespace, beside asking who it is and what it may do, as everyone may."""
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    async with api.as_user(token) as bearer:
        review = await bearer.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body)
    return {
        (",".join(rule["verbs"]), resource)
        for rule in review["status"]["resourceRules"]
        for resource in rule["resources"]
        if not resource.startswith("selfsubject")
    }


async def test_of_secrets_the_account_may_read_those_that_are_named(laptop: Laptop) -> None:
    us, namespace = laptop.lab["us"], laptop.namespace
    for name in ("probe-headers", "another"):
        secret = {"metadata": {"name": name}, "stringData": {"Authorization": base64.b64encode(b"x").decode()}}
        await us.api.request("POST", f"/api/v1/namespaces/{namespace}/secrets", secret)
    assert (await laptop.join("us", f"--probe-secret={namespace}/probe-headers")).code == 0
    token, path = await laptop.token("us"), f"/api/v1/namespaces/{namespace}/secrets"
    assert await status(us.api, token, "GET", f"{path}/probe-headers") == 200
    assert await status(us.api, token, "GET", f"{path}/another") == 403
    assert await status(us.api, token, "GET", path) == 403
    assert await status(us.api, token, "DELETE", f"{path}/probe-headers") == 403
