"""All clusters' views seen together: what the federation shows of one service."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import msgspec

from feddns.clusters.hostnames import Hostnames
from feddns.clusters.view import ClusterView
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.notices import Notice
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName


class Views:
    """Asks the clusters' views, and keeps track of the host names of their load balancers."""

    def __init__(self, views: Sequence[ClusterView], hostnames: Hostnames) -> None:
        self._views = tuple(views)
        self._hostnames = hostnames
        self._users: dict[str, set[ServiceKey]] = {}
        self._hostnames_of: dict[ServiceKey, frozenset[str]] = {}
        self._states: dict[ClusterName, Sight] = {}

    def keep(self, views: Iterable[ClusterView]) -> None:
        """Ask these clusters' views from now on."""
        self._views = tuple(views)
        names = {view.name for view in self._views}
        self._states = {name: sight for name, sight in self._states.items() if name in names}

    def keys(self) -> Iterable[ServiceKey]:
        """Every service that any cluster shows."""
        return {key for view in self._views for key in view.keys()}  # noqa: SIM118 - a view is no mapping

    def states(self, now: float) -> tuple[ClusterState, ...]:
        """Every cluster as it is seen now, in the order of the configuration."""
        return tuple(view.state(now) for view in self._views)

    def changed_states(self, now: float) -> list[ClusterState]:
        """The clusters whose sight is another one than when this was last asked."""
        changed = [state for state in self.states(now) if self._states.get(state.name) is not state.sight]
        self._states.update((state.name, state.sight) for state in changed)
        return changed

    def all_visible(self, now: float) -> bool:
        """Whether every cluster can be seen."""
        return all(state.sight is Sight.VISIBLE for state in self.states(now))

    def sightings(self, key: ServiceKey, states: Sequence[ClusterState]) -> tuple[Sighting, ...]:
        """What each cluster shows of one service.

        Args:
            key: the service.
            states: what `states` has just said; so that who asks for many services asks for that once.
        """
        shards = [view.shard(key) for view in self._views]
        self._want_hostnames(key, shards)
        return tuple(map(self._sighting, states, shards))

    def reported(self, key: ServiceKey) -> frozenset[Problem]:
        """The problems of one service that the clusters' sources report themselves."""
        shards = (view.shard(key) for view in self._views)
        return frozenset(problem for shard in shards if shard is not None for problem in shard.problems)

    def announce(self, key: ServiceKey, notices: Iterable[tuple[ClusterName, Notice]]) -> None:
        """Have the owners of the Service told, each in its cluster, that something turned."""
        by_name = None
        for cluster, notice in notices:
            by_name = by_name or {view.name: view for view in self._views}
            if (view := by_name.get(cluster)) is not None:
                view.announce(key, notice)

    def concern(self, key: ServiceKey, source: Hashable, problems: Mapping[ClusterName, tuple[Problem, ...]]) -> None:
        """Have it told, beside the Service in these clusters, what one source has to say of what is made of it.

        It takes the place of what the same source has said of the Service before, in all clusters.
        """
        for view in self._views:
            view.concern(key, source, problems.get(view.name, ()))

    def concern_everywhere(self, key: ServiceKey, source: Hashable, problems: tuple[Problem, ...]) -> None:
        """The same in every cluster."""
        for view in self._views:
            view.concern(key, source, problems)

    def users(self, hostname: str) -> Iterable[ServiceKey]:
        """The services that have a load balancer of this host name."""
        return tuple(self._users.get(hostname, ()))

    def _sighting(self, state: ClusterState, shard: Shard | None) -> Sighting:
        if shard is None or not shard.hostnames:
            return Sighting(state, shard)
        answers = {hostname: self._hostnames.addresses(hostname) for hostname in shard.hostnames}
        resolved = {address for addresses in answers.values() for address in addresses or ()}
        unresolved = tuple(hostname for hostname, addresses in answers.items() if addresses is None)
        return Sighting(state, self._with_problems(shard), tuple(sorted(resolved)), unresolved)

    def _with_problems(self, shard: Shard) -> Shard:
        """The shard with what is wrong with its host names."""
        problems = tuple(filter(None, map(self._hostnames.problem, shard.hostnames)))
        return msgspec.structs.replace(shard, problems=shard.problems + problems) if problems else shard

    def _want_hostnames(self, key: ServiceKey, shards: Iterable[Shard | None]) -> None:
        hostnames = frozenset(hostname for shard in shards if shard is not None for hostname in shard.hostnames)
        before = self._hostnames_of.get(key, frozenset())
        if hostnames == before:
            return
        if hostnames:
            self._hostnames_of[key] = hostnames
        else:
            del self._hostnames_of[key]
        for hostname in hostnames - before:
            self._users.setdefault(hostname, set()).add(key)
        for hostname in before - hostnames:
            self._users[hostname].discard(key)
            if not self._users[hostname]:
                del self._users[hostname]
        self._hostnames.want(frozenset(self._users))
