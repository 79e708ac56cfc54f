"""Clusters that Secrets bring in, at a real API server, and feddns that takes them in while it runs."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from feddns.clusters.kubernetes.credentials import HeldKubeconfig, Kubeconfig
from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.roster import KEY, LABEL, REGION, ZONES, SecretRoster
from feddns.clusters.members import Member
from feddns.errors import ClusterError
from tests.beside import beside
from tests.clusters.kubernetes.servers import Relay, kubeconfig
from tests.clusters.observing import QUICK, until
from tests.e2e.running import QUICK_WATCH, Feddns, eventually
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

MERGE = "application/merge-patch+json"


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


class Following:
    """A roster that is followed, and what it told."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self.roster = SecretRoster(namespace, Kubeconfig(kubeconfig, None), QUICK)
        self.told: list[tuple[Member, ...]] = []

    def names(self) -> set[str]:
        return {member.name for member in self.told[-1]} if self.told else set()

    @asynccontextmanager
    async def followed(self) -> AsyncIterator["Following"]:
        async with beside(self.roster.watch(self.told.append)):
            yield self


def secret(namespace: str, cluster: str, kubeconfig: bytes, **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "namespace": namespace,
            "name": f"feddns-cluster-{cluster}",
            "labels": {LABEL: cluster},
            "annotations": annotations,
        },
        "data": {KEY: b64encode(kubeconfig).decode()},
    }


def path(namespace: str, cluster: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/secrets" + (f"/feddns-cluster-{cluster}" if cluster else "")


async def test_secrets_with_the_label_are_followed_as_they_come_change_and_go(us: Cluster, namespace: str) -> None:
    other = secret(namespace, "other", b"")
    del other["metadata"]["labels"]
    await us.api.request("POST", path(namespace), other)
    await us.api.request("POST", path(namespace), secret(namespace, "eu", b"one"))
    async with Following(us.kubeconfig, namespace).followed() as world:
        await until(lambda: bool(world.told))
        assert world.names() == {"eu"}
        await us.api.request(
            "POST", path(namespace), secret(namespace, "asia", b"two", **{REGION: "asia-east1", ZONES: "a, b"})
        )
        await until(lambda: world.names() == {"eu", "asia"})
        asia, eu = sorted(world.told[-1], key=lambda member: member.name)
        assert (eu.kubeconfig, asia.kubeconfig) == (b"one", b"two")
        assert (asia.settings.region, asia.settings.zones) == ("asia-east1", ("a", "b"))
        assert eu.origin == f"Secret {namespace}/feddns-cluster-eu"
        assert await world.roster.read() == world.told[-1]
        await us.api.request("PATCH", path(namespace, "eu"), {"data": {KEY: b64encode(b"new").decode()}}, MERGE)
        await until(lambda: b"new" in {member.kubeconfig for member in world.told[-1]})
        await us.api.delete(path(namespace, "asia"))
        await until(lambda: world.names() == {"eu"})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"data": None}, "it has no key kubeconfig"),
        (
            {"metadata": {"annotations": {REGION: "Not_A_Label"}}},
            f"its annotation {REGION} has 'Not_A_Label'",
        ),
        ({"metadata": {"annotations": {ZONES: "a"}}}, f"it has the annotation {ZONES}, but not {REGION}"),
    ],
)
async def test_what_a_secret_lacks_is_its_clusters_fault_alone(
    us: Cluster, namespace: str, change: dict[str, Any], fault: str
) -> None:
    await us.api.request("POST", path(namespace), secret(namespace, "asia", b""))
    await us.api.request("POST", path(namespace), secret(namespace, "eu", b""))
    await us.api.request("PATCH", path(namespace, "eu"), change, MERGE)
    found = {member.name: member.fault for member in await SecretRoster(namespace, admin(us), QUICK).read()}
    assert found["asia"] == ""
    assert found["eu"].startswith(fault)


async def test_an_api_server_out_of_reach_takes_no_cluster_away(us: Cluster, namespace: str, tmp_path: Path) -> None:
    await us.api.request("POST", path(namespace), secret(namespace, "eu", b""))
    async with Relay(us.port).serving() as relay:
        relayed = tmp_path / "kubeconfig"
        relayed.write_text(us.kubeconfig.read_text().replace(us.url, f"https://127.0.0.1:{relay.port}"))
        with structlog.testing.capture_logs() as log:
            async with Following(relayed, namespace).followed() as world:
                await until(lambda: bool(world.told))
                relay.refuse()
                relay.cut()
                await until(lambda: any(line["event"] == "members unreadable" for line in log))
                assert world.names() == {"eu"}
                await us.api.request("POST", path(namespace), secret(namespace, "asia", b""))
                relay.refuse(refusing=False)
                await until(lambda: world.names() == {"eu", "asia"})
        assert len([line for line in log if line["event"] == "members unreadable"]) == 1


async def test_what_may_not_be_read_is_told_with_the_missing_rule(us: Cluster, namespace: str) -> None:
    roster = SecretRoster(namespace, Kubeconfig(us.feddns_kubeconfig, None), QUICK)
    with pytest.raises(ClusterError, match="A Role in that namespace must allow list and watch of secrets"):
        await roster.read()


@pytest.mark.parametrize("user", [{"exec": {"command": "/bin/sh"}}, {"tokenFile": "/var/run/token"}])
async def test_a_kubeconfig_of_a_secret_runs_no_program_and_reads_no_file(user: dict[str, Any], tmp_path: Path) -> None:
    text = kubeconfig(tmp_path, "https://127.0.0.1:1", user).read_bytes()
    with pytest.raises(CredentialsError, match=f"has {next(iter(user))}; a kubeconfig in a Secret must have"):
        await HeldKubeconfig(text, "Secret dns/eu").login(renew=False, now=0.0)


async def test_feddns_takes_clusters_in_and_out_while_it_runs(lab: Lab, namespace: str, tmp_path: Path) -> None:
    us, eu = lab["us"], lab["eu"]
    for cluster, address in ((us, "192.0.2.1"), (eu, "192.0.2.2")):
        await cluster.api.deploy(namespace, "web", zone=cluster.zones[0])
        await cluster.api.expose(namespace, "web", address)
    configuration = {
        "federation": "fed",
        "dns": {"zone": "example.com", "provider": {"embedded": {"listen": ["127.0.0.1:0"]}}},
        "clusters": [{"name": "us", "kubeconfig": str(us.feddns_kubeconfig)}],
        "clusterSecrets": {"namespace": namespace, "kubeconfig": str(us.kubeconfig)},
        "services": {"namespaces": {"include": [namespace]}},
        "health": {"settle": 0},
        "watch": QUICK_WATCH,
    }
    name = f"web.{namespace}.fed.svc.example.com."
    with Feddns(tmp_path, configuration) as feddns:
        dns = await feddns.dns()
        await dns.come_to(name, ["192.0.2.1"])
        await us.api.request("POST", path(namespace), secret(namespace, "eu", eu.feddns_kubeconfig.read_bytes()))
        await dns.come_to(name, ["192.0.2.1", "192.0.2.2"])
        await us.api.request("PATCH", path(namespace, "eu"), {"data": {KEY: b64encode(b"[").decode()}}, MERGE)
        await eventually(lambda: any("not YAML" in line["error"] for line in feddns.events("cluster unreadable")))
        assert await dns.ask(name) == ["192.0.2.1", "192.0.2.2"], "a Secret that is broken takes nothing away"
        await us.api.delete(path(namespace, "eu"))
        await dns.come_to(name, ["192.0.2.1"])
        assert [line["cluster"] for line in feddns.events("cluster left")] == ["eu"]


def admin(cluster: Cluster) -> Kubeconfig:
    return Kubeconfig(cluster.kubeconfig, None)
