"""Events beside Services, written to their cluster's API server.

They are core/v1, as k8s.io/client-go/tools/record writes them, which most controllers use: `kubectl describe` and
`kubectl get events` show both kinds alike, and access rules for core/v1 are the ones that clusters have. What is said
again is counted up in the Event that is there (`count`, `lastTimestamp`), as that recorder does.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.failures import Refused
from feddns.clusters.wire import UNREADABLE
from feddns.model.services import ServiceKey
from feddns.telemetry.events import LogEvent, log

_MOST_MESSAGE: Final = 1024  # as validation of Events has it
_CLOSED_S: Final = 600.0
_MOST_COUNTED: Final = 4096  # as client-go's recorder has it
_COMPONENT: Final = "feddns"
# Its Service or namespace has just gone; or it is not to this API server's taste.
_FOR_GOOD: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})


class Saying(msgspec.Struct, frozen=True, gc=False):
    """Something to be said about a Service.

    Attributes:
        uid: of the Service.
        type: `Normal` or `Warning`.
        reason: in CamelCase.
        text: the message.
        subject: what makes it the same that was said before; the text, where that is to be said anew when it changes.
        counts: whether saying it again is news, so that it counts where another process has said it before.
    """

    key: ServiceKey
    uid: str
    type: str
    reason: str
    text: str
    subject: str
    counts: bool

    @property
    def name(self) -> str:
        """The Event's name, the same for all replicas and after a restart."""
        digest = hashlib.sha256(f"{self.uid}\0{self.reason}\0{self.subject}".encode()).hexdigest()[:16]
        return f"{self.key.name[:200]}.{digest}"


class _Counted(msgspec.Struct):
    """What is looked at of an Event."""

    count: int = 1


class Recorder:
    """Writes Events.

    Args:
        cluster: its name, for the log.
        access: the way to its API server.
        clock: gives seconds since the epoch.
    """

    def __init__(self, cluster: str, access: Access, clock: Callable[[], float]) -> None:
        self._cluster = cluster
        self._access = access
        self._clock = clock
        # Of those that another process has written it is not known how often they were said: None.
        self._counts: OrderedDict[str, int | None] = OrderedDict()
        self._closed: dict[tuple[str, str], float] = {}
        self._is_refusal_told = False

    async def say(self, saying: Saying) -> None:
        """Write one Event, or count up the one that is there; where Events are not allowed, nothing is written.

        Raises:
            ClusterError: it may or may not have been written.
        """
        name, is_known = saying.name, saying.name in self._counts
        if not is_known:
            is_known = not await self._create(saying, name) and saying.counts
        if is_known and not await self._count_up(saying, name):
            self._counts.pop(name)  # it has expired, as Events do after an hour
            await self._create(saying, name)

    async def _create(self, saying: Saying, name: str) -> bool:
        """Write a new Event; False where it is there already."""
        path = _path(saying)
        answer = await self._send("create", saying, lambda: self._access.post(path, event(saying, name, self._now())))
        self._remember(name, 1 if answer != HTTPStatus.CONFLICT else None)
        return answer != HTTPStatus.CONFLICT

    async def _count_up(self, saying: Saying, name: str) -> bool:
        """Have the Event that is there tell that it was said again; False where it is gone."""
        path, count = f"{_path(saying)}/{name}", self._counts[name]
        said: dict[str, Any] = {"lastTimestamp": self._now(), "message": saying.text[:_MOST_MESSAGE]}
        if count is None:  # nobody need be allowed to read Events: what a patch comes to is told to who patches
            answer = await self._send("patch", saying, lambda: self._access.merge(path, said))
            count = _count(answer) if isinstance(answer, bytes) else 1
        said["count"] = count + 1
        answer = await self._send("patch", saying, lambda: self._access.merge(path, said))
        if isinstance(answer, bytes):
            self._remember(name, count + 1)
        return answer != HTTPStatus.NOT_FOUND

    def _remember(self, name: str, count: int | None) -> None:
        self._counts[name] = count
        self._counts.move_to_end(name)
        if len(self._counts) > _MOST_COUNTED:
            self._counts.popitem(last=False)

    async def _send(self, verb: str, saying: Saying, send: Callable[[], Any]) -> bytes | int | None:
        """Send one request; gives its answer, the status of a refusal that is for good, or None where it may not be."""
        now, where = self._clock(), (verb, saying.key.namespace)
        if now < self._closed.get(where, now):
            return None
        try:
            answer: bytes = await send()
        except Refused as error:
            if error.status == HTTPStatus.FORBIDDEN:
                self._close(where, now, error)
                return None
            if error.status == HTTPStatus.CONFLICT or error.status in _FOR_GOOD:
                return error.status
            raise
        return answer

    def _close(self, where: tuple[str, str], now: float, error: Refused) -> None:
        """Send nothing of the kind for a while: it is not allowed there, or the namespace is being deleted."""
        self._closed = {place: until for place, until in self._closed.items() if now < until}
        self._closed[where] = now + _CLOSED_S
        if not self._is_refusal_told:
            self._is_refusal_told = True
            log(LogEvent.EVENTS_REFUSED, cluster=self._cluster, error=str(error))

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _path(saying: Saying) -> str:
    return f"/api/v1/namespaces/{saying.key.namespace}/events"


def _count(answer: bytes) -> int:
    try:
        return msgspec.json.decode(answer, type=_Counted).count
    except UNREADABLE:
        return 1


def event(saying: Saying, name: str, time: str) -> Mapping[str, Any]:
    """A core/v1 Event about a Service that says something for the first time."""
    key = saying.key
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": key.namespace},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Service",
            "namespace": key.namespace,
            "name": key.name,
            "uid": saying.uid,
        },
        "type": saying.type,
        "reason": saying.reason,
        "message": saying.text[:_MOST_MESSAGE],
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
    }
