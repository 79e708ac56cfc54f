"""The journal of answers that moved lately: which cluster's, why, and when the zones had it."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import count
from typing import Final, Literal
from weakref import WeakKeyDictionary

from feddns.model.assessments import Assessment
from feddns.model.services import ServiceKey
from feddns.model.status import Failover, Stand
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Verdict

MOST: Final = 100
"""So many are kept."""

_TOGETHER_S: Final = 5.0
"""What follows within so many seconds is the same failover: of a cluster that dies, all services move."""

_LONGEST: Final = 500
"""So many characters of the reason are kept: it may quote what clusters say."""

_NOTHING: Final = Stand((), ())

Kind = Literal["left", "joined", "moved"]


class _Entry:
    """One failover, as far as it has come.

    Attributes:
        told: what is told of it, but for what is known only later.
        until: when the last service joined it.
        services: those that it is about, while more may come.
        count: how many these are.
        waiting: those that are not written yet, by who follows.
        done_at: when the last was written, by who follows.
    """

    def __init__(self, told: Failover) -> None:
        self.told = told
        self.until = told.at
        self.services: set[ServiceKey] = set()
        self.count = 0
        self.waiting: dict[int, set[ServiceKey]] = {}
        self.done_at: dict[int, float] = {}

    def written_at(self, followers: Collection[int]) -> float | None:
        """When all of these had written it; None where one has not."""
        if any(self.waiting.get(follower) for follower in followers):
            return None
        return max((self.done_at[follower] for follower in followers if follower in self.done_at), default=None)


class Failovers:
    """Keeps the last failovers.

    Args:
        clock: tells seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: deque[_Entry] = deque()
        self._open: dict[tuple[ClusterName, Kind], _Entry] = {}
        self._waiting: dict[tuple[int, ServiceKey], list[_Entry]] = {}
        self._followers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._numbers = count()

    def follow(self, follower: object) -> Callable[[ServiceKey], None]:
        """Wait for another zone, too, from now on.

        Args:
            follower: who writes it; while it lives it is waited for.

        Returns:
            What is to be told of each service for which that zone has all that was decided.
        """
        number = self._followers[follower] = next(self._numbers)
        return partial(self._settled, number)

    def record(self, before: Assessment, after: Assessment, at: float) -> None:
        """Take note of what one service's shards answer with otherwise than before."""
        known = {verdict.cluster: verdict for verdict in before.verdicts}
        now = {verdict.cluster: verdict for verdict in after.verdicts}
        for cluster in known.keys() | now.keys():
            last, new = known.get(cluster), now.get(cluster)
            if last is not None and last.shard is None:
                continue  # its answers stood in the zone, and only now it is seen what they are
            if (stood := _stand(last)) != (stands := _stand(new)):
                others = tuple(
                    sorted(other for other, verdict in now.items() if other != cluster and _answers(verdict))
                )
                because = _because(new) if stood.addresses else "it answers"
                self._add(after.key, cluster, (stood, stands), others, because, at)

    def last(self, most: int | None, followers: Iterable[object]) -> Iterator[Failover]:
        """The newest failovers, the newest first.

        Args:
            most: how many at most; None for all.
            followers: those that must have written it for it to be written.
        """
        numbers = {self._followers[follower] for follower in followers if follower in self._followers}
        for entry in list(reversed(self._entries))[:most]:
            told = entry.told
            yield Failover(
                **{field: getattr(told, field) for field in told.__struct_fields__}
                | {"services": entry.count, "until": entry.until, "written_at": entry.written_at(numbers)}
            )

    def _settled(self, follower: int, key: ServiceKey) -> None:
        for entry in self._waiting.pop((follower, key), ()):
            entry.waiting[follower].discard(key)
            entry.done_at[follower] = self._clock()

    def _add(
        self,
        key: ServiceKey,
        cluster: ClusterName,
        stands: tuple[Stand, Stand],
        others: tuple[str, ...],
        because: str,
        at: float,
    ) -> None:
        kind = _kind(*stands)
        entry = self._open.get((cluster, kind))
        if entry is None or at - entry.until > _TOGETHER_S:
            told = Failover(cluster, kind, 1, str(key), *stands, others, because[:_LONGEST], at, at, None)
            entry = self._begin(_Entry(told), (cluster, kind))
        if key not in entry.services:
            entry.services.add(key)
            entry.count += 1
        entry.until = at
        for follower in self._followers.values():
            waiting = entry.waiting.setdefault(follower, set())
            if key not in waiting:
                waiting.add(key)
                self._waiting.setdefault((follower, key), []).append(entry)

    def _begin(self, entry: _Entry, of_what: tuple[ClusterName, Kind]) -> _Entry:
        if (over := self._open.get(of_what)) is not None:
            over.services.clear()
        self._open[of_what] = entry
        self._entries.append(entry)
        if len(self._entries) > MOST:
            self._forget(self._entries.popleft())
        return entry

    def _forget(self, entry: _Entry) -> None:
        for follower, keys in entry.waiting.items():
            for key in keys:
                waiting = self._waiting[follower, key]
                waiting.remove(entry)
                if not waiting:
                    del self._waiting[follower, key]
        entry.waiting.clear()


def _kind(stood: Stand, stands: Stand) -> Kind:
    if not stands.addresses:
        return "left"
    return "moved" if stood.addresses else "joined"


def _answers(verdict: Verdict) -> bool:
    return bool(verdict.addresses or verdict.hostnames)


def _stand(verdict: Verdict | None) -> Stand:
    if verdict is None or not _answers(verdict):
        return _NOTHING
    return Stand((*verdict.addresses, *verdict.hostnames), verdict.zones)


def _because(verdict: Verdict | None) -> str:
    return "the Service is gone from the cluster" if verdict is None else verdict.because
