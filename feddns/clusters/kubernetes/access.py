"""Requests to one cluster's API server, with credentials that stay valid and errors that say what to do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import msgspec

from feddns.clusters.kubernetes.bodies import read_at_most, read_object
from feddns.clusters.kubernetes.channel import Channel, Request
from feddns.clusters.kubernetes.credentials import Credentials
from feddns.clusters.kubernetes.failures import CredentialsError, Expired, Refused
from feddns.clusters.kubernetes.login import Login
from feddns.clusters.wire import UNREADABLE, Status
from feddns.config.settings import WatchSettings
from feddns.model.printable import printable

_MOST_MESSAGE: Final = 400  # characters of an API server's words that are repeated
_MOST_ERROR_OCTETS: Final = 65_536
_EXPIRED_REASONS: Final = frozenset({"Expired", "Gone"})
_JSON: Final = "application/json"
_MERGE: Final = "application/merge-patch+json"
_APPLY: Final = "application/apply-patch+yaml"  # of which JSON is a part, and other names older API servers do not know


class Access:
    """The way into one cluster.

    Credentials are looked at before each request: they are read again when a file that they came from has changed,
    when they are about to end, and once when the API server refuses them. Requests under way go on with what they
    began with, so that a healthy watch outlives any number of tokens.

    Args:
        credentials: where logins come from.
        watch: time limits.
        clock: gives seconds since the epoch.
    """

    def __init__(self, credentials: Credentials, watch: WatchSettings, clock: Callable[[], float]) -> None:
        self._credentials = credentials
        self._watch = watch
        self._clock = clock
        self._channel: Channel | None = None
        self._changing = asyncio.Lock()
        self._fetching: asyncio.Task[Login] | None = None

    @property
    def server(self) -> str:
        """The API server that was asked last; empty before the first time."""
        return "" if self._channel is None else self._channel.login.host

    @asynccontextmanager
    async def get(
        self, path: str, query: Mapping[str, str], accept: str = _JSON
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open one successful answer, to be read inside the context.

        Raises:
            Unreachable: there was no answer, or it broke off or went silent while it was read.
            CredentialsError: there are no usable credentials.
            Refused: the API server answered with an error; `Expired` where that means to list again.
        """
        async with self._answer(Request("GET", f"{path}?{urlencode(query)}", accept)) as answer:
            yield answer

    async def ask(self, path: str, most: int, patience_s: float) -> tuple[int, bytes]:
        """The status and the body of one answer, of whatever status.

        Args:
            path: what is asked for.
            most: of a body with more octets nothing is given.
            patience_s: until the first byte, and from there to the end.

        Raises:
            Unreachable: there was no whole answer in time.
            CredentialsError: there are no usable credentials.
        """
        channel = await self._current(refused=None)
        request = Request("GET", path, "*/*", patience_s=patience_s)
        async with channel.answer(request) as answer, asyncio.timeout(patience_s):
            return answer.status, await read_at_most(answer, most) or b""

    async def post(self, path: str, body: Any) -> bytes:
        """Create one object; gives it as it is then.

        Raises:
            Unreachable: it may or may not have been created.
            CredentialsError: there are no usable credentials.
            Refused: it was not created.
        """
        async with self._answer(Request("POST", path, _JSON, body)) as answer:
            return await read_object(answer)

    async def put(self, path: str, body: Any) -> bytes:
        """Replace one object; gives it as it is then.

        Args:
            path: of the object.
            body: the new one, with the resource version of the one that it takes the place of.

        Raises:
            Unreachable: it may or may not have been replaced.
            CredentialsError: there are no usable credentials.
            Refused: it was not replaced; with status 409 where another one has taken its place meanwhile.
        """
        async with self._answer(Request("PUT", path, _JSON, body)) as answer:
            return await read_object(answer)

    async def merge(self, path: str, body: Any) -> bytes:
        """Change some fields of one object by a merge patch (RFC 7396); gives it as it is then.

        Raises:
            Unreachable: it may or may not have been changed.
            CredentialsError: there are no usable credentials.
            Refused: it was not changed; with status 404 where it is gone.
        """
        async with self._answer(Request("PATCH", path, _JSON, body, content=_MERGE)) as answer:
            return await read_object(answer)

    async def apply(self, path: str, body: Any, field_manager: str) -> bytes:
        """Make one object, or have it hold what `body` says, by server-side apply; gives it as it is then.

        Fields that the same manager has applied before and that `body` does not have are removed, those of others stay;
        what others have set differently is taken over (https://kubernetes.io/docs/reference/using-api/server-side-apply/).

        Args:
            path: of the object.
            body: what it should hold, with its `apiVersion` and `kind`.
            field_manager: who asks for it.

        Raises:
            Unreachable: it may or may not have been applied.
            CredentialsError: there are no usable credentials.
            Refused: it was not applied.
        """
        query = urlencode({"fieldManager": field_manager, "force": "true"})
        async with self._answer(Request("PATCH", f"{path}?{query}", _JSON, body, content=_APPLY)) as answer:
            return await read_object(answer)

    async def delete(self, path: str, uid: str) -> None:
        """Delete one object, as long as it is the one with this `uid`.

        Raises:
            Unreachable: it may or may not have been deleted.
            CredentialsError: there are no usable credentials.
            Refused: it was not deleted; with status 404 where it is gone, 409 where another one has taken its place.
        """
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
        async with self._answer(Request("DELETE", path, _JSON, body)) as answer:
            await read_object(answer)

    async def close(self) -> None:
        """Close the connections as soon as nothing uses them."""
        fetching, self._fetching = self._fetching, None
        if fetching is not None:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)  # nobody waits for it any more
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.retire()

    @asynccontextmanager
    async def _answer(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        channel = await self._current(refused=None)
        login = channel.login
        async with channel.answer(request) as answer:
            if answer.status < HTTPStatus.BAD_REQUEST:
                yield answer
                return
            refusal = await _refusal(login.host, request, answer)
        if refusal.status != HTTPStatus.UNAUTHORIZED:
            raise refusal
        channel = await self._current(refused=login)
        async with channel.answer(request) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise await _refusal(login.host, request, answer)
            yield answer

    async def _current(self, refused: Login | None) -> Channel:
        """The channel to use now, renewed where its credentials changed, are about to end, or were `refused`."""
        async with self._changing:
            channel, now = self._channel, self._clock()
            renew = channel is not None and channel.login is refused
            if channel is not None and not renew and channel.is_fresh(now):
                return channel
            try:
                login = await self._fetched(renew=renew, now=now)
            except CredentialsError:
                if channel is None or renew:
                    raise
                return channel  # what we have may be good for a while; the API server will say when it is not
            return await self._switch(channel, login)

    async def _fetched(self, *, renew: bool, now: float) -> Login:
        """New credentials; one who gives up waiting, as who renews a lease must, leaves them to the next one.

        Plugins take seconds. Begun anew for each request with less patience, they would never come to their end.
        """
        fetching = self._fetching = self._fetching or asyncio.create_task(self._credentials.login(renew=renew, now=now))
        try:
            return await asyncio.shield(fetching)
        finally:
            if fetching.done():
                self._fetching = None

    async def _switch(self, channel: Channel | None, login: Login) -> Channel:
        if channel is not None and channel.login.identity == login.identity:
            channel.adopt(login)
            return channel
        self._channel = Channel(login, self._watch.connect_timeout, self._watch.silence)
        if channel is not None:
            # What another API server goes on to tell is of no use, while other credentials end no healthy watch.
            await channel.retire(at_once=channel.login.host != login.host)
        return self._channel


def refused(status: Status, code: int, what: str, retry_after_s: float = 0.0) -> Refused:
    """The error for a Status of an API server.

    Args:
        status: as decoded.
        code: the HTTP status; the one in `status` goes before it.
        what: the host, and what was asked of it.
        retry_after_s: as the HTTP header says it.
    """
    told = printable((status.message or status.reason or "no message")[:_MOST_MESSAGE])
    code = status.code or code
    asked_s = status.details.retry_after_seconds if status.details else None
    text = f"{what}: {code} {told}"
    if code == HTTPStatus.GONE or status.reason in _EXPIRED_REASONS:
        return Expired(text, code)
    return Refused(text, code, max(retry_after_s, asked_s or 0.0))


async def _refusal(host: str, request: Request, answer: aiohttp.ClientResponse) -> Refused:
    body = await read_at_most(answer, _MOST_ERROR_OCTETS) or b""
    try:
        status = msgspec.json.decode(body, type=Status)
    except UNREADABLE:  # a proxy or load balancer may answer in HTML
        status = Status(reason=answer.reason)
    path = request.path.partition("?")[0]
    retry_after = answer.headers.get("Retry-After", "")
    retry_after_s = (
        float(retry_after) if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 10 else 0.0
    )
    return refused(status, answer.status, f"{host} refused {request.method} {path}", retry_after_s)
