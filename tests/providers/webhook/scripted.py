"""A webhook in this process, honest until it is told to be otherwise."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import msgspec
from aiohttp import web

from feddns.providers.webhook.client import MEDIA_TYPE

Endpoint = dict[str, Any]
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ScriptedWebhook:
    """Keeps endpoints by name and type.

    Attributes:
        url: where it listens.
        endpoints: what is there.
        requests: each request, as method and path.
        headers: those of the last request.
        posted: the changes that came.
        domain_filter: what it says it serves.
        adjusts: makes what it would keep of one endpoint; None to leave it out.
        keeps: makes what it keeps of one endpoint without having said so.
        replies: what it answers instead, by method and path.
        before_change: called before changes are made.
        ignores: names whose changes it takes and does not make.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.url = ""
        self.endpoints: list[Endpoint] = []
        self.requests: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.posted: list[dict[str, list[Endpoint]]] = []
        self.domain_filter: dict[str, Any] = {}
        self.adjusts: Callable[[Endpoint], Endpoint | None] = lambda endpoint: endpoint
        self.keeps: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint
        self.replies: dict[tuple[str, str], Reply] = {}
        self.before_change: Callable[[], None] = lambda: None
        self.ignores: frozenset[str] = frozenset()
        self._tls = tls
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self.url = f"http{'s' if self._tls else ''}://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def answer(
        self, method: str, path: str, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Let a request be answered so."""
        sent = {"Content-Type": MEDIA_TYPE, **(headers or {})}

        async def reply(_: web.Request) -> web.Response:
            return web.Response(status=status, body=body, headers=sent)

        self.replies[method, path] = reply

    def put(self, name: str, kind: str, *targets: str, **more: Any) -> None:
        """Have an endpoint there, as if another had written it."""
        self.endpoints.append({"dnsName": name, "recordType": kind, "targets": list(targets), "recordTTL": 60, **more})

    def find(self, name: str, kind: str) -> Endpoint | None:
        """One endpoint that is there."""
        return next((each for each in self.endpoints if (each["dnsName"], each["recordType"]) == (name, kind)), None)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = (request.method, request.path)
        self.requests.append(asked)
        self.headers = dict(request.headers)
        if asked in self.replies:
            return await self.replies[asked](request)
        match asked:
            case ("GET", "/"):
                return _ok(self.domain_filter)
            case ("GET", "/records"):
                return _ok(self.endpoints or None)
            case ("POST", "/adjustendpoints"):
                wanted: list[Endpoint] = msgspec.json.decode(await request.read())
                return _ok([kept for each in wanted if (kept := self.adjusts(dict(each))) is not None])
            case ("POST", "/records"):
                self.before_change()
                self._change(msgspec.json.decode(await request.read()))
                return web.Response(status=204)
            case _:
                return web.Response(status=404)

    def _change(self, changes: dict[str, list[Endpoint]]) -> None:
        self.posted.append(changes)
        gone = {_key(each) for kind in ("updateOld", "delete") for each in changes.get(kind, [])}
        self.endpoints = [each for each in self.endpoints if _key(each) not in gone or each["dnsName"] in self.ignores]
        came = [each for kind in ("create", "updateNew") for each in changes.get(kind, [])]
        self.endpoints += [self.keeps(each) for each in came if each["dnsName"] not in self.ignores]


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint["dnsName"], endpoint["recordType"]


def _ok(body: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), headers={"Content-Type": MEDIA_TYPE})
