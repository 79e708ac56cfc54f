"""A few objects of one kind, listed and then watched: what a ConfigMap, a Lease or a handful of Secrets takes.

The federation's own Services and endpoints, thousands of them, have `reflector.py`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple, Protocol, TypeVar

import aiohttp
import msgspec

from feddns.clusters.backoff import Backoff
from feddns.clusters.kubernetes.access import Access, refused
from feddns.clusters.kubernetes.bodies import read_at_most
from feddns.clusters.kubernetes.failures import Unreachable
from feddns.clusters.kubernetes.lines import Lines
from feddns.clusters.wire import UNREADABLE, ObjectList, Status, WatchEvent
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError

T = TypeVar("T")

MOST_OCTETS: Final = 8 * 2**20
"""Of one list or event: an object has at most 1.5 MiB, which as JSON may be some times as much."""

_WATCH_S: Final = 300
_PAGE: Final = 100
_MOST_PAGES: Final = 100
_LONGEST_PAUSE_S: Final = 5.0
_STEADY_S: Final = 1.0
"""A watch that has lived so long was a success."""


class Followed(Protocol):
    """What is told of the objects; it may raise ClusterError, which ends the watch."""

    def listed(self, objects: Sequence[msgspec.Raw]) -> None:
        """These are all that there are."""

    def put(self, each: msgspec.Raw) -> None:
        """This one is new, or has changed."""

    def gone(self, each: msgspec.Raw) -> None:
        """This one was deleted."""


async def list_objects(access: Access, path: str, query: Mapping[str, str]) -> tuple[list[msgspec.Raw], str]:
    """All objects, and the resource version of the list.

    Raises:
        ClusterError: they cannot be read.
    """
    found: list[msgspec.Raw] = []
    token, pages = "", 0
    while True:
        page_query = {**query, "limit": str(_PAGE)} | ({"continue": token} if token else {})
        async with access.get(path, page_query) as answer:
            page = decoded(await read_at_most(answer, MOST_OCTETS), ObjectList)
        found.extend(page.items or ())
        pages += 1
        if pages > _MOST_PAGES:
            raise ClusterError(f"the list of {path} does not end: {len(found)} objects in {pages} pages")
        token = page.metadata.continue_token
        if not token:
            return found, page.metadata.resource_version


class Objects(NamedTuple):
    """Which objects are meant: the path of their lists and watches, and what limits these."""

    path: str
    query: Mapping[str, str]


async def follow(
    access: Access, objects: Objects, followed: Followed, watch: WatchSettings, trouble: Callable[[ClusterError], None]
) -> None:
    """List all objects and tell of changes, and begin again whenever the watch ends, until cancelled.

    Where watching is not allowed, lists are what is left.

    Args:
        access: the way to the API server.
        objects: which.
        followed: told of them.
        watch: time limits.
        trouble: told each time that they cannot be listed or watched.
    """
    backoff = Backoff(min(_LONGEST_PAUSE_S, watch.longest_backoff))
    while True:
        pause_s = 0.0
        try:
            lived_s = await _turn(access, objects, followed)
        except ClusterError as error:
            trouble(error)
            pause_s = backoff.failed()
        else:
            if lived_s < min(_STEADY_S, watch.silence / 2):
                pause_s = backoff.failed()
            else:
                backoff.succeeded()
        await asyncio.sleep(pause_s)


async def _turn(access: Access, wanted: Objects, followed: Followed) -> float:
    """List, and watch until the connection ends in whatever way; returns the seconds that the watch lasted."""
    path, query = wanted
    clock = asyncio.get_running_loop().time
    objects, version = await list_objects(access, path, query)
    followed.listed(objects)
    opened_at: float | None = None
    watch = {
        **query,
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": version,
        "timeoutSeconds": str(_WATCH_S),
    }
    try:
        async with access.get(path, watch) as answer:
            opened_at = clock()
            await _tell(answer, followed, path)
    except Unreachable:
        if opened_at is None:
            raise
    return clock() - opened_at


async def _tell(answer: aiohttp.ClientResponse, followed: Followed, path: str) -> None:
    lines = Lines(MOST_OCTETS)
    tell: Mapping[str, Callable[[msgspec.Raw], None]] = {
        "ADDED": followed.put,
        "MODIFIED": followed.put,
        "DELETED": followed.gone,
    }
    async for piece in answer.content.iter_any():
        for line in lines.feed(piece):
            if line == b"":
                continue
            event = decoded(line, WatchEvent)
            if event.type == "ERROR":
                status = decoded(bytes(event.object), Status)
                raise refused(status, HTTPStatus.INTERNAL_SERVER_ERROR, f"the watch of {path} ended")
            if event.type in tell:
                tell[event.type](event.object)


def decoded(octets: bytes | None, kind: type[T]) -> T:
    """What an API server has said.

    Args:
        octets: None where it was too much to be read.
        kind: what it should be.

    Raises:
        ClusterError: it is not.
    """
    if octets is None:
        raise ClusterError(f"more than {MOST_OCTETS} octets")
    try:
        return msgspec.json.decode(octets, type=kind)
    except UNREADABLE as error:
        raise ClusterError(f"the API server's answer cannot be read: {error}") from None
