"""Tokens, and what happens when they or the files that they are in change."""

import base64
from pathlib import Path
from typing import Any

import pytest

from feddns.clusters.kubernetes.credentials import InCluster, Kubeconfig
from feddns.clusters.kubernetes.failures import CredentialsError
from tests.clusters.kubernetes.certificates import Authority
from tests.clusters.kubernetes.entry import entering
from tests.clusters.kubernetes.servers import ScriptedApi, kubeconfig


async def test_a_token_is_shown(api: ScriptedApi, tmp_path: Path) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {"token": "t0"}), None)) as entry:
        await entry.list()
    assert api.seen_tokens == ["Bearer t0"]


async def test_name_and_password_are_shown(api: ScriptedApi, tmp_path: Path) -> None:
    user = {"username": "u", "password": "p"}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        await entry.list()
    assert api.seen_tokens == ["Basic " + base64.b64encode(b"u:p").decode()]


async def test_without_credentials_none_are_shown(api: ScriptedApi, tmp_path: Path) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url), None)) as entry:
        await entry.list()
    assert api.seen_tokens == [""]


async def test_a_rotated_token_file_is_read_again_and_the_watch_goes_on(api: ScriptedApi, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0\n")  # the newline is usual, and no header could hold it
    kubernetes = Kubeconfig(kubeconfig(tmp_path, api.url, {"tokenFile": "token"}), None)
    async with entering(kubernetes) as entry, entry.watch() as watch:
        (tmp_path / "next").write_text("t1")
        (tmp_path / "next").rename(tmp_path / "token")
        await entry.list()
        api.services.send(b"still here")
        assert await watch.content.readline() == b"still here\n"
    assert api.seen_tokens == ["Bearer t0", "Bearer t1"]


async def test_a_kubeconfig_that_changes_is_read_again(api: ScriptedApi, tmp_path: Path) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {"token": "t0"}), None)) as entry:
        await entry.list()
        kubeconfig(tmp_path, api.url, {"token": "another"})
        await entry.list()
    assert api.seen_tokens == ["Bearer t0", "Bearer another"]


async def test_a_kubeconfig_that_breaks_leaves_what_was_good(api: ScriptedApi, tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, api.url, {"token": "t0"})
    async with entering(Kubeconfig(file, None)) as entry:
        await entry.list()
        file.write_text("[")
        await entry.list()
        api.tokens = set()
        with pytest.raises(CredentialsError, match="not YAML"):
            await entry.list()


@pytest.mark.parametrize(
    ("server", "cluster", "told"),
    [
        ("nonsense://x", {}, "no request can be made"),
        ("http://127.0.0.1:99999", {}, "no request can be made"),
        ("https://127.0.0.1:1", {"certificate-authority-data": "%%%"}, "context x is not usable"),
        (
            "https://127.0.0.1:1",
            {"certificate-authority": "nowhere.crt"},
            "context x is not usable: File does not exists",
        ),
        ("https://127.0.0.1:1", {"certificate-authority": 5}, "context x is not usable"),
        ("http://127.0.0.1:1", {"proxy-url": "socks5://127.0.0.1:1"}, "a proxy of the kind 'socks5' is not supported"),
    ],
)
async def test_settings_that_cannot_be_are_told_without_their_content(
    tmp_path: Path, server: str, cluster: dict[str, Any], told: str
) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, server, {"token": "s3cret"}, cluster), None)) as entry:
        with pytest.raises(CredentialsError) as error:
            await entry.list()
    assert told in str(error.value)
    assert "s3cret" not in str(error.value)


async def test_a_token_that_no_header_can_hold_is_told_without_it(api: ScriptedApi, tmp_path: Path) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {"token": "s3\ncret"}), None)) as entry:
        with pytest.raises(CredentialsError, match="no request can be made") as error:
            await entry.list()
    assert "s3" not in str(error.value)


async def test_a_login_does_not_show_its_secrets(api: ScriptedApi, tmp_path: Path) -> None:
    login = await Kubeconfig(kubeconfig(tmp_path, api.url, {"token": "s3cret"}), None).login(renew=False, now=0.0)
    assert "s3cret" not in repr(login)


class ServiceAccount:
    """The files and variables that a pod has."""

    def __init__(self, folder: Path, authority: Authority, url: str) -> None:
        self.folder = folder
        (folder / "ca.crt").write_bytes(authority.ca.read_bytes())
        (folder / "token").write_text("t0\n")
        host, port = url.removeprefix("https://").split(":")
        self.environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}

    @property
    def credentials(self) -> InCluster:
        return InCluster(self.folder, self.environ)


async def test_inside_a_cluster_the_service_account_is_used_and_its_token_rotates(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    async with ScriptedApi().serving(ssl_context=authority.server_context()) as api:
        account = ServiceAccount(tmp_path, authority, api.url)
        async with entering(account.credentials) as entry:
            await entry.list()
            (tmp_path / "token").write_text("t1-of-another-length\n")
            await entry.list()
    assert [token.lower() for token in api.seen_tokens] == ["bearer t0", "bearer t1-of-another-length"]


async def test_outside_of_a_cluster_that_is_told(tmp_path: Path) -> None:
    async with entering(InCluster(tmp_path, {})) as entry:
        with pytest.raises(
            CredentialsError, match="not inside a cluster, or without a ServiceAccount: Service host/port is not set"
        ):
            await entry.list()
