"""Kubeconfigs and what they name, in Secrets that kubelet mounts and changes."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.clusters.kubernetes.credentials import InCluster, Kubeconfig
from feddns.clusters.kubernetes.failures import Unreachable
from tests.clusters.kubernetes.certificates import Authority
from tests.clusters.kubernetes.entry import entering
from tests.clusters.kubernetes.servers import ScriptedApi
from tests.mounted import Mounted


def a_kubeconfig(server: str, user: dict[str, Any], **cluster: str) -> str:
    return yaml.safe_dump(
        {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
            "users": [{"name": "u", "user": user}],
        }
    )


async def test_another_kubeconfig_is_used_for_the_next_request_and_a_broken_one_is_not(
    api: ScriptedApi, tmp_path: Path
) -> None:
    secret = Mounted(tmp_path / "us", kubeconfig=a_kubeconfig(api.url, {"token": "one"}))
    async with entering(Kubeconfig(secret.path("kubeconfig"), None)) as entry:
        await entry.list()
        secret.swap(kubeconfig=a_kubeconfig(api.url, {"token": "two"}))
        await entry.list()
        secret.swap(kubeconfig="[torn")
        await entry.list()
    assert api.seen_tokens == ["Bearer one", "Bearer two", "Bearer two"]


async def test_another_token_beside_a_kubeconfig_is_used_for_the_next_request(api: ScriptedApi, tmp_path: Path) -> None:
    kubeconfig = a_kubeconfig(api.url, {"tokenFile": "jwt"})
    secret = Mounted(tmp_path / "us", kubeconfig=kubeconfig, jwt="one")
    async with entering(Kubeconfig(secret.path("kubeconfig"), None)) as entry:
        await entry.list()
        secret.swap(kubeconfig=kubeconfig, jwt="two")
        await entry.list()
    assert api.seen_tokens == ["Bearer one", "Bearer two"]


async def test_the_token_of_the_pods_own_account_is_read_again(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    async with ScriptedApi().serving(ssl_context=authority.server_context()) as secured:
        _, port = secured.url.rsplit(":", 1)
        account = Mounted(tmp_path / "serviceaccount", **{"token": "one", "ca.crt": authority.ca.read_text()})
        environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port}
        async with entering(InCluster(account.folder, environ)) as entry:
            await entry.list()
            account.swap(**{"token": "two", "ca.crt": authority.ca.read_text()})
            await entry.list()
        assert secured.seen_tokens == ["bearer one", "bearer two"]


async def test_another_authority_beside_a_kubeconfig_is_trusted_for_the_next_request(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    async with ScriptedApi().serving(ssl_context=ours.server_context()) as secured:
        kubeconfig = a_kubeconfig(secured.url, {"token": "t"}, **{"certificate-authority": "ca"})
        secret = Mounted(tmp_path / "us", kubeconfig=kubeconfig, ca=theirs.ca.read_text())
        async with entering(Kubeconfig(secret.path("kubeconfig"), None)) as entry:
            with pytest.raises(Unreachable, match="certificate"):
                await entry.list()
            secret.swap(kubeconfig=kubeconfig, ca=ours.ca.read_text())
            await entry.list()


async def test_a_secret_that_is_gone_for_a_moment_changes_nothing(api: ScriptedApi, tmp_path: Path) -> None:
    secret = Mounted(tmp_path / "us", kubeconfig=a_kubeconfig(api.url, {"token": "one"}))
    async with entering(Kubeconfig(secret.path("kubeconfig"), None)) as entry:
        await entry.list()
        shutil.rmtree(secret.folder)
        await entry.list()
    assert api.seen_tokens == ["Bearer one", "Bearer one"]
