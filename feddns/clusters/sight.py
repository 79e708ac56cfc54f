"""Whether a cluster is visible, worked out from when its objects were listed and last heard of."""

import enum

from feddns.model.evidence import Sight


class Kind(enum.StrEnum):
    """The kinds of objects that are observed, as an API server's access rules name them."""

    SERVICES = "services"
    SLICES = "endpointslices.discovery.k8s.io"
    NODES = "nodes"


class Hearing:
    """When each needed kind was listed and last heard of.

    Args:
        kinds: the needed ones.
        lost_after_s: seconds of silence of any of them after which the cluster is lost: a service whose endpoints are
            not told any more is as unknown as one whose cluster is gone.
        now: in seconds since the epoch, as all other `now` here.
    """

    def __init__(self, kinds: tuple[Kind, ...], lost_after_s: float, now: float) -> None:
        self._kinds = kinds
        self._lost_after_s = lost_after_s
        self._listed: set[Kind] = set()
        self._heard: dict[Kind, float] = {}
        self._failures: dict[Kind, str] = {}
        self._since = now

    @property
    def is_complete(self) -> bool:
        """Whether all needed kinds were listed once."""
        return len(self._listed) == len(self._kinds)

    def is_silent(self, kind: Kind, now: float) -> bool:
        """Whether this kind was listed once and has been silent for too long since."""
        return kind in self._listed and now - self._heard[kind] >= self._lost_after_s

    def heard(self, kind: Kind, now: float) -> bool:
        """Note a sign of life of one kind; returns whether the cluster came back to sight by it."""
        was_lost = self.sight(now)[0] is Sight.LOST
        self._heard[kind] = now
        self._failures.pop(kind, None)
        back = was_lost and self.sight(now)[0] is Sight.VISIBLE
        if back:
            self._since = now
        return back

    def listed(self, kind: Kind, now: float) -> bool:
        """Note that all of one kind is known; returns whether the cluster came to sight by it."""
        was_complete = self.is_complete
        back = self.heard(kind, now)
        self._listed.add(kind)
        if was_complete or not self.is_complete:
            return back
        self._since = now
        return True

    def failed(self, kind: Kind, reason: str) -> None:
        """Note why this kind cannot be read just now."""
        self._failures[kind] = reason

    def sight(self, now: float) -> tuple[Sight, float]:
        """The cluster's sight, and since when it is so."""
        if not self.is_complete:
            return Sight.UNSEEN, self._since
        lost_at = min(self._heard[kind] for kind in self._kinds) + self._lost_after_s
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
        return "; ".join(failures) or silence + ", ".join(blamed)
