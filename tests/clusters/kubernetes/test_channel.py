"""TLS and proxies, against a scripted API server."""

import base64
import gc
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.clusters.kubernetes.failures import Unreachable
from tests.clusters.kubernetes.certificates import Authority
from tests.clusters.kubernetes.entry import entering
from tests.clusters.kubernetes.servers import LOOPBACK, Relay, ScriptedApi, kubeconfig


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


async def test_a_client_certificate_is_shown_and_no_key_stays_on_the_disk(tmp_path: Path, monkeypatch: Any) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("alice")
    async with ScriptedApi().serving(ssl_context=authority.server_context(ask=True)) as api:
        inline = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
        cluster = {"certificate-authority-data": encoded(authority.ca)}
        async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, inline, cluster), None)) as entry:
            await entry.list()
        files = {"client-certificate": str(certificate), "client-key": "authority/alice.key"}
        cluster = {"certificate-authority": "authority/ca.crt"}
        async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, files, cluster), None)) as entry:
            await entry.list()
        async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {}, cluster), None)) as entry:
            with pytest.raises(Unreachable):
                await entry.list()
    assert list(temporary.iterdir()) == []


async def test_a_rotated_client_certificate_is_used_and_the_watch_goes_on(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("alice")
    files = {"client-certificate": str(certificate), "client-key": str(key)}
    cluster = {"certificate-authority": str(authority.ca)}
    subjects: list[str] = []

    async def note(request: web.Request) -> None:
        peer = request.get_extra_info("peercert")
        subjects.append(dict(pair for (pair,) in peer["subject"])["commonName"])

    async with ScriptedApi().serving(ssl_context=authority.server_context(ask=True)) as api:
        api.on_request = note
        async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, files, cluster), None)) as entry:
            async with entry.watch() as watch:
                for old, new in zip((certificate, key), authority.issue("bob"), strict=True):
                    new.rename(old)
                await entry.list()
                api.services.send(b"still here")
                assert await watch.content.readline() == b"still here\n"
            await entry.list()
    assert subjects == ["alice", "bob", "bob"]


async def test_an_untrusted_server_is_told_as_such_and_may_be_trusted_by_order(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path / "authority"), Authority(tmp_path / "other")
    async with ScriptedApi().serving(ssl_context=authority.server_context("api", "192.0.2.1")) as api:
        for cluster, told in (
            ({"certificate-authority": str(other.ca)}, "its certificate is not trusted: .*verify failed"),
            ({"certificate-authority": str(authority.ca)}, "its certificate is not trusted: .*IP address mismatch"),
        ):
            async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {}, cluster), None)) as entry:
                with pytest.raises(Unreachable, match=told):
                    await entry.list()
        for good in (
            {"certificate-authority": str(authority.ca), "tls-server-name": "api"},
            {"insecure-skip-tls-verify": True},
        ):
            async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, {}, good), None)) as entry:
                await entry.list()


async def test_a_proxy_of_the_kubeconfig_is_used(api: ScriptedApi, tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://cluster.invalid", {"token": "t0"}, {"proxy-url": api.url})
    async with entering(Kubeconfig(file, None)) as entry:
        await entry.list()
    assert api.seen_tokens == ["Bearer t0"]


async def test_a_proxy_of_the_environment_is_used_but_for_its_exceptions(
    api: ScriptedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", api.url)
    async with entering(Kubeconfig(kubeconfig(tmp_path, "http://cluster.invalid", {"token": "t0"}), None)) as entry:
        await entry.list()
    assert api.seen_tokens == ["Bearer t0"]
    monkeypatch.setenv("no_proxy", ".invalid")
    async with entering(Kubeconfig(kubeconfig(tmp_path, "http://cluster.invalid", {"token": "t0"}), None)) as entry:
        with pytest.raises(Unreachable, match="its host name has no address"):
            await entry.list()


async def test_a_refused_connection_is_told(tmp_path: Path) -> None:
    async with entering(Kubeconfig(kubeconfig(tmp_path, f"http://{LOOPBACK}:1"), None)) as entry:
        with pytest.raises(Unreachable, match=r"^http://127.0.0.1:1: Connection refused$"):
            await entry.list()


async def test_a_connection_that_breaks_leaves_nothing_for_the_garbage_collector(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    gc.collect()
    gc.disable()
    try:
        async with ScriptedApi().serving(ssl_context=authority.server_context()) as api:
            async with Relay(int(api.url.rpartition(":")[2])).serving() as relay:
                cluster = {"certificate-authority": str(authority.ca)}
                path = kubeconfig(tmp_path, f"https://{LOOPBACK}:{relay.port}", {}, cluster)
                async with entering(Kubeconfig(path, None)) as entry:
                    with suppress(Unreachable):
                        async with entry.watch() as answer:
                            was = weakref.ref(answer)
                            del answer
                            relay.cut()
                            await was().content.read()  # type: ignore[union-attr]  # it is there
            assert was() is None
    finally:
        gc.enable()
