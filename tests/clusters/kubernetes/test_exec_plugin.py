"""Credential plugins, run as a kubeconfig names them."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.clusters.kubernetes.failures import CredentialsError, Refused
from tests.clusters.kubernetes.certificates import Authority
from tests.clusters.kubernetes.entry import a_plugin, entering, runs
from tests.clusters.kubernetes.servers import ScriptedApi, kubeconfig
from tests.clusters.observing import until


async def test_refused_credentials_are_fetched_anew_just_once(api: ScriptedApi, tmp_path: Path) -> None:
    api.tokens = {"t1"}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, a_plugin(tmp_path, {"token": "t0"})), None)) as entry:
        with pytest.raises(Refused) as refusal:
            await entry.list()
        assert refusal.value.status == 401
        assert len(runs(tmp_path)) == 2
        a_plugin(tmp_path, {"token": "t1"})
        await entry.list()
        assert len(runs(tmp_path)) == 3
        await entry.list()
        assert len(runs(tmp_path)) == 3


@pytest.mark.servers  # takes its time
async def test_a_plugin_that_takes_longer_than_who_asks_has_patience_is_not_begun_anew_each_time(
    api: ScriptedApi, tmp_path: Path
) -> None:
    user = a_plugin(tmp_path, {"token": "t0"}, "import time; time.sleep(0.7)")
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        answered = False
        async with asyncio.timeout(10):
            while not answered:
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await entry.list()
                        answered = True
    assert len(runs(tmp_path)) == 1


async def test_a_plugins_token_is_renewed_before_it_ends(api: ScriptedApi, tmp_path: Path) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    status = {"token": "t0", "expirationTimestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, a_plugin(tmp_path, status)), None)) as entry:
        await entry.list()
        entry.late_s = 3500
        await entry.list()
        assert len(runs(tmp_path)) == 1
        entry.late_s = 3545
        later = {"token": "t1", "expirationTimestamp": (end + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        a_plugin(tmp_path, later)
        await entry.list()
        await entry.list()
    assert len(runs(tmp_path)) == 2
    assert api.seen_tokens == ["Bearer t0", "Bearer t0", "Bearer t1", "Bearer t1"]


async def test_a_plugin_is_told_what_the_kubeconfig_says(api: ScriptedApi, tmp_path: Path) -> None:
    user = a_plugin(tmp_path, {"token": "t0"})
    user["exec"] |= {"args": ["get", "token"], "env": [{"name": "WHO", "value": "me"}], "provideClusterInfo": True}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        await entry.list()
    (told,) = runs(tmp_path)
    info, _, rest = told.rpartition("} ")
    assert rest == "me get token"
    assert json.loads(info + "}") == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": api.url}},
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda user: user["exec"].update(command="/nowhere/plugin", installHint="Get it."),
            "cannot be run: No such file or directory. Get it.",
        ),
        (
            lambda user: user["exec"].update(apiVersion="client.authentication.k8s.io/v1beta1"),
            "but the kubeconfig asks for client.authentication.k8s.io/v1beta1",
        ),
        (
            lambda user: user["exec"].pop("command"),
            "the exec part of the user of context x is not usable: Object missing required field `command`",
        ),
        (
            lambda user: user["exec"].update(command="/bin/false"),
            "the credential plugin /bin/false ended with 1: no message",
        ),
        (
            lambda user: user["exec"].update(command="/bin/echo", args=["{}"]),
            "gave no ExecCredential: Object missing required field `apiVersion`",
        ),
    ],
)
async def test_a_plugin_that_does_not_work_is_told(
    api: ScriptedApi, tmp_path: Path, change: Callable[[Any], object], told: str
) -> None:
    user = a_plugin(tmp_path, {"token": "t0"})
    change(user)
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        with pytest.raises(CredentialsError) as error:
            await entry.list()
    assert told in str(error.value)


async def test_what_a_failing_plugin_says_is_told(api: ScriptedApi, tmp_path: Path) -> None:
    user = a_plugin(tmp_path, {}, then="sys.exit('log in first')")
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        with pytest.raises(CredentialsError, match=r"plugin ./plugin ended with 1: log in first"):
            await entry.list()
    a_plugin(tmp_path, {"clientCertificateData": "x"})
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        with pytest.raises(CredentialsError, match="gave neither a token nor a client certificate with its key"):
            await entry.list()


async def test_a_plugin_that_hangs_is_ended_with_the_request(api: ScriptedApi, tmp_path: Path) -> None:
    hang = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\nimport time\ntime.sleep(600)"
    user = a_plugin(tmp_path, {"token": "t0"}, then=hang)
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        asking = asyncio.create_task(entry.list())
        await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_plugins_client_certificate_is_shown(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("alice")
    given = {"clientCertificateData": certificate.read_text(), "clientKeyData": key.read_text()}
    async with ScriptedApi().serving(ssl_context=authority.server_context(ask=True)) as api:
        cluster = {"certificate-authority": "authority/ca.crt"}
        file = kubeconfig(tmp_path, api.url, a_plugin(tmp_path, given), cluster)
        async with entering(Kubeconfig(file, None)) as entry:
            await entry.list()
