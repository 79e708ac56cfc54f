"""The metrics of the moment, and whether feddns can do its work, read off the parts."""

from collections.abc import Iterator

from feddns import __version__
from feddns.clusters.view import ClusterView
from feddns.controller.assemble import Federation
from feddns.controller.reload import InForce
from feddns.controller.targets import Target
from feddns.controller.visible import OUTCOMES
from feddns.model.evidence import Sight
from feddns.model.verdicts import Brake, Health
from feddns.plan.agenda import Agenda
from feddns.providers.base import Counting, PerReplica
from feddns.providers.measured import RESULTS, Calls
from feddns.telemetry.metrics import Metric, Sample

Labels = tuple[str, ...]


def samples(federation: Federation, now: float, in_force: InForce | None = None) -> Iterator[Sample]:
    """Every metric.

    Args:
        federation: all parts.
        now: in seconds since the epoch.
        in_force: what is known of the configuration, where it is followed.
    """
    yield Metric.BUILD_INFO, (__version__,), 1
    yield Metric.LEADER, (), federation.leadership.tenure.lasts()
    yield Metric.LEADER_TRANSITIONS, (), federation.leadership.transitions
    if in_force is not None:
        yield Metric.CONFIG_RELOADED, (), not in_force.refusal
        yield Metric.CONFIG_SINCE, (), in_force.since
        yield Metric.CONFIG_WAITING, (), len(in_force.waiting)
    yield Metric.EVENT_LOOP_LAG, (), federation.lag.histogram
    yield Metric.TASKS, (), federation.lag.tasks
    for source in federation.observatory.sources:
        yield from _of_cluster(source.view, now)
    yield from _of_health(federation, now)
    for target in federation.targets:
        yield from _of_target(target, now)
    for found in federation.twins.found:
        yield Metric.TWIN_DIFFERENCES, (found.zone, *found.targets), found.record_sets


def _of_cluster(view: ClusterView, now: float) -> Iterator[Sample]:
    state = view.state(now)
    yield Metric.CLUSTER_VISIBLE, (view.name,), state.sight is Sight.VISIBLE
    yield Metric.CLUSTER_SERVICES, (view.name,), len(view.keys())
    yield Metric.CLUSTER_PROBLEMS, (view.name,), len(state.problems)
    for kind, silent_s in view.silences(now).items():
        yield Metric.WATCH_AGE, (view.name, kind.partition(".")[0]), silent_s


def _of_health(federation: Federation, now: float) -> Iterator[Sample]:
    judging, prober = federation.observatory.judging, federation.observatory.prober.figures()
    shards = judging.verdicts()
    for source in federation.observatory.sources:
        for health in Health:  # those with none, too: what rises from nothing is to be seen rising
            yield Metric.SHARDS, (source.view.name, health.value), shards[source.view.name, health]
    held = judging.holds()
    for brake in Brake:
        yield Metric.WITHDRAWALS_HELD, (brake.value,), held[brake]
    yield Metric.CLUSTERS_WITHDRAWN, (), judging.clusters_withdrawn
    yield Metric.CLUSTER_BUDGET_LEFT, (), judging.cluster_budget_left(now)
    yield Metric.FROZEN, (), any(target.writer.frozen for target in federation.targets)
    yield Metric.PROBE_TARGETS, (), prober.targets
    for outcome, count in prober.asked.items():
        yield Metric.PROBES, (outcome.value,), count
    yield Metric.PROBES, ("void",), prober.void
    yield Metric.PROBE_LATENESS, (), max(prober.lateness_s, default=0.0)


def unready(federation: Federation) -> str:
    """Why no answer can be kept true, or given, yet; empty where it can.

    One zone that has been read is enough, since no target waits for another. A zone that this process answers from is
    to have its records first.
    """
    if federation.is_ending:
        return "feddns was told to end"
    known = [target for target in federation.targets if target.writer.known.is_set()]
    for target in known:
        if isinstance(target.provider, PerReplica) and not target.loop.is_filled:
            return f"the zone of {target.name}, which is answered from here, is not filled yet"
    return "" if known else "no zone has been read yet"


def _of_target(target: Target, now: float) -> Iterator[Sample]:
    labels, course = (target.name, target.policy.names.zone), target.writer.course
    yield Metric.ZONE_KNOWN, labels, target.writer.known.is_set()
    if course.read_at is not None:
        yield Metric.ZONE_READ, labels, course.read_at
    if course.written_at is not None:
        yield Metric.ZONE_WRITTEN, labels, course.written_at
    yield Metric.SERVICES_TOUCHED, labels, target.touched.depth
    yield Metric.CHANGE_TO_WRITE, labels, target.writer.delays.histogram
    yield from _of_agenda(labels, target.writer.agenda, now)
    yield from _of_calls(labels, target.calls)
    if target.visible is not None:
        yield Metric.WRITE_TO_VISIBLE, labels, target.visible.delays
        for outcome in OUTCOMES:
            yield Metric.VISIBILITY_CHECKS, (*labels, outcome), target.visible.outcomes[outcome]
    if isinstance(target.provider, Counting):
        for transport, rcode, count in target.provider.queries():
            yield Metric.DNS_QUERIES, (*labels, transport, rcode), count
        for what, count in target.provider.turned_away():
            yield Metric.DNS_TURNED_AWAY, (*labels, what), count


def _of_agenda(labels: Labels, agenda: Agenda, now: float) -> Iterator[Sample]:
    yield Metric.ZONE_REFUSED, labels, bool(agenda.refusal)
    for kind, count in agenda.tally.counts.items():
        yield Metric.RECORD_SETS, (*labels, *kind), count
    yield Metric.SERVICES_WAITING, labels, len(agenda.waiting)
    yield Metric.CHANGES_WAITING, labels, agenda.waiting.changes
    yield Metric.SERVICES_REFUSED, labels, len(agenda.refused_services)
    held = {each.cause: each.count for each in agenda.held(now)} if agenda.all_decided else {}
    for cause, left in agenda.deletions_left(now).items():
        yield Metric.DELETIONS_HELD, (*labels, cause.value), held.get(cause, 0)
        yield Metric.DELETION_BUDGET_LEFT, (*labels, cause.value), left


def _of_calls(labels: Labels, calls: Calls) -> Iterator[Sample]:
    for operation, duration in calls.durations.items():
        yield Metric.PROVIDER_CALL_DURATION, (*labels, operation), duration
        for result in RESULTS:
            yield Metric.PROVIDER_CALLS, (*labels, operation, result), calls.results[operation, result]
