"""ExternalDNS' own webhook servers, with feddns as their client, keep what can be kept of the contract."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar

import aiohttp
import pytest
from aiohttp import web

from feddns.errors import Unavailable
from feddns.model.changes import Create
from feddns.providers.base import Provider
from feddns.testing import HttpContract, UnfencedProviderContract
from feddns.testing.pen import Pen, contents
from feddns.testing.values import TEXTS
from tests.providers.webhook.conftest import open_webhook
from tests.providers.webhook.externaldns import ExternalDns

pytestmark = pytest.mark.servers

TOKEN = "Bearer let-me-in"  # noqa: S105 - the tests' own


class WebhookContract(UnfencedProviderContract):
    """The provider `webhook`, whatever is behind it."""

    @pytest.fixture
    def server(self) -> ExternalDns:
        raise NotImplementedError

    @pytest.fixture
    async def provider(self, server: ExternalDns) -> AsyncIterator[Provider]:
        provider = open_webhook(server.url)
        yield provider
        await provider.close()

    @pytest.fixture
    async def rival(self, server: ExternalDns) -> AsyncIterator[Provider]:
        rival = open_webhook(server.url)
        yield rival
        await rival.close()


class TestInMemory(WebhookContract):
    @pytest.fixture
    def server(self, memory: ExternalDns) -> ExternalDns:
        return memory


class TestRfc2136OnBind(WebhookContract):
    """ExternalDNS' provider `rfc2136` tells of A, AAAA, CNAME, DNAME, NS, PTR and TXT records, and of no others."""

    foreign: ClassVar[tuple[tuple[str, str], ...]] = (("TXT", "a note"), ("PTR", "host.example.net."))

    @pytest.fixture
    def server(self, updater: ExternalDns) -> ExternalDns:
        return updater

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    async def test_texts_of_every_kind_come_back_as_they_went(self, pen: Pen, provider: Provider, text: str) -> None:
        """It tells each string of a TXT record as a record of its own, so that a text of two is not known again."""
        if text != TEXTS["two-strings"]:
            await super().test_texts_of_every_kind_come_back_as_they_went(pen, provider, text)
            return
        with pytest.raises(Unavailable, match=r"text\.example\.com\. TXT did not become what was asked for") as failure:
            await pen.write(Create(pen.set("text", "TXT", text)))
        assert failure.value.outcome_unknown
        found = (await contents(provider))[pen.set("text", "TXT").name, "TXT"]
        assert found.values == ("x" * 255, "y" * 20)


class TestBehindGuard(HttpContract):
    """A webhook that wants a token, as those have that are reached over a network."""

    write_mark: ClassVar[bytes] = b"POST /records"

    @pytest.fixture
    async def address(self, memory: ExternalDns) -> AsyncIterator[tuple[str, int]]:
        """A guard in front of the webhook, that lets in who has the token."""

        async def pass_on(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != TOKEN:
                return web.Response(status=401, text="no token")
            async with session.request(request.method, memory.url + request.path, data=await request.read()) as answer:
                kept = {"Content-Type": answer.headers["Content-Type"]} if "Content-Type" in answer.headers else None
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)

        guard = web.Application()
        guard.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(guard, shutdown_timeout=0.1)
        async with aiohttp.ClientSession() as session:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield runner.addresses[0]
            await runner.cleanup()

    @pytest.fixture
    def open_at(self, tmp_path: Path) -> Callable[[str, int], Provider]:
        (tmp_path / "headers").write_text(f"Authorization: {TOKEN}\n")
        return lambda host, port: open_webhook(
            f"http://{host}:{port}", folder=tmp_path, headers_file="headers", timeout=1.0
        )

    @pytest.fixture
    async def provider(
        self, address: tuple[str, int], open_at: Callable[[str, int], Provider]
    ) -> AsyncIterator[Provider]:
        provider = open_at(*address)
        yield provider
        await provider.close()

    @pytest.fixture
    async def stranger(self, address: tuple[str, int]) -> AsyncIterator[Provider]:
        stranger = open_webhook(f"http://{address[0]}:{address[1]}")
        yield stranger
        await stranger.close()
