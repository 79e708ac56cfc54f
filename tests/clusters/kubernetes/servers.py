"""Servers between or in the place of API servers, for what a real one cannot be made to do."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.clusters import objects

LOOPBACK = "127.0.0.1"


class Collection:
    """One kind of objects as a scripted API server has them.

    Attributes:
        objects: what a list gives.
        version: the resource version of a list.
        lists: answers to the next lists that are not the plain one.
        watches: answers to the next watches that are not a stream.
        asked: the query of each request so far.
    """

    def __init__(self, *items: dict[str, Any]) -> None:
        self.objects = list(items)
        self.version = "10"
        self.lists: deque[web.Response] = deque()
        self.watches: deque[web.Response] = deque()
        self.asked: list[Mapping[str, str]] = []
        self._stream: asyncio.Queue[bytes | None] = asyncio.Queue()

    @property
    def asked_to_list(self) -> list[Mapping[str, str]]:
        return [query for query in self.asked if "watch" not in query]

    @property
    def asked_to_watch(self) -> list[Mapping[str, str]]:
        return [query for query in self.asked if "watch" in query]

    def send(self, line: bytes) -> None:
        """Send a line over the watch that is open, or that is opened next."""
        self._stream.put_nowait(line + b"\n")

    def tell(self, event: str, item: Mapping[str, Any]) -> None:
        self.send(json.dumps({"type": event, "object": item}).encode())

    def end_watch(self) -> None:
        """Let the watch end as one ends whose time is up."""
        self._stream.put_nowait(None)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        if "watch" not in request.query:
            return self.lists.popleft() if self.lists else page(*self.objects, version=self.version)
        if self.watches:
            return self.watches.popleft()
        stream = web.StreamResponse()
        await stream.prepare(request)
        while (piece := await self._stream.get()) is not None:
            await stream.write(piece)
        return stream


def page(*items: dict[str, Any], version: str = "10", continued: str = "") -> web.Response:
    return web.json_response(objects.a_list(*items, version=version, continued=continued))


def status(code: int, reason: str = "", message: str = "", **headers: str) -> web.Response:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return web.json_response(
        body, status=code, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


class ScriptedApi:
    """An API server of two kinds of objects that answers as a test tells it to.

    Attributes:
        tokens: bearer tokens that are accepted; None for no questions asked.
        seen_tokens: the Authorization header of each request so far.
        on_request: is told of each request first.
        readyz: the status and the text that `/readyz` answers with; None for no answer.
        secrets: the data of Secrets, or the answer to who asks for them, by namespace/name.
        read_secrets: which ones were asked for so far.
    """

    def __init__(self) -> None:
        self.services = Collection(objects.service("web", "192.0.2.1"))
        self.slices = Collection(objects.endpoint_slice("web-1", "web", ready=[True]))
        self.tokens: set[str] | None = None
        self.seen_tokens: list[str] = []
        self.on_request: Callable[[web.Request], Awaitable[None]] | None = None
        self.readyz: tuple[int, str] | None = (200, "ok")
        self.secrets: dict[str, dict[str, str] | web.Response] = {}
        self.read_secrets: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def serving(self, **site: Any) -> AsyncIterator["ScriptedApi"]:
        application = web.Application(middlewares=[self._authenticate])
        application.router.add_get("/api/v1/services", self.services.answer)
        application.router.add_get("/apis/discovery.k8s.io/v1/endpointslices", self.slices.answer)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/api/v1/namespaces/{namespace}/secrets/{name}", self._secret)
        runner = web.AppRunner(application, shutdown_timeout=0.01, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, 0, **site).start()
            scheme = "https" if "ssl_context" in site else "http"
            self.url = f"{scheme}://{LOOPBACK}:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _readyz(self, _: web.Request) -> web.Response:
        if self.readyz is None:
            await asyncio.Event().wait()
        code, text = self.readyz or (500, "")
        return web.Response(status=code, text=text)

    async def _secret(self, request: web.Request) -> web.Response:
        name = "/".join(request.match_info.values())
        self.read_secrets.append(name)
        match self.secrets.get(name):
            case web.Response() as answer:
                return answer
            case None:
                return status(404, "NotFound", f'secrets "{name}" not found')
            case data:
                return web.json_response({"kind": "Secret", "metadata": {"name": name}, "data": data})

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.on_request is not None:
            await self.on_request(request)
        self.seen_tokens.append(request.headers.get("Authorization", ""))
        if self.tokens is not None and self.seen_tokens[-1].removeprefix("Bearer ") not in self.tokens:
            return status(401, "Unauthorized", "Unauthorized")
        answer: web.StreamResponse = await handler(request)
        return answer


def kubeconfig(
    folder: Path, url: str, user: Mapping[str, Any] | None = None, cluster: Mapping[str, Any] | None = None
) -> Path:
    """Write a kubeconfig of one context; gives its path."""
    path = folder / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url, **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(json.dumps(config))
    return path


class Relay:
    """A TCP proxy on loopback that can cut, stall and refuse connections."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._refusing = False
        self.accepted = 0
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Relay"]:
        server = await asyncio.start_server(self._relay, LOOPBACK, self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._flowing.set()
            self.cut()
            server.close()
            await server.wait_closed()

    def cut(self) -> None:
        """Break all connections."""
        for writer in self._open:
            writer.transport.abort()

    def stall(self) -> None:
        """Keep all connections, new ones too, and let nothing through."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again."""
        self._flowing.set()

    def refuse(self, *, refusing: bool = True) -> None:
        """Break new connections at once, or do so no more."""
        self._refusing = refusing

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._refusing:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(LOOPBACK, self._target)
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._open -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65_536):
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()
