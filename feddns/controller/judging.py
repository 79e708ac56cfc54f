"""What is believed of every service: judged once for all targets, and judged again when time alone asks for it."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from feddns.assess import Beliefs, assess
from feddns.config.settings import Settings
from feddns.controller.failovers import Failovers
from feddns.controller.notices import of_verdicts
from feddns.controller.touched import Everyone
from feddns.controller.verdicts import tell_changes
from feddns.controller.views import Views
from feddns.health.condition import ready_zones
from feddns.health.cutoff import is_cut_off
from feddns.model.assessments import NO_HISTORY, Assessment, ShardHistory
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.orders import Orders
from feddns.model.probing import Probe, Track
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Health
from feddns.naming import Names
from feddns.records.recalled import recalled

_A_HAIR_S = 0.001
"""Timers may fire that much before their time."""

User = tuple[ClusterName, ServiceKey]
"""Whose addresses are probed."""

Published = Callable[[ServiceKey], Iterable[RecordSet]]
"""Gives the record sets that a DNS zone has for a service."""


class Probes(Protocol):
    """What probes addresses."""

    def want(self, user: User, targets: Mapping[str, Probe]) -> None:
        """Say which addresses are to be probed for a user, and how; nothing ends it."""

    def tracks(self, user: User) -> Mapping[str, Track]:
        """What probes have found so far, by address."""


class Judging:
    """Owns what is believed.

    Args:
        views: what the clusters show.
        probes: what probes their load balancers.
        beliefs: what all services are assessed by.
        touched: told of services that are to be looked at again because time went by.
        clock: tells seconds since the epoch.

    Attributes:
        failovers: the answers that moved lately.
    """

    def __init__(
        self, views: Views, probes: Probes, beliefs: Beliefs, touched: Everyone, clock: Callable[[], float]
    ) -> None:
        self._views = views
        self._probes = probes
        self._beliefs = beliefs
        self._touched = touched
        self._clock = clock
        self.failovers = Failovers(clock)
        self._kept: dict[ServiceKey, Assessment] = {}
        self._current: set[ServiceKey] = set()
        self._probed: set[User] = set()
        self._published: list[Published] = []
        self._dues: list[tuple[float, ServiceKey]] = []
        self._earlier = asyncio.Event()

    @property
    def orders(self) -> Orders:
        """What operators have ordered."""
        return self._beliefs.circumstances.orders

    def order(self, orders: Orders) -> None:
        """Judge everything again under these orders."""
        self._beliefs = self._beliefs.under(orders=orders)
        self._touched.everything()

    def follow(self, settings: Settings, names: tuple[Names, ...]) -> None:
        """Judge everything again by these settings, for these names."""
        self._beliefs.circumstances.brake.follow(settings.budget.clusters)
        changed = msgspec.structs.replace(self._beliefs, dns=settings.dns, names=names)
        self._beliefs = changed.under(rules=settings.health)
        self._touched.everything()

    def attend(self, clusters: Collection[ClusterName]) -> None:
        """Judge everything again over these clusters and no others."""
        self._beliefs.circumstances.brake.attend(clusters)
        for user in [user for user in self._probed if user[0] not in clusters]:
            self._probed.discard(user)
            self._probes.want(user, {})
        self._touched.everything()

    @contextmanager
    def recalling(self, published: Published) -> Iterator[None]:
        """Know from a DNS zone, for a while, what answered before this process was there to see it."""
        self._published.append(published)
        try:
            yield
        finally:
            self._published.remove(published)

    # --- told what changes, before those who look at it again

    def service(self, key: ServiceKey) -> None:
        """One service changed."""
        self._current.discard(key)

    def services(self, keys: Iterable[ServiceKey]) -> None:
        """Many services changed."""
        self._current.difference_update(keys)

    def everything(self) -> None:
        """Something that concerns all services changed."""
        self._current.clear()

    # --- asked by the targets' loops, and by commands that look once

    def look(self, keys: Iterable[ServiceKey]) -> None:
        """Have the addresses of these services probed, and believe nothing yet."""
        states = self._views.states(self._clock())
        for key in keys:
            for sighting in self._views.sightings(key, states):
                self._with_probes(key, sighting, None)

    def keys(self) -> Iterable[ServiceKey]:
        """Every service that something is remembered of."""
        return self._kept.keys()

    def believed(self, key: ServiceKey) -> Assessment | None:
        """What was last believed of a service; judges nothing."""
        return self._kept.get(key)

    def assessments(self, keys: Iterable[ServiceKey]) -> list[Assessment]:
        """What is believed of these services now."""
        now = self._clock()
        states = self._views.states(now)
        cut_off = is_cut_off(states)
        if cut_off is not self._beliefs.circumstances.is_cut_off:
            self._beliefs = self._beliefs.under(is_cut_off=cut_off)
            self._current.clear()
        return [self._assessment(key, states, now) for key in keys]

    def _assessment(self, key: ServiceKey, states: Sequence[ClusterState], now: float) -> Assessment:
        kept = self._kept.get(key)
        if kept is not None and key in self._current and (kept.due is None or now < kept.due):
            return kept
        history = NO_HISTORY if kept is None else kept.history
        sightings = []
        for sighting in self._views.sightings(key, states):
            before = history.shards.get(sighting.cluster.name)
            seen = self._recalled(key, sighting) if before is None and sighting.shard is not None else sighting
            sightings.append(self._with_probes(key, seen, before))
        found = assess(key, sightings, history, now, self._beliefs)
        if kept is not None:
            tell_changes(kept, found, now)
            self._views.announce(key, of_verdicts(kept, found))
            self.failovers.record(kept, found, now)
        if found.holds or (kept is not None and kept.holds):
            self._views.concern(key, self, {cluster: (problem,) for cluster, problem in found.holds.items()})
        self._keep(found)
        return found

    def _keep(self, found: Assessment) -> None:
        key = found.key
        if found.verdicts or found.history.shards:
            self._kept[key] = found
            self._current.add(key)
        else:
            self._kept.pop(key, None)
            self._current.discard(key)
        if found.due is not None:
            heapq.heappush(self._dues, (found.due, key))
            if self._dues[0][1] is key:
                self._earlier.set()

    def _recalled(self, key: ServiceKey, sighting: Sighting) -> Sighting:
        """The sighting of a shard that nobody here remembers, with where it answers though it is not ready there."""
        shard, topology = sighting.shard, sighting.cluster.topology
        if shard is None or (shard.ready.total and ready_zones(shard.ready, topology) == topology.zones):
            return sighting
        records = [each for published in self._published for each in published(key)]
        return msgspec.structs.replace(sighting, recalled=recalled(sighting, records, self._beliefs.names))

    def _with_probes(self, key: ServiceKey, sighting: Sighting, before: ShardHistory | None) -> Sighting:
        """The sighting with what probes say of the shard's addresses: those it has, or had last."""
        cluster = sighting.cluster.name
        last = before if sighting.cluster.sight is Sight.LOST else None
        shard = sighting.shard if last is None else last.shard
        resolved = sighting.resolved if before is None else before.resolved_by(sighting)
        if shard is None or shard.probe is None:
            if (cluster, key) in self._probed:
                self._probed.discard((cluster, key))
                self._probes.want((cluster, key), {})
            return sighting
        addresses = (*shard.addresses, *resolved)
        if not addresses and before is not None:
            addresses = (*before.shard.addresses, *before.resolved)
        self._probed.add((cluster, key))
        self._probes.want((cluster, key), dict.fromkeys(addresses, shard.probe))
        return msgspec.structs.replace(sighting, probed=self._probes.tracks((cluster, key)))

    # --- what time alone changes

    async def run(self) -> None:
        """Have services looked at again when they are due, until cancelled."""
        while True:
            self._earlier.clear()
            due = self.touch_due()
            try:
                async with asyncio.timeout(None if due is None else max(due - self._clock(), 0.0) + _A_HAIR_S):
                    await self._earlier.wait()
            except TimeoutError:
                continue

    def touch_due(self) -> float | None:
        """Have looked at again what is due; returns when the next one is."""
        now = self._clock()
        while self._dues and self._dues[0][0] <= now:
            due, key = heapq.heappop(self._dues)
            kept = self._kept.get(key)
            if kept is not None and kept.due == due:
                self._touched.service(key)
        return self._dues[0][0] if self._dues else None

    # --- for people

    def verdicts(self) -> Counter[tuple[ClusterName, Health]]:
        """How many shards of each cluster are believed to be what."""
        return Counter(
            (verdict.cluster, verdict.health)
            for kept in self._kept.values()
            for verdict in kept.verdicts
            if verdict.shard is not None
        )

    @property
    def clusters_withdrawn(self) -> int:
        """How many clusters health has withdrawn."""
        return len(self._beliefs.circumstances.brake.withdrawn)

    def cluster_budget_left(self, now: float) -> int:
        """How many more clusters health may withdraw for now."""
        return self._beliefs.circumstances.brake.left(now)

    def holds(self) -> Counter[Brake]:
        """How many shards each brake keeps in the answers."""
        return Counter(
            pending.brake
            for kept in self._kept.values()
            for verdict in kept.verdicts
            for pending in verdict.pending
            if pending.brake is not None
        )
