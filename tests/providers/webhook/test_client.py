"""What goes wrong with HTTP, and what is made of it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog.testing
from aiohttp import web

from feddns.errors import ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.webhook.client import LARGEST_ANSWER, MEDIA_TYPE, WebhookClient
from feddns.providers.webhook.domains import DomainFilter
from feddns.providers.webhook.endpoints import Changes, Endpoint
from feddns.providers.webhook.settings import WebhookSettings
from feddns.telemetry.events import LogEvent
from tests.clusters.kubernetes.certificates import Authority
from tests.mounted import Mounted
from tests.providers.webhook.scripted import ScriptedWebhook

REQUESTS = [("GET", "/"), ("GET", "/records"), ("POST", "/adjustendpoints"), ("POST", "/records")]
WRITE = ("POST", "/records")

every_request = pytest.mark.parametrize("asked", REQUESTS, ids=" ".join)


@pytest.fixture
async def webhook() -> AsyncIterator[ScriptedWebhook]:
    async with ScriptedWebhook() as webhook:
        yield webhook


@pytest.fixture
async def client(webhook: ScriptedWebhook) -> AsyncIterator[WebhookClient]:
    client = WebhookClient(WebhookSettings(webhook.url), Path())
    yield client
    await client.close()


async def send(client: WebhookClient, asked: tuple[str, str]) -> None:
    match asked:
        case ("GET", "/"):
            await client.negotiate()
        case ("GET", "/records"):
            await client.records()
        case ("POST", "/adjustendpoints"):
            await client.adjust([Endpoint("www.example.com")])
        case _:
            await client.change(Changes())


async def failure(client: WebhookClient, asked: tuple[str, str]) -> ProviderError:
    async with asyncio.timeout(5):
        with pytest.raises(ProviderError) as raised:
            await send(client, asked)
    return raised.value


@every_request
async def test_every_request_says_what_is_spoken_and_who_asks(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str]
) -> None:
    await send(client, asked)
    assert webhook.requests == [asked]
    assert webhook.headers["Accept"] == MEDIA_TYPE
    assert webhook.headers["User-Agent"].startswith("feddns/")
    assert webhook.headers.get("Content-Type") == (MEDIA_TYPE if asked[0] == "POST" else None)


@every_request
@pytest.mark.parametrize("status", [500, 502, 503, 511])
async def test_what_may_be_tried_again_is_unavailable_and_only_a_write_of_unknown_outcome(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str], status: int
) -> None:
    webhook.answer(*asked, status, b"no luck\n")
    error = await failure(client, asked)
    assert isinstance(error, Unavailable)
    assert error.outcome_unknown is (asked == WRITE)
    assert re.fullmatch(rf"{asked[0]} http://127\.0\.0\.1:\d+{asked[1]} answers {status} [^:]+: no luck", str(error))


@every_request
@pytest.mark.parametrize("status", [301, 304, 307, 400, 404, 405, 413, 422])
async def test_what_is_final_is_rejected(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str], status: int
) -> None:
    webhook.answer(*asked, status, headers={"Location": f"{webhook.url}/elsewhere"})
    error = await failure(client, asked)
    assert isinstance(error, Rejected)
    assert str(status) in str(error)
    assert ("this one leads to" in str(error)) is (status < 400)
    assert ("maxChanges" in str(error)) is (status == 413)
    assert webhook.requests == [asked], "a redirect was followed"


@every_request
@pytest.mark.parametrize("status", [401, 403])
async def test_who_is_not_let_in_is_told_where_credentials_go(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str], status: int
) -> None:
    webhook.answer(*asked, status)
    error = await failure(client, asked)
    assert isinstance(error, Unauthorized)
    assert "headersFile" in str(error)


@every_request
@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Date": "Sat, 21 Nov 2026 10:00:00 GMT", "Retry-After": "Sat, 21 Nov 2026 10:00:30 GMT"}, 30.0),
        ({}, 0.0),
    ],
    ids=["seconds", "date", "nothing"],
)
async def test_who_asks_too_often_is_told_when_to_come_back(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str], headers: dict[str, str], pause_s: float
) -> None:
    webhook.answer(*asked, 429, headers=headers)
    error = await failure(client, asked)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == pause_s


@pytest.mark.parametrize(
    "content_type", [MEDIA_TYPE, 'Application/External.DNS.webhook+JSON; charset=utf-8; version="1"']
)
async def test_the_protocols_media_type_is_known_however_it_is_written(
    client: WebhookClient, webhook: ScriptedWebhook, content_type: str
) -> None:
    webhook.answer("GET", "/", 200, b'{"include": null}', headers={"Content-Type": content_type})
    assert await client.negotiate() == DomainFilter()


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/html", "application/external.dns.webhook+json;version=2", "a;version=1"]
)
async def test_what_speaks_something_else_is_no_webhook(
    client: WebhookClient, webhook: ScriptedWebhook, content_type: str
) -> None:
    webhook.answer("GET", "/", 200, b"{}", headers={"Content-Type": content_type})
    with pytest.raises(Rejected, match=rf'does not speak .* of type "{re.escape(content_type)}" and not application/'):
        await client.negotiate()


@pytest.mark.parametrize("asked", REQUESTS[:3], ids=" ".join)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'"text"',
        b"7",
        b'[{"dnsName": 7}]',
        b'{"include": "a"}',
        b'[{"dnsName": "\xff"}]',
        b"[{]",
        b"[[]]",
    ],
)
async def test_what_is_malformed_is_rejected(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str], body: bytes
) -> None:
    webhook.answer(*asked, 200, body)
    error = await failure(client, asked)
    assert isinstance(error, Rejected)
    assert "answers with what the protocol does not know" in str(error)


async def test_null_is_an_empty_list_and_no_endpoint_as_go_writes_it(
    client: WebhookClient, webhook: ScriptedWebhook
) -> None:
    webhook.answer("GET", "/records", 200, b"null")
    assert await client.records() == []
    webhook.answer("GET", "/records", 200, b'[null, {"dnsName": "a", "targets": null, "labels": null, "new": 1}]')
    assert await client.records() == [None, Endpoint("a")]


async def test_an_answer_without_end_is_rejected(client: WebhookClient, webhook: ScriptedWebhook) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range((LARGEST_ANSWER >> 20) + 1):
            await response.write(b" " * 2**20)
        return response

    webhook.replies["GET", "/records"] = reply
    with pytest.raises(Rejected, match=r"GET http://127\.0\.0\.1:\d+/records answers with more than 32 MiB"):
        await client.records()


@every_request
async def test_an_answer_that_breaks_off_is_none(
    client: WebhookClient, webhook: ScriptedWebhook, asked: tuple[str, str]
) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"[")
        assert request.transport is not None
        request.transport.close()
        return response

    webhook.replies[asked] = reply
    error = await failure(client, asked)
    assert isinstance(error, Unavailable)
    assert error.outcome_unknown is (asked == WRITE)


@every_request
async def test_silence_ends_with_the_timeout(webhook: ScriptedWebhook, asked: tuple[str, str]) -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    webhook.replies[asked] = reply
    client = WebhookClient(WebhookSettings(webhook.url, timeout=0.05), Path())
    error = await failure(client, asked)
    assert isinstance(error, Unavailable)
    assert error.outcome_unknown is (asked == WRITE)
    assert "no whole answer within 0.05 s" in str(error)
    await client.close()


@every_request
async def test_what_is_not_there_cannot_be_reached_and_nothing_was_done(asked: tuple[str, str]) -> None:
    async with ScriptedWebhook() as gone:
        url = gone.url
    client = WebhookClient(WebhookSettings(url), Path())
    error = await failure(client, asked)
    assert isinstance(error, Unavailable)
    assert not error.outcome_unknown
    assert f"{url} cannot be reached" in str(error)
    await client.close()


async def test_a_path_in_the_url_stays_in_front(webhook: ScriptedWebhook) -> None:
    client = WebhookClient(WebhookSettings(webhook.url + "/dns/"), Path())
    assert isinstance(await failure(client, ("GET", "/records")), Rejected)
    assert webhook.requests == [("GET", "/dns/records")]
    await client.close()


async def test_headers_come_from_a_file_anew_for_each_request(webhook: ScriptedWebhook, tmp_path: Path) -> None:
    file = tmp_path / "headers"
    file.write_text("# who we are\nAuthorization: Bearer one\n\nX-Tenant:  a b \n")
    client = WebhookClient(WebhookSettings(webhook.url, headers_file="headers"), tmp_path)
    await client.records()
    assert (webhook.headers["Authorization"], webhook.headers["X-Tenant"]) == ("Bearer one", "a b")
    file.write_text("Authorization: Bearer two\r\n")
    await client.records()
    assert webhook.headers["Authorization"] == "Bearer two"
    assert "X-Tenant" not in webhook.headers
    await client.close()


async def test_headers_and_certificates_of_a_mounted_secret_are_replaced_and_broken_ones_left(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    first, second = (f"Authorization: Bearer {number}" for number in ("one", "two"))
    secret = Mounted(tmp_path / "secret", headers=first, ca=theirs.ca.read_text())
    async with ScriptedWebhook(ours.server_context()) as secured:
        settings = WebhookSettings(secured.url, headers_file="secret/headers", ca_file="secret/ca")
        client = WebhookClient(settings, tmp_path)
        with pytest.raises(Unavailable, match="not trusted"):
            await client.records()
        secret.swap(headers=second, ca=ours.ca.read_text())
        await client.records()
        assert secured.headers["Authorization"] == "Bearer two"
        with structlog.testing.capture_logs() as told:
            secret.swap(headers="a slip of a secret", ca="torn")
            await client.records()
        assert secured.headers["Authorization"] == "Bearer two"
        assert [line["event"] for line in told] == [LogEvent.CREDENTIALS_KEPT.message] * 2
        assert "slip" not in str(told)
        secret.swap(headers=second, ca=theirs.ca.read_text())
        with pytest.raises(Unavailable, match="not trusted"):  # no connection is left that was made in other days
            await client.records()
        await client.close()


@pytest.mark.parametrize("line", ["Bearer secret", ": secret", "Author ization: secret", "X: s\x00ecret", "X: sécret"])
async def test_what_is_no_header_is_refused_and_not_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "headers").write_text(f"Fine: yes\n{line}\n")
    with pytest.raises(Unauthorized, match=r"headers, line \d, is no HTTP header: write `Name: value`") as refusal:
        WebhookClient(WebhookSettings(headers_file="headers"), tmp_path)
    assert "ecret" not in str(refusal.value)


async def test_a_certificate_is_judged_by_our_own_authority(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    async with ScriptedWebhook(ours.server_context()) as webhook:
        client = WebhookClient(WebhookSettings(webhook.url, ca_file="ours/ca.crt"), tmp_path)
        assert await client.records() == []
        await client.close()
        for settings in (WebhookSettings(webhook.url, ca_file=str(theirs.ca)), WebhookSettings(webhook.url)):
            client = WebhookClient(settings, tmp_path)
            with pytest.raises(Unavailable, match=r"certificate that is not trusted.*caFile") as failed:
                await client.records()
            assert not failed.value.outcome_unknown
            await client.close()


async def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("no certificate\n")
    for name, text in {"empty": r"empty holds no certificates \(PEM\)", "gone": r"gone .* cannot be read"}.items():
        with pytest.raises(Unauthorized, match=text):
            WebhookClient(WebhookSettings("https://localhost", ca_file=name), tmp_path)


async def test_one_connection_serves_all_requests(client: WebhookClient, webhook: ScriptedWebhook) -> None:
    peers = set()

    async def reply(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(body=b"null")

    webhook.replies["GET", "/records"] = reply
    for _ in range(3):
        await client.records()
    assert len(peers) == 1
    await client.close()
    await client.close()
