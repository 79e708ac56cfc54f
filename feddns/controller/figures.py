"""The metrics of the moment, and whether feddns can do its work, read off the parts."""

from collections.abc import Iterator

from feddns.controller import twins
from feddns.controller.assemble import Federation, Target
from feddns.model.evidence import Sight
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
    for target in federation.targets:
        yield from _of_target(target, now)
    for found in twins.compared(federation.targets):
        yield Metric.TWIN_DIFFERENCES, (found.zone, *found.targets), found.record_sets


def unready(federation: Federation) -> str:
    """Why no answer can be kept true yet; empty once one zone has been read, since no target waits for another."""
    if any(target.writer.known.is_set() for target in federation.targets):
        return ""
    return "no zone has been read yet"


def _of_target(target: Target, now: float) -> Iterator[Sample]:
    labels, agenda = (target.name, target.policy.names.zone), target.writer.agenda
    held = agenda.held(now) if agenda.all_decided else None
    yield Metric.ZONE_KNOWN, labels, target.writer.known.is_set()
    yield Metric.ZONE_REFUSED, labels, bool(agenda.refusal)
    yield Metric.RECORD_SETS, labels, agenda.owned
    yield Metric.DELETIONS_HELD, labels, 0 if held is None else held.count
