"""Gathers how things stand from one look, for `feddns whatif` to play out what would become of it."""

from collections.abc import Mapping
from typing import NamedTuple

from feddns.assess import Beliefs
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.controller import once
from feddns.controller.assemble import Federation
from feddns.controller.once import Planned
from feddns.controller.sight import GLANCE_S
from feddns.controller.targets import Target
from feddns.errors import ProviderError
from feddns.model.changes import Change
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.orders.outlook import outlook
from feddns.providers.installed import provider_class
from feddns.whatif.outcome import Outcome, outcome
from feddns.whatif.rhythm import Rhythm
from feddns.whatif.scenario import Scenario, Sightlines
from feddns.whatif.simulation import Simulation, Start
from feddns.whatif.zone import Zone


class Standing(NamedTuple):
    """How things stand.

    Attributes:
        zones: those that could be read, by their targets' names.
        pending: what is not written yet, likewise.
        failures: why the others could not be read.
    """

    start: Start
    zones: Mapping[str, Zone]
    pending: Mapping[str, tuple[Change, ...]]
    failures: Mapping[str, ProviderError]


def standing(federation: Federation, loaded: Loaded, planned: Mapping[str, Planned | ProviderError]) -> Standing:
    """Gather how things stand.

    Args:
        federation: that has looked at the clusters.
        loaded: the configuration.
        planned: what `once.plan` gave for each target.
    """
    seen, settings, now = federation.observatory, loaded.settings, STEADY()
    read = {
        target.name: (target, found)
        for target in federation.targets
        if not isinstance(found := planned[target.name], ProviderError)
    }
    names = (policy.names for policy in seen.policies.values())
    keys = set(seen.views.keys()).union(*(target.loop.everything() for target, _ in read.values()))
    start = Start(
        assessments=tuple(seen.judging.assessments(sorted(keys))),
        states=seen.views.states(now),
        beliefs=Beliefs.of(settings, names, len(seen.sources), seen.judging.orders),
        now=now,
        lines=Sightlines(settings.watch.lost_after + GLANCE_S, settings.watch.silence),
        concurrency=settings.health.probing.concurrency,
    )
    return Standing(
        start=start,
        zones={name: _zone(target, loaded, found) for name, (target, found) in read.items()},
        pending={name: plan.changes for name, (_, (plan, _)) in read.items()},
        failures={name: found for name, found in planned.items() if isinstance(found, ProviderError)},
    )


def play(stands: Standing, scenario: Scenario) -> dict[str, Outcome | ProviderError]:
    """What would become of each zone; by target, in the order of their names.

    Nothing is contacted, but the agendas of the zones are used up: no target may write after that.
    """
    simulation = Simulation(stands.start, scenario, stands.zones.values())
    simulation.run()
    outcomes: dict[str, Outcome | ProviderError] = {
        name: outcome(zone, simulation, stands.pending[name]) for name, zone in stands.zones.items()
    }
    return outcomes | dict(stands.failures)


def bereft(
    planned: Mapping[str, Planned | ProviderError], stands: Standing, scenario: Scenario, ttl_s: int
) -> dict[ClusterName, tuple[ServiceKey, ...]]:
    """The services for which `feddns drain` would refuse to drain a cluster, by cluster.

    Args:
        planned: what `once.plan` gave for each target.
        stands: how things stand.
        scenario: what would happen; each cluster is drained after those before it.
        ttl_s: of services that ask for none of their own.
    """
    now, decisions = stands.start.now, once.all_decisions(planned)
    found: dict[ClusterName, tuple[ServiceKey, ...]] = {}
    orders = stands.start.beliefs.circumstances.orders
    for cluster in sorted(scenario.drained):
        left = outlook(decisions, cluster, orders, ttl_s, now).bereft
        if left:
            found[cluster] = left
        orders = Scenario(drained=frozenset({cluster})).orders(orders, now)
    return found


def _zone(target: Target, loaded: Loaded, planned: Planned) -> Zone:
    _, decisions = planned
    memories = {decision.key: decision.memory for decision in decisions if decision.memory}
    return Zone(target.policy, target.writer.agenda, memories, _rhythm(target, loaded))


def _rhythm(target: Target, loaded: Loaded) -> Rhythm:
    """How fast a zone can be written, by the settings in which providers that have a pace are told of it."""
    (configured,) = (each for each in loaded.targets if each.name == target.name)
    settings = loaded.provider(configured, provider_class(configured.provider).Settings)
    rate = getattr(settings, "requests_per_second", None)
    return Rhythm(
        limits=target.provider.limits,
        interval_s=1.0 / rate if rate else 0.0,
        burst=getattr(settings, "burst", 1),
        gather_s=getattr(settings, "gather", 0.0),
        reread_s=loaded.settings.write.reread,
    )
