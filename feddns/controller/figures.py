"""The metrics of the moment, and whether feddns can do its work, read off the parts."""

from collections.abc import Iterator

from feddns.controller import twins
from feddns.controller.assemble import Federation, Target
from feddns.model.evidence import Sight
from feddns.model.verdicts import Brake
from feddns.plan.budget import Cause
from feddns.telemetry.metrics import Metric, Sample


def samples(federation: Federation, now: float) -> Iterator[Sample]:
    """Every metric.

    Args:
        federation: all parts.
        now: in seconds since the epoch.
    """
    seen = federation.observatory
    for state, source in zip(seen.views.states(now), seen.sources, strict=True):
        yield Metric.CLUSTER_VISIBLE, (state.name,), state.sight is Sight.VISIBLE
        yield Metric.CLUSTER_SERVICES, (state.name,), len(source.view.keys())
        if state.heard_at is not None:
            yield Metric.CLUSTER_HEARD, (state.name,), max(0.0, now - state.heard_at)
    yield from _of_health(federation)
    for target in federation.targets:
        yield from _of_target(target, now)
    for found in twins.compared(federation.targets):
        yield Metric.TWIN_DIFFERENCES, (found.zone, *found.targets), found.record_sets


def _of_health(federation: Federation) -> Iterator[Sample]:
    judging, prober = federation.observatory.judging, federation.observatory.prober.figures()
    for (cluster, verdict), count in judging.verdicts().items():
        yield Metric.SHARDS, (cluster, verdict.value), count
    held = judging.holds()
    for brake in Brake:
        yield Metric.WITHDRAWALS_HELD, (brake.value,), held[brake]
    yield Metric.CLUSTERS_WITHDRAWN, (), judging.clusters_withdrawn
    yield Metric.FROZEN, (), any(target.writer.frozen for target in federation.targets)
    yield Metric.PROBE_TARGETS, (), prober.targets
    for outcome, count in prober.asked.items():
        yield Metric.PROBES, (outcome.value,), count
    yield Metric.PROBES, ("void",), prober.void
    yield Metric.PROBE_LATENESS, (), max(prober.lateness_s, default=0.0)


def unready(federation: Federation) -> str:
    """Why no answer can be kept true yet; empty once one zone has been read, since no target waits for another."""
    if any(target.writer.known.is_set() for target in federation.targets):
        return ""
    return "no zone has been read yet"


def _of_target(target: Target, now: float) -> Iterator[Sample]:
    labels, agenda = (target.name, target.policy.names.zone), target.writer.agenda
    held = {each.cause: each.count for each in agenda.held(now)} if agenda.all_decided else {}
    yield Metric.ZONE_KNOWN, labels, target.writer.known.is_set()
    yield Metric.ZONE_REFUSED, labels, bool(agenda.refusal)
    yield Metric.RECORD_SETS, labels, agenda.owned
    for cause in Cause:
        yield Metric.DELETIONS_HELD, (*labels, cause.value), held.get(cause, 0)
