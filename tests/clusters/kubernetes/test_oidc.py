"""Id tokens, renewed by a provider of our own."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.clusters.kubernetes.failures import CredentialsError, Refused
from tests.clusters.kubernetes.certificates import Authority
from tests.clusters.kubernetes.entry import entering
from tests.clusters.kubernetes.servers import LOOPBACK, ScriptedApi, kubeconfig


def id_token(lasts_s: float) -> str:
    claims = json.dumps({"exp": time.time() + lasts_s, "name": "ÿ>?"}, ensure_ascii=False).encode()
    return "h." + base64.urlsafe_b64encode(claims).decode().rstrip("=") + ".s"


class Issuer:
    """An OpenID Connect provider that gives a new token for the refresh token it gave last."""

    def __init__(self, given: str) -> None:
        self.given = given
        self.forms: list[dict[str, Any]] = []
        self.expected = "r0"
        self.url = ""

    @asynccontextmanager
    async def serving(self, authority: Authority) -> AsyncIterator["Issuer"]:
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._discovery)
        application.router.add_post("/token", self._token)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, 0, ssl_context=authority.server_context()).start()
            self.url = f"https://{LOOPBACK}:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _discovery(self, _: web.Request) -> web.Response:
        return web.json_response({"issuer": self.url, "token_endpoint": f"{self.url}/token"})

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        self.forms.append(form)
        if form["refresh_token"] != self.expected:
            return web.Response(status=400)
        self.expected = f"r{len(self.forms)}"
        return web.json_response({"id_token": self.given, "refresh_token": self.expected})


async def test_an_id_token_that_ends_is_renewed_by_the_newest_refresh_token(api: ScriptedApi, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    fresh = id_token(3600)
    async with Issuer(fresh).serving(authority) as issuer:
        config = {
            "idp-issuer-url": issuer.url,
            "client-id": "kubernetes",
            "client-secret": "s3cret",
            "id-token": id_token(-5),
            "refresh-token": "r0",
            "idp-certificate-authority": "authority/ca.crt",
        }
        file = kubeconfig(tmp_path, api.url, {"auth-provider": {"name": "oidc", "config": config}})
        written = file.read_text()
        async with entering(Kubeconfig(file, None)) as entry:
            await entry.list()
            assert len(issuer.forms) == 1
            await entry.list()
            assert len(issuer.forms) == 1
            api.tokens = set()
            with pytest.raises(Refused):
                await entry.list()
            issuer.expected = "another"
            with pytest.raises(CredentialsError, match=r"gave no new id-token: 400") as error:
                await entry.list()
    assert "s3cret" not in str(error.value)
    assert [form["refresh_token"] for form in issuer.forms] == ["r0", "r1", "r2"]
    assert issuer.forms[0]["grant_type"] == "refresh_token"
    assert api.seen_tokens[0] == f"Bearer {fresh}"
    assert file.read_text() == written


async def test_an_id_token_that_holds_is_shown_as_it_is(api: ScriptedApi, tmp_path: Path) -> None:
    token = id_token(3600)
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token}}}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        await entry.list()
    assert api.seen_tokens == [f"Bearer {token}"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"id-token": "x"}, "is no JSON Web Token"),
        ({"id-token": "a.b.c"}, "is no JSON Web Token"),
        ({}, "there is no refresh-token for another"),
        ({"id-token": 5}, "is not usable: Expected `str`, got `int`"),
        (
            {"refresh-token": "r", "client-id": "c", "idp-issuer-url": "http://127.0.0.1:1"},
            "http://127.0.0.1:1 gave no new id-token: ClientConnectorError",
        ),
    ],
)
async def test_an_oidc_provider_that_does_not_help_is_told(
    api: ScriptedApi, tmp_path: Path, config: dict[str, Any], told: str
) -> None:
    user = {"auth-provider": {"name": "oidc", "config": config}}
    async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
        with pytest.raises(CredentialsError) as error:
            await entry.list()
    assert told in str(error.value)


async def test_an_issuer_with_an_untrusted_certificate_is_not_given_the_refresh_token(
    api: ScriptedApi, tmp_path: Path
) -> None:
    async with Issuer("").serving(Authority(tmp_path / "authority")) as issuer:
        config = {"idp-issuer-url": issuer.url, "client-id": "c", "refresh-token": "r0"}
        user = {"auth-provider": {"name": "oidc", "config": config}}
        async with entering(Kubeconfig(kubeconfig(tmp_path, api.url, user), None)) as entry:
            with pytest.raises(CredentialsError, match="ClientConnectorCertificateError"):
                await entry.list()
    assert issuer.forms == []
