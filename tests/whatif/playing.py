"""Fleets of several services, and scenarios played through with them."""

from collections.abc import Mapping, Sequence

import msgspec
from hypothesis import strategies as st

from feddns.assess import Beliefs, assess
from feddns.config.health import ClusterBudget, DeletionBudget, HealthSettings
from feddns.decide import Policy
from feddns.health.brakes import ClusterBrake
from feddns.health.service import Circumstances
from feddns.model.assessments import NO_HISTORY
from feddns.model.changes import Limits
from feddns.model.evidence import ClusterState, Sighting
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.probing import Probe, ProbeState, TcpProbe, Track
from feddns.model.records import DnsName, RecordSet
from feddns.model.services import ServiceKey, Shard
from feddns.model.topology import ClusterName
from feddns.plan.agenda import Agenda, Terms
from feddns.plan.zone import EMPTY_ZONE
from feddns.whatif.outcome import Outcome, outcome
from feddns.whatif.rhythm import Rhythm
from feddns.whatif.scenario import Scenario, Sightlines, World
from feddns.whatif.simulation import Simulation, Start
from feddns.whatif.zone import Zone
from tests.builders import NOW, a_cluster, a_policy, a_shard, numbered

US, EU, ASIA = a_cluster("us", "us", "us-a"), a_cluster("eu", "eu", "eu-b"), a_cluster("asia", "asia")
LINES = Sightlines(lost_after_s=45.0, silence_s=30.0)
PROBE = Probe(TcpProbe(80))
PASSING = Track(ProbeState.PASSING, NOW - 50, "connected", NOW - 3, 5, succeeded=True)
FAILING = Track(ProbeState.FAILING, NOW - 50, "refused", NOW - 3, 5, failed_from=NOW - 80)

Fleet = Mapping[ServiceKey, Sequence[Sighting]]
"""What each cluster shows of each service."""


def named(*clusters: str) -> frozenset[ClusterName]:
    return frozenset(map(ClusterName, clusters))


def down(*clusters: str) -> Scenario:
    return Scenario(down=named(*clusters))


def drain(*clusters: str) -> Scenario:
    return Scenario(drained=named(*clusters))


def unready(*clusters: str) -> Scenario:
    return Scenario(unready=named(*clusters))


def shown(
    cluster: ClusterState, *addresses: str, number: int = 0, track: Track = PASSING, **fields: object
) -> Sighting:
    """What a cluster shows of a numbered service; each address is probed where the shard has a probe."""
    shard: Shard = a_shard(cluster.name, *addresses, key=numbered(number), **fields)  # type: ignore[arg-type]  # as a_shard has it
    return Sighting(cluster, shard, probed=dict.fromkeys(addresses, track) if shard.probe else {})


def one(*sightings: Sighting) -> Fleet:
    """A fleet with one service."""
    return {numbered(0): sightings}


class Play:
    """A scenario and how it begins; `run` plays it through."""

    def __init__(
        self,
        fleet: Fleet,
        scenario: Scenario,
        *,
        rules: HealthSettings | None = None,
        budget: ClusterBudget | None = None,
        deletions: DeletionBudget | None = None,
        orders: Orders = NO_ORDERS,
        rhythm: Rhythm | None = None,
        policy: Policy | None = None,
        concurrency: int = 256,
        more: Sequence[ClusterState] = (),
    ) -> None:
        self.scenario = scenario
        self.policy = policy or a_policy("fed")
        self._rules = rules or HealthSettings()
        self._budget = budget or ClusterBudget()
        self._orders = orders
        self.states = tuple({each.cluster.name: each.cluster for every in fleet.values() for each in every}.values())
        self.states = (*self.states, *more)
        absent = [Sighting(each, None) for each in more]
        beliefs = self.beliefs()
        self.assessments = {
            key: assess(key, (*sightings, *absent), NO_HISTORY, NOW, beliefs) for key, sightings in fleet.items()
        }
        agenda = Agenda(Terms(self.policy.names, "me", deletions or DeletionBudget(share=1.0)))
        agenda.read(EMPTY_ZONE)
        self.zone = Zone(self.policy, agenda, {}, rhythm or Rhythm(Limits(1_000, 100_000)))
        start = Start(tuple(self.assessments.values()), self.states, self.beliefs(), NOW, LINES, concurrency)
        self.simulation = Simulation(start, scenario, [self.zone])

    def beliefs(self) -> Beliefs:
        """What services are assessed by, with a brake of its own."""
        brake = ClusterBrake(self._budget, len(self.states))
        return Beliefs(self.policy.dns, Circumstances(self._rules, brake, self._orders), (self.policy.names,))

    def world(self) -> World:
        """The clusters as they are seen."""
        return World(self.scenario, self.states, NOW, LINES)

    def run(self) -> Outcome:
        self.simulation.run()
        return outcome(self.zone, self.simulation)

    def answers(self) -> dict[ServiceKey, tuple[RecordSet, ...]]:
        """What the zone has in the end, but for TTLs."""
        return {key: without_ttl(self.zone.agenda.published(key)) for key in self.assessments}


def without_ttl(records: Sequence[RecordSet]) -> tuple[RecordSet, ...]:
    return tuple(msgspec.structs.replace(each, ttl=0) for each in records)


def values(records: Sequence[RecordSet], name: DnsName | None = None) -> set[str]:
    return {value for each in records if name in {None, each.name} for value in each.values}


tracks = st.sampled_from((PASSING, PASSING, PASSING, FAILING, Track()))


@st.composite
def fleets(draw: st.DrawFn, clusters: Sequence[str] = ("a", "b", "c", "d"), services: int = 3) -> Fleet:
    """Some services in some clusters, most of them healthy; every load balancer has an address of its own."""
    states = [a_cluster(name, draw(st.sampled_from(("", "eu", "us"))), "z") for name in clusters]
    fleet: dict[ServiceKey, Sequence[Sighting]] = {}
    for number in range(draw(st.integers(1, services))):
        probe = draw(st.sampled_from((None, PROBE, PROBE)))
        fleet[numbered(number)] = [
            shown(
                state,
                f"192.0.2.{10 * number + index}",
                number=number,
                track=draw(tracks),
                ready=draw(st.sampled_from((0, 2, 2, 2))),
                probe=probe,
            )
            if draw(st.integers(0, 3))
            else Sighting(state, None)
            for index, state in enumerate(states)
        ]
    return fleet


@st.composite
def scenarios(draw: st.DrawFn, clusters: Sequence[str] = ("a", "b", "c", "d")) -> Scenario:
    some = st.frozensets(st.sampled_from([ClusterName(each) for each in clusters]), max_size=2)
    return Scenario(down=draw(some), unready=draw(some), drained=draw(some))
