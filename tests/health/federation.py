"""A federation in one process: what is true of it, what feddns believes of that, and the zone that follows."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import hypothesis
import msgspec

from feddns.assess import Beliefs, assess
from feddns.config.health import ClusterBudget, HealthSettings
from feddns.decide import decide
from feddns.health.brakes import ClusterBrake
from feddns.health.cutoff import is_cut_off
from feddns.health.service import Circumstances
from feddns.health.tracks import tested
from feddns.model.assessments import NO_HISTORY, Assessment, History
from feddns.model.decisions import Decision, Memory
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.probing import UNTESTED, Probe, ProbeState, TcpProbe, Track
from feddns.model.records import ADDRESS_TYPES, CNAME, RecordSet
from feddns.model.services import ReadyEndpoints, ServiceKey, Shard
from feddns.model.topology import GLOBAL, ClusterName, Topology
from feddns.model.verdicts import Verdict
from feddns.records.recalled import recalled
from tests.builders import NOW, a_policy

PLACES: Final = {
    "c1": Topology("eu", ("eu-a", "eu-b")),
    "c2": Topology("eu", ("eu-a",)),
    "c3": Topology("us", ("us-a", "us-b")),
    "c4": Topology(),
    "c5": Topology("asia"),
}
"""Where clusters stand: two in one region, two in one zone, one that counts for the global name alone."""

PROBE: Final = Probe(TcpProbe(443), rise=2, fall=2)
POLICY: Final = a_policy()
RULES: Final = HealthSettings(
    settle=3.0,
    load_balancer_hold=300.0,
    hold_down=5.0,
    longest_hold_down=300.0,
    hold_down_decay=600.0,
    witness=60.0,
)
"""So that numbers in tests stay what they are whatever the defaults become."""

Place = tuple[str, ServiceKey]
"""One service in one cluster."""


def some_examples(share: int) -> int:
    """This share of the examples that the profile asks for, for a test in which each takes long."""
    return max(5, hypothesis.settings().max_examples // share)


def key(number: int) -> ServiceKey:
    return ServiceKey("shop", f"s{number}")


def address(cluster: str, number: int, which: int = 0) -> str:
    """An address of a service's load balancer, which no other has."""
    return f"10.{cluster[1:]}.{number}.{which}"


class Federation:
    """Clusters that change as told, and a feddns that is told of it; time goes on as told.

    Args:
        clusters: how many, of those in `PLACES`.
        services: how many; each is in every cluster, healthy.
        rules: how health is judged.
        budget: how many clusters may go.
        probed: whether load balancers are probed.

    Attributes:
        now: in seconds since the epoch.
        sights: of each cluster, and since when.
        shards: what each cluster has.
        tracks: what probes have found.
        heard: when API servers were last heard of; always now for those that are not in it.
        zone: what is published, by service.
        assessments: the last one of each service.
        decisions: the last one of each service.
        is_late: whether what is decided waits for `write`.
        is_probing: whether probes go on to find what they found last.
        writes: how often the zone was changed.
    """

    def __init__(
        self,
        clusters: int = 3,
        services: int = 1,
        rules: HealthSettings | None = None,
        budget: ClusterBudget | None = None,
        *,
        probed: bool = False,
    ) -> None:
        self.now = NOW
        self.rules = rules or RULES
        self.budget = budget or ClusterBudget()
        self.keys = [key(number) for number in range(services)]
        self.sights = dict.fromkeys(list(PLACES)[:clusters], (Sight.VISIBLE, NOW))
        self.shards = {
            (cluster, each): self.fresh(cluster, number, probed=probed)
            for cluster in self.sights
            for number, each in enumerate(self.keys)
        }
        self.tracks: dict[Place, dict[str, Track]] = {}
        self.heard: dict[str, float] = {}
        self.orders: Orders = NO_ORDERS
        self.zone: dict[ServiceKey, tuple[RecordSet, ...]] = {}
        self.assessments: dict[ServiceKey, Assessment] = {}
        self.decisions: dict[ServiceKey, Decision] = {}
        self.writes = 0
        self.is_late = False
        self.is_probing = True
        self.brake = self._a_brake()

    @property
    def clusters(self) -> list[str]:
        return list(self.sights)

    def fresh(self, cluster: str, number: int, *, probed: bool) -> Shard:
        """A Service that was created long ago, with one endpoint in each zone."""
        zones = PLACES[cluster].zones
        ready = ReadyEndpoints(max(1, len(zones)), tuple((zone, 1) for zone in zones))
        addresses = (address(cluster, number),)
        probe = PROBE if probed else None
        return Shard(key(number), ClusterName(cluster), addresses, ready=ready, created_at=NOW - 9e6, probe=probe)

    # --- what becomes true

    def set(self, place: Place, **fields: object) -> None:
        """A Service, its status or its endpoints are so from now on."""
        self.shards[place] = msgspec.structs.replace(self.shards[place], **fields)

    def set_ready(self, place: Place, zones: Iterable[str] | None = None) -> None:
        """A shard has an endpoint in each of these zones, by default in all of its cluster; in none, it has none."""
        own = PLACES[place[0]].zones
        zones = own if zones is None else tuple(sorted(set(zones)))
        total = max(1, len(zones)) if zones or not own else 0
        self.set(place, ready=ReadyEndpoints(total, tuple((zone, 1) for zone in zones), not_ready=1))

    def set_unready(self, place: Place) -> None:
        self.set(place, ready=ReadyEndpoints(0, (), 2))

    def see(self, cluster: str, sight: Sight) -> None:
        if self.sights[cluster][0] is not sight:
            self.sights[cluster] = (sight, self.now)

    def probe(self, place: Place, which: str, *, succeeded: bool, times: int = 1) -> None:
        """Probes of an address find something."""
        for _ in range(times):
            track = self.tracks.setdefault(place, {}).get(which, UNTESTED)
            self.tracks[place][which] = tested(track, succeeded=succeeded, text="tested", now=self.now, probe=PROBE)

    def probe_all(self, *, times: int = 1) -> None:
        """Probes of all addresses are answered, so that none is untested."""
        for place, shard in self.shards.items():
            if shard.probe is not None:
                for each in shard.addresses:
                    self.probe(place, each, succeeded=True, times=times)

    def restart(self) -> None:
        """Lose everything that is not in the zone."""
        self.assessments, self.decisions, self.tracks = {}, {}, {}
        self.sights = dict.fromkeys(self.sights, (Sight.UNSEEN, self.now))
        self.brake = self._a_brake()

    # --- what feddns does

    def sightings(self, each: ServiceKey) -> tuple[Sighting, ...]:
        return tuple(self._sighting(cluster, each) for cluster in self.sights)

    def circumstances(self) -> Circumstances:
        cut_off = is_cut_off([self._state(cluster) for cluster in self.sights])
        return Circumstances(self.rules, self.brake, self.orders, cut_off)

    def history(self, each: ServiceKey) -> History:
        found = self.assessments.get(each)
        return NO_HISTORY if found is None else found.history

    def turn(self, keys: Sequence[ServiceKey] | None = None) -> None:
        """Look at these services, by default at all, and write what comes of it, now or at the next `write`."""
        if self.is_probing:
            self.tracks = {place: self._asked_again(found) for place, found in self.tracks.items()}
        for each in self.keys if keys is None else keys:
            self.assess(each, self.sightings(each))
        if not self.is_late:
            self.write()

    def assess(self, each: ServiceKey, sightings: Sequence[Sighting]) -> None:
        """Assess a service that is seen so, and decide what it should have."""
        beliefs = Beliefs(POLICY.dns, self.circumstances(), (POLICY.names,))
        found = assess(each, sightings, self.history(each), self.now, beliefs)
        memory: Memory = self.decisions[each].memory if each in self.decisions else {}
        self.assessments[each] = found
        self.decisions[each] = decide(found, self.zone.get(each, ()), memory, POLICY)

    def write(self) -> None:
        """Write what was decided."""
        for each, decision in self.decisions.items():
            if self.zone.get(each, ()) != decision.records:
                self.zone[each] = decision.records
                self.writes += 1

    def due(self) -> float | None:
        """When the next service is due."""
        return min((found.due for found in self.assessments.values() if found.due is not None), default=None)

    def pass_time(self, seconds: float, *, most_turns: int = 1000) -> None:
        """Time goes by; what is due is looked at when it is."""
        end = self.now + seconds
        for _ in range(most_turns):
            due = self.due()
            if due is None or due > end:
                self.now = end
                return
            self.now = max(self.now, due)
            self.turn([each for each, found in self.assessments.items() if found.due is not None and found.due <= due])
        raise AssertionError("feddns looks again and again")

    def fork(self) -> "Federation":
        """Another one that goes its own way from here; what is in it is never changed in place, but for the brake."""
        other = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict):
                setattr(other, name, dict(value))
        other.tracks = {place: dict(tracks) for place, tracks in self.tracks.items()}
        other.brake = copy.deepcopy(self.brake)
        return other

    # --- what comes of it

    def verdict(self, place: Place) -> Verdict:
        return next(each for each in self.assessments[place[1]].verdicts if each.cluster == place[0])

    def verdicts(self) -> Iterator[tuple[Place, Verdict]]:
        for each, found in self.assessments.items():
            for verdict in found.verdicts:
                yield (verdict.cluster, each), verdict

    def answering(self, each: ServiceKey) -> frozenset[str]:
        """The clusters whose shards answer, as judged."""
        return frozenset(found.cluster for found in self.assessments[each].verdicts if found.addresses)

    def published(self, each: ServiceKey) -> frozenset[str]:
        """The addresses of a service's global name in the zone."""
        return addresses(self.zone.get(each, ()), each)

    def decided(self, each: ServiceKey) -> frozenset[str]:
        """The same as it should be."""
        return addresses(self.decisions[each].records, each)

    def failing(self, place: Place) -> frozenset[str]:
        """The addresses that probes speak against."""
        found = self.tracks.get(place, {})
        return frozenset(which for which, track in found.items() if track.state is ProbeState.FAILING)

    def is_failing(self, place: Place, which: str) -> bool:
        return which in self.failing(place)

    def _asked_again(self, found: dict[str, Track]) -> dict[str, Track]:
        """What probes have found when they have just found the same again."""
        return {which: msgspec.structs.replace(track, tested_at=self.now) for which, track in found.items()}

    def _a_brake(self) -> ClusterBrake:
        return ClusterBrake(self.budget, len(self.sights))

    def _state(self, cluster: str) -> ClusterState:
        sight, since = self.sights[cluster]
        return ClusterState(ClusterName(cluster), sight, since, PLACES[cluster], heard_at=self.heard.get(cluster))

    def _sighting(self, cluster: str, each: ServiceKey) -> Sighting:
        state = self._state(cluster)
        shard = self.shards.get((cluster, each)) if state.sight is Sight.VISIBLE else None
        before = self.history(each).shards.get(state.name)
        last = recalled(Sighting(state, shard), self.zone.get(each, ()), (POLICY.names,)) if before is None else ()
        known = before.shard if before is not None and (shard is None or not shard.addresses) else shard
        if known is None or known.probe is None or state.sight is Sight.UNSEEN:
            return Sighting(state, shard, recalled=last)
        tracks = self.tracks.get((cluster, each), {})
        probed = {which: tracks.get(which, UNTESTED) for which in known.addresses}
        return Sighting(state, shard, probed=probed, recalled=last)


def addresses(records: Iterable[RecordSet], each: ServiceKey) -> frozenset[str]:
    """The addresses of a service's global name; a host name that it leads to counts as one."""
    name = POLICY.names.name(each, GLOBAL)
    return frozenset(
        value
        for record_set in records
        if record_set.name == name and record_set.type in {*ADDRESS_TYPES, CNAME}
        for value in record_set.values
    )
