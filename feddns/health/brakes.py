"""The brake on clusters: health withdraws few of them at a time, since many at once are more likely our own mistake."""

from collections import defaultdict, deque
from collections.abc import Collection

from feddns.config.health import ClusterBudget
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName


class ClusterBrake:
    """Counts which services stand in which cluster and which have left it; `now` is seconds since the epoch.

    Args:
        budget: how many clusters may be withdrawn.
        clusters: how many there are.
    """

    def __init__(self, budget: ClusterBudget, clusters: int) -> None:
        self._budget = budget
        self._clusters = clusters
        self._standing: defaultdict[ClusterName, set[ServiceKey]] = defaultdict(set)
        self._leaving: defaultdict[ClusterName, dict[ServiceKey, float]] = defaultdict(dict)
        self._withdrawn: set[ClusterName] = set()
        self._granted: deque[float] = deque()
        self._limit()

    def follow(self, budget: ClusterBudget) -> None:
        """Take another budget."""
        self._budget = budget
        self._limit()

    def attend(self, clusters: Collection[ClusterName]) -> None:
        """Count these clusters from now on, and no others."""
        self._clusters = len(clusters)
        for gone in {*self._standing, *self._leaving, *self._withdrawn}.difference(clusters):
            self._standing.pop(gone, None)
            self._leaving.pop(gone, None)
            self._withdrawn.discard(gone)
        self._limit()

    @property
    def withdrawn(self) -> frozenset[ClusterName]:
        """The clusters that count as withdrawn."""
        return frozenset(self._withdrawn)

    def stands(self, cluster: ClusterName, key: ServiceKey, now: float, *, is_visible: bool) -> None:
        """Note that a service stands in a cluster, and is not about to leave it."""
        self._standing[cluster].add(key)
        self._back(cluster, key, now, is_visible=is_visible)

    def stands_no_more(self, cluster: ClusterName, key: ServiceKey) -> None:
        """Note that the cluster has the service, but that it stands there no more, for whatever cause."""
        self._standing[cluster].discard(key)

    def leaves(self, cluster: ClusterName, key: ServiceKey, now: float) -> None:
        """Note that health is about to withdraw a service from a cluster, or does so now."""
        self._standing[cluster].discard(key)
        leaving = self._leaving[cluster]
        leaving.pop(key, None)  # so that the oldest stay in front
        leaving[key] = now

    def forget(self, cluster: ClusterName, key: ServiceKey, now: float, *, is_visible: bool) -> None:
        """Note that the cluster does not have the service, as far as is known."""
        self._standing[cluster].discard(key)
        self._back(cluster, key, now, is_visible=is_visible)

    def allowed_at(self, cluster: ClusterName, now: float, *, is_visible: bool) -> float:
        """From when on a service that leaves the cluster may be withdrawn; `now` where it may at once.

        Asking counts: where the whole cluster would be withdrawn, and may be, it is.
        """
        if cluster in self._withdrawn or (is_visible and not self._is_mass(cluster, now)):
            return now
        allowed_at = now
        if self._granted:
            allowed_at = max(allowed_at, self._granted[-1] + self._budget.interval)
        if len(self._granted) == self._most:
            allowed_at = max(allowed_at, self._granted[0] + self._budget.window)
        if allowed_at <= now:
            self._granted.append(now)
            self._withdrawn.add(cluster)
        return allowed_at

    def left(self, now: float) -> int:
        """How many clusters may still be withdrawn within the budget's window."""
        return self._most - sum(granted > now - self._budget.window for granted in self._granted)

    def text(self) -> str:
        """The rule and what releases it, for people."""
        budget = self._budget
        return (
            f"budget.clusters lets health withdraw one cluster every {budget.interval:g} s and {self._most} in "
            f"{budget.window:g} s"
        )

    def _limit(self) -> None:
        self._most = max(1, int(self._budget.share * self._clusters))
        self._granted = deque(self._granted, maxlen=self._most)

    def _is_mass(self, cluster: ClusterName, now: float) -> bool:
        leaving = self._leaving[cluster]
        while leaving and next(iter(leaving.values())) <= now - self._budget.window:
            del leaving[next(iter(leaving))]
        return len(leaving) > max(self._budget.at_least, len(self._standing[cluster]))

    def _back(self, cluster: ClusterName, key: ServiceKey, now: float, *, is_visible: bool) -> None:
        leaving = self._leaving[cluster]
        leaving.pop(key, None)
        if cluster in self._withdrawn and (not leaving or (is_visible and not self._is_mass(cluster, now))):
            self._withdrawn.discard(cluster)
