"""Whether a cluster is visible, worked out from when its objects were listed and last heard of."""

import enum
from typing import Final

from feddns.model.evidence import Sight


class Kind(enum.StrEnum):
    """The kinds of objects that are observed, as an API server's access rules name them."""

    SERVICES = "services"
    SLICES = "endpointslices.discovery.k8s.io"
    NODES = "nodes"


_STALE: Final = "its API server is ready again, and everything is being listed anew"


class Hearing:
    """When each needed kind was listed and last heard of, and what the API server says of itself.

    Args:
        kinds: the needed ones.
        lost_after_s: seconds of silence of any of them after which the cluster is lost: a service whose endpoints are
            not told any more is as unknown as one whose cluster is gone. Also the seconds for which an API server must
            have said that it is not ready.
        now: in seconds since the epoch, as all other `now` here.
    """

    def __init__(self, kinds: tuple[Kind, ...], lost_after_s: float, now: float) -> None:
        self._kinds = kinds
        self._lost_after_s = lost_after_s
        self._listed: set[Kind] = set()
        self._heard: dict[Kind, float] = {}
        self._failures: dict[Kind, str] = {}
        self._since = now
        self._unready = ""
        self._unready_from: float | None = None
        self._distrusted_at: float | None = None
        self._to_list_anew: set[Kind] = set()

    @property
    def is_complete(self) -> bool:
        """Whether all needed kinds were listed once."""
        return len(self._listed) == len(self._kinds)

    @property
    def heard_at(self) -> float | None:
        """When the kind that has been silent for longest was last heard of; None where one never was."""
        return min(self._heard.values()) if len(self._heard) == len(self._kinds) else None

    def silences(self, now: float) -> dict[Kind, float]:
        """Seconds since each kind was last heard of; none of kinds that never were."""
        return {kind: max(0.0, now - heard_at) for kind, heard_at in self._heard.items()}

    def is_silent(self, kind: Kind, now: float) -> bool:
        """Whether this kind was listed once and has been silent for too long since."""
        return kind in self._listed and now - self._heard[kind] >= self._lost_after_s

    def heard(self, kind: Kind, now: float) -> bool:
        """Note a sign of life of one kind; returns whether the cluster came back to sight by it."""
        before = self.sight(now)[0]
        self._heard[kind] = now
        self._failures.pop(kind, None)
        return self._is_another(before, now)

    def listed(self, kind: Kind, now: float) -> bool:
        """Note that all of one kind is known; returns whether the cluster's sight is another one by it."""
        before = self.sight(now)[0]
        self._heard[kind] = now
        self._failures.pop(kind, None)
        self._listed.add(kind)
        self._to_list_anew.discard(kind)
        if not self._unready and not self._to_list_anew:
            self._distrusted_at = None
        return self._is_another(before, now)

    def failed(self, kind: Kind, reason: str) -> None:
        """Note why this kind cannot be read just now."""
        self._failures[kind] = reason

    def unready(self, reason: str, now: float) -> bool:
        """Note that the API server says it is not ready; returns whether the cluster is lost by it.

        An API server without its etcd goes on serving watches, and what it tells by them is no longer what is. Only
        answers count: for the cluster to be lost they must have said so for long enough from the first to this one.
        """
        before = self.sight(now)[0]
        self._unready = reason
        if self._unready_from is None:
            self._unready_from = now
        if self._distrusted_at is None and now - self._unready_from >= self._lost_after_s:
            self._distrusted_at = now
        return self._is_another(before, now)

    def ready(self) -> bool:
        """Note that the API server no longer says it is not ready; returns whether everything must be listed anew."""
        was_unready = self._unready_from is not None
        self._unready, self._unready_from = "", None
        if not was_unready or self._distrusted_at is None:
            return False
        self._to_list_anew = set(self._kinds)
        return True

    def sight(self, now: float) -> tuple[Sight, float]:
        """The cluster's sight, and since when it is so."""
        if not self.is_complete:
            return Sight.UNSEEN, self._since
        lost_at = min(self._heard.values()) + self._lost_after_s
        if self._distrusted_at is not None:
            lost_at = min(lost_at, self._distrusted_at)
        return (Sight.LOST, lost_at) if now >= lost_at else (Sight.VISIBLE, self._since)

    def reason(self, now: float) -> str:
        """Why the cluster is not visible, for people; empty when it is. Says nothing that changes with every second."""
        sight, _ = self.sight(now)
        if sight is Sight.VISIBLE:
            return ""
        if sight is Sight.UNSEEN:
            blamed = [kind for kind in self._kinds if kind not in self._listed]
            silence = "not listed yet: "
        else:
            blamed = [kind for kind in self._kinds if self.is_silent(kind, now)]
            silence = "nothing heard for too long of "
        failures = dict.fromkeys(self._failures[kind] for kind in blamed if kind in self._failures)
        heard = "; ".join(failures) or (silence + ", ".join(blamed) if blamed else "")
        return "; ".join(filter(None, (self._distrust(), heard)))

    def _distrust(self) -> str:
        if self._distrusted_at is None:
            return ""
        return f"its API server is not ready: {self._unready}" if self._unready else _STALE

    def _is_another(self, before: Sight, now: float) -> bool:
        if self.sight(now)[0] is before:
            return False
        self._since = now
        return True
