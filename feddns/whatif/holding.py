"""Why a name would go on leading to what clients should have left."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from feddns.config.durations import format_duration
from feddns.model.assessments import Assessment
from feddns.model.evidence import Sighting
from feddns.model.records import DnsName
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Health, Pending, Verdict
from feddns.whatif.simulation import Simulation
from feddns.whatif.zone import Zone


class Holding:
    """Tells what holds answers of one zone.

    Args:
        zone: in the end.
        simulation: that it took part in.
    """

    def __init__(self, zone: Zone, simulation: Simulation) -> None:
        self._zone = zone
        self._simulation = simulation
        agenda = zone.agenda
        stops = (agenda.refusal, agenda.frozen, *(held.text for held in agenda.held(simulation.now)))
        self._stops = tuple(filter(None, stops))
        self._obstacles: defaultdict[ServiceKey, list[str]] = defaultdict(list)
        for key, problem in agenda.obstacles():
            self._obstacles[key].append(problem.text)

    def reasons(self, key: ServiceKey, name: DnsName, values: Sequence[str]) -> tuple[str, ...]:
        """What holds values of a name, for people."""
        decided = self._zone.decisions[key].records
        wanted = {value for each in decided if each.name == name for value in each.values}
        found: list[str] = []
        for value in values:
            if value in wanted:
                found.extend(self._judged(key, value))
            else:
                found.extend(self._stops or self._obstacles[key] or ["it is not written within the time looked at"])
        return tuple(dict.fromkeys(found))

    def _judged(self, key: ServiceKey, value: str) -> Iterator[str]:
        simulation = self._simulation
        assessment, cluster = simulation.assessments[key], simulation.courses[key].gone[value]
        verdict = next((each for each in assessment.verdicts if each.cluster == cluster), None)
        if verdict is None or verdict.shard is None:
            yield f"{cluster} cannot be seen now, and so what is published of it stays; {_evict(cluster)}"
        elif value not in (*verdict.addresses, *verdict.hostnames):
            yield from _left_over(assessment)
        elif any(each.is_withdrawal for each in verdict.pending):
            yield from (self._pending(each, cluster) for each in verdict.pending if each.is_withdrawal)
        else:
            yield f"nothing withdraws it: {self._witness(assessment, verdict, value)}"

    @staticmethod
    def _witness(assessment: Assessment, verdict: Verdict, value: str) -> str:
        """Why no probe speaks against an address, and what a person can do."""
        cluster = verdict.cluster
        sighting = next(each for each in assessment.sightings if each.cluster.name == cluster)
        unknown = f"{cluster} would be Unknown" if verdict.health is Health.UNKNOWN else f"{cluster} can be seen"
        shard = assessment.history.shard_of(sighting)
        if shard is None or shard.probe is None:
            return f"{unknown} and this service has no probe; {_evict(cluster)}, or annotate feddns.io/probe"
        return f"{unknown} and {_unprobed(sighting, value)}; {_evict(cluster)}"

    def _pending(self, pending: Pending, cluster: ClusterName) -> str:
        text = f"{pending.text}; {_evict(cluster)}" if pending.brake is Brake.CUT_OFF else pending.text
        if pending.due is None:
            return text
        return f"{text} (after {format_duration(round(pending.due - self._simulation.began_at))})"


def _left_over(assessment: Assessment) -> Iterator[str]:
    if any(verdict.addresses or verdict.hostnames for verdict in assessment.verdicts):
        yield "it may be the answer of another cluster that cannot be seen"
    else:
        yield "no healthy shard would be left anywhere, and then the last answers stay (noHealthyShards: keep)"


def _unprobed(sighting: Sighting, value: str) -> str:
    track = sighting.probed.get(value)
    if track is None:
        return f"{value} is not probed"
    return f"{value} cannot be probed: {track.hindrance}" if track.hindrance else f"its probes are {track.state.value}"


def _evict(cluster: ClusterName) -> str:
    return f"`feddns evict {cluster}` takes it out"
