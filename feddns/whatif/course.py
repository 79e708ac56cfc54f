"""What the clusters show of one service as time goes on."""

from collections.abc import Mapping

import msgspec

from feddns.model.assessments import Assessment
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.services import ReadyEndpoints
from feddns.model.topology import ClusterName
from feddns.whatif.probed import asked, finding
from feddns.whatif.scenario import Scenario


class Course:
    """What the clusters show of one service.

    Args:
        assessment: what is believed of it before anything happens.
        scenario: what happens.
        began_at: when, in seconds since the epoch.
        round_s: seconds that it takes to probe all that is silent once.

    Attributes:
        gone: addresses and host names of load balancers that clients should leave, with their clusters; not those that
            clusters which nothing happens to have as well.
        moments: when something happens that concerns this service.
    """

    def __init__(self, assessment: Assessment, scenario: Scenario, began_at: float, round_s: float) -> None:
        self.gone = _gone(assessment, scenario)
        self._sightings = tuple(_without_endpoints(each, scenario) for each in assessment.sightings)
        self._found = {
            (each.cluster, each.address): finding(each, began_at, round_s) for each in asked(assessment, scenario.down)
        }
        self.moments = frozenset(each.fails_at for each in self._found.values() if each.fails_at is not None)

    def sightings(self, states: Mapping[ClusterName, ClusterState], now: float) -> list[Sighting]:
        """What the clusters show of it.

        Args:
            states: of all clusters now.
            now: the time.
        """
        return [self._sighting(each, states[each.cluster.name], now) for each in self._sightings]

    def _sighting(self, sighting: Sighting, state: ClusterState, now: float) -> Sighting:
        if not sighting.probed:
            return msgspec.structs.replace(sighting, cluster=state)
        tracks = {
            address: self._found[state.name, address].at(now) if (state.name, address) in self._found else track
            for address, track in sighting.probed.items()
        }
        return msgspec.structs.replace(sighting, cluster=state, probed=tracks)


def _without_endpoints(sighting: Sighting, scenario: Scenario) -> Sighting:
    shard = sighting.shard
    if shard is None or sighting.cluster.name not in scenario.unready or sighting.cluster.sight is not Sight.VISIBLE:
        return sighting
    ready = shard.ready
    nothing = ReadyEndpoints(not_ready=ready.total + ready.not_ready, terminating=ready.terminating)
    return msgspec.structs.replace(sighting, shard=msgspec.structs.replace(shard, ready=nothing))


def _gone(assessment: Assessment, scenario: Scenario) -> dict[str, ClusterName]:
    values = {sighting.cluster.name: _values(sighting, assessment) for sighting in assessment.sightings}
    others = {value for cluster, found in values.items() if cluster not in scenario.clusters for value in found}
    return {
        value: cluster
        for cluster, found in values.items()
        if cluster in scenario.clusters
        for value in found
        if value not in others
    }


def _values(sighting: Sighting, assessment: Assessment) -> frozenset[str]:
    """All that a cluster's shard answers with, or did last."""
    shard, remembered = assessment.history.shard_of(sighting), assessment.history.shards.get(sighting.cluster.name)
    if shard is None:
        return frozenset()
    held = () if remembered is None else (*remembered.shard.addresses, *remembered.shard.hostnames)
    return frozenset((*shard.addresses, *shard.hostnames, *sighting.resolved, *held))
