"""One kind of objects of one API server, listed and then watched for as long as the process runs.

The rules are those of client-go's reflector (https://kubernetes.io/docs/reference/using-api/api-concepts/), but that
lists are always consistent reads: the first one cannot show a past that a restart of feddns would then act on.
"""

import asyncio
import random
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

from feddns.clusters.backoff import Backoff
from feddns.clusters.decode import ObjectError
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.failures import Expired, Refused, Unreachable
from feddns.clusters.kubernetes.lines import Lines
from feddns.clusters.kubernetes.resources import Resource
from feddns.clusters.kubernetes.words import ended, name_of
from feddns.clusters.view import ClusterView
from feddns.clusters.wire import UNREADABLE, ObjectList, WatchEvent
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError
from feddns.model.services import Problem
from feddns.telemetry.events import LogEvent, log

_PAGE: Final = 500
_MOST_PAGE_OCTETS: Final = 64 * 2**20
_MOST_OBJECTS: Final = 250_000  # of one kind; https://kubernetes.io/docs/setup/best-practices/cluster-large
_MOST_EMPTY_PAGES: Final = 100
_MOST_EVENT_OCTETS: Final = 8 * 2**20  # etcd takes objects of 1.5 MiB; as JSON they grow, but not that much
_WATCH_S: Final = (240, 480)
_STEADY_S: Final = 1.0  # a watch that has lived so long was a success
_PATIENCE: Final = 3
"""So many times in a row an API server may be busy, or deny what it allows once it has started."""

_MOST_UNREADABLE: Final = 50
_MOST_NAME: Final = 507  # a namespace, a slash and a name of 253 characters each

_LIST: Final = msgspec.json.Decoder(ObjectList)
_EVENT: Final = msgspec.json.Decoder(WatchEvent)


class Reflector:
    """Keeps one kind of objects in a view as the API server has them.

    Args:
        resource: the kind.
        view: where the objects go.
        access: the way to the API server.
        watch: time limits.
        clock: gives seconds since the epoch.
    """

    def __init__(
        self, resource: Resource, view: ClusterView, access: Access, watch: WatchSettings, clock: Callable[[], float]
    ) -> None:
        self._resource = resource
        self._kind = resource.kind
        self._view = view
        self._access = access
        self._clock = clock
        self._backoff = Backoff(watch.longest_backoff)
        self._steady_s = min(_STEADY_S, watch.silence / 2)
        # Where watching is not allowed, lists must come often enough for the cluster not to be lost between them.
        self._list_every_s = min(watch.longest_backoff, watch.lost_after / 3)
        self._query = {**resource.query, **resource.narrowing}
        self._page_size = _PAGE
        self._version = ""
        self._server = ""
        self._added = 0
        self._denials = 0
        self._told = ""
        self._unreadable: set[str] = set()
        self._watching: asyncio.Timeout | None = None

    def list_anew(self) -> None:
        """List everything again, at once: what the watch has told is not to be relied on."""
        self._version = ""
        if self._watching is not None and not self._watching.expired():
            self._watching.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            pause_s = await self._turn()
            await asyncio.sleep(pause_s)

    async def _turn(self) -> float:
        """List if need be, then watch for as long as that lasts; returns the seconds to wait before the next turn."""
        try:
            if not self._version or self._view.is_silent(self._kind, self._clock()):
                # After a long silence a watch would open at once and tell only later what was missed: until then the
                # cluster would count as visible, and look as it was. A list shows what is.
                self._version = ""
                await self._list()
            lived_s = await self._watch()
        except Refused as error:
            return self._refused(error)
        except ClusterError as error:
            return self._failed(error)
        if lived_s < self._steady_s:
            return self._backoff.failed()
        self._backoff.succeeded()
        return 0.0

    async def _list(self) -> None:
        found: dict[Any, Any] = {}
        unreadable: set[str] = set()
        continue_token, empty = "", 0
        while True:
            page = await self._page(continue_token)
            empty += not page.items
            if len(found) > _MOST_OBJECTS or empty > _MOST_EMPTY_PAGES:
                raise ObjectError(f"the list of {self._kind} does not end: {len(found)} objects, {empty} empty pages")
            for raw in page.items or ():
                self._collect(raw, found, unreadable)
            continue_token = page.metadata.continue_token
            if not continue_token:
                break
        if not page.metadata.resource_version:
            raise ObjectError(f"the list of {self._kind} has no resourceVersion")
        for name in self._unreadable - unreadable:
            self._absolve(name)
        self._resource.replace(found, self._clock())
        self._version, self._server = page.metadata.resource_version, self._access.server
        self._added = len(found)
        self._view.blame(self._kind, "list", None)

    async def _page(self, continue_token: str) -> ObjectList:
        query = {**self._query, "limit": str(self._page_size)}
        if continue_token:
            query["continue"] = continue_token
        async with self._access.get(self._resource.path, query, self._resource.list_accept) as answer:
            body = await read_at_most(answer, _MOST_PAGE_OCTETS)
        if body is None:
            text = f"{self._page_size} of {self._kind} have more than {_MOST_PAGE_OCTETS} octets"
            self._page_size = max(1, self._page_size // 10)
            raise ObjectError(f"{text}; they are listed in smaller pages")
        try:
            return _LIST.decode(body)
        except UNREADABLE as error:
            raise ObjectError(f"what should be a list of {self._kind} is none: {error}") from None

    def _collect(self, raw: msgspec.Raw, found: dict[Any, Any], unreadable: set[str]) -> None:
        try:
            ident, facts = self._resource.read(self._resource.decode(raw))
        except ObjectError as error:
            name = self._blame(raw, error)
            unreadable.add(name)
            ident, facts = self._resource.held(name)
        if facts is not None:
            found[ident] = facts

    async def _watch(self) -> float:
        """Watch until the connection ends in whatever way; returns the seconds that it lasted.

        Raises:
            ClusterError: the watch could not be opened, or the API server ended it with an error.
        """
        query = {
            **self._query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(*_WATCH_S)),  # noqa: S311  # spreads load, keeps no secret
        }
        opened_at: float | None = None
        try:
            async with (
                asyncio.timeout(None) as self._watching,
                self._access.get(self._resource.path, query, self._resource.watch_accept) as answer,
            ):
                if self._access.server != self._server:
                    raise self._distrust("what another API server knows")
                opened_at = self._clock()
                self._told = ""
                self._denials = 0
                self._view.blame(self._kind, "watch", None)
                await self._follow(answer)
        except TimeoutError:  # by `list_anew`: nothing has failed
            self._version = ""
            return self._steady_s
        except Unreachable:
            if opened_at is None:
                raise
        finally:
            self._watching = None
        return self._clock() - opened_at

    async def _follow(self, answer: aiohttp.ClientResponse) -> None:
        lines = Lines(_MOST_EVENT_OCTETS)
        self._view.heard(self._kind, self._clock())
        async for piece in answer.content.iter_any():
            self._view.heard(self._kind, self._clock())
            for line in lines.feed(piece):
                self._take_line(line)

    def _take_line(self, line: bytes | None) -> None:
        if line is None:
            raise self._distrust(f"an event of more than {_MOST_EVENT_OCTETS} octets")
        if not line:
            return
        try:
            event = _EVENT.decode(line)
        except UNREADABLE as error:
            raise self._distrust(str(error)) from None
        match event.type:
            case "ADDED" | "MODIFIED" | "DELETED":
                self._count(event.type)
                self._take(event)
            case "BOOKMARK":
                self._version = name_of(event.object).metadata.resource_version or self._version
            case "ERROR":
                raise ended(event.object, f"the watch of {self._kind} ended")
            case other:
                raise self._distrust(f"an event of the unknown type {other[:40]!r}")

    def _count(self, change: str) -> None:
        self._added += (change == "ADDED") - (change == "DELETED")
        if self._added > _MOST_OBJECTS:
            raise self._distrust(f"more than {_MOST_OBJECTS} objects")

    def _take(self, event: WatchEvent) -> None:
        try:
            decoded = self._resource.decode(event.object)
            ident, facts = self._resource.read(decoded)
        except ObjectError as error:
            self._blame(event.object, error)
            return
        if self._unreadable:
            self._absolve(str(ident))
        self._resource.put(ident, None if event.type == "DELETED" else facts)
        self._version = decoded.metadata.resource_version or self._version

    def _distrust(self, what: str) -> ObjectError:
        """An event cannot be read, and it is not known what it was about: only a list can tell."""
        self._version = ""
        return ObjectError(f"the watch of {self._kind} gave {what}; everything is listed again")

    def _blame(self, raw: msgspec.Raw, error: ObjectError) -> str:
        """Report an object that cannot be read; returns its name."""
        meta = name_of(raw).metadata
        name = f"{meta.namespace}/{meta.name}".removeprefix("/")[:_MOST_NAME]
        if name not in self._unreadable and len(self._unreadable) < _MOST_UNREADABLE:
            self._unreadable.add(name)
            text = f"cluster {self._view.name}: {name} of {self._kind} cannot be read and stays as it was: {error}"
            self._view.blame(self._kind, name, Problem("UnreadableObject", text))
            log(LogEvent.PROBLEM, cluster=self._view.name, reason="UnreadableObject", text=text)
        return name

    def _absolve(self, name: str) -> None:
        if name in self._unreadable:
            self._unreadable.remove(name)
            self._view.blame(self._kind, name, None)

    def _refused(self, error: Refused) -> float:
        if isinstance(error, Expired):
            self._version = ""
            return self._backoff.failed()
        if error.status == HTTPStatus.BAD_REQUEST and self._query != self._resource.query:
            self._query = self._resource.query  # an older API server, which cannot select by what we asked
            self._version = ""
            return 0.0
        if error.status == HTTPStatus.FORBIDDEN:
            return self._forbidden(error)
        return self._failed(error, error.retry_after_s)

    def _forbidden(self, error: Refused) -> float:
        verb, denials = "watch" if self._version else "list", self._denials + 1
        pause_s = self._failed(error)
        self._denials = denials
        if denials <= _PATIENCE:
            return pause_s  # an API server that has just started may not know its access rules yet
        text = f"cluster {self._view.name}: its credentials may not {verb} {self._kind}; grant that verb. {error}"
        self._view.blame(self._kind, verb, Problem("MissingPermission", text))
        self._version = ""
        return min(pause_s, self._list_every_s)

    def _failed(self, error: ClusterError, retry_after_s: float = 0.0) -> float:
        """Note the failure; returns the seconds to wait before the next attempt."""
        self._denials = 0
        text = str(error)
        self._view.failed(self._kind, text)
        if text != self._told:
            self._told = text
            log(LogEvent.CLUSTER_UNREADABLE, cluster=self._view.name, kind=str(self._kind), error=text)
        # It may be back with an etcd that was restored: from a version that this has not reached yet, a watch is opened
        # and kept alive, and tells nothing. Who is busy was not away, and a list is more to do.
        is_busy = isinstance(error, Refused) and error.status == HTTPStatus.TOO_MANY_REQUESTS
        if not is_busy or self._backoff.failures >= _PATIENCE:
            self._version = ""
        return self._backoff.failed(retry_after_s)
