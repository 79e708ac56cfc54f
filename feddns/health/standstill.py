"""Services of which nothing has changed since they were last judged, which is nearly all that is looked at again."""

from collections.abc import Mapping

from feddns.health.case import Case
from feddns.model.assessments import ShardHistory
from feddns.model.evidence import Sight, Sighting
from feddns.model.probing import ProbeState, Track


def is_at_rest(case: Case) -> bool:
    """Whether a shard's case would be decided in the same way again, at any time, if its sighting were the same."""
    condition = case.condition
    if case.steps or not condition.is_visible or condition.emptied_at is not None or condition.may_own_more:
        return False
    return all(map(_is_well, condition.probed.values()))


def is_unchanged(sighting: Sighting, before: ShardHistory | None) -> bool:
    """Whether a shard that was at rest is seen again as it was seen then, or one that is not there is not there still.

    Args:
        sighting: of one cluster.
        before: what is remembered of its shard.
    """
    cluster, shard = sighting.cluster, sighting.shard
    if cluster.sight is not Sight.VISIBLE or sighting.unresolved:
        return False
    if shard is None or before is None:
        return shard is None and before is None
    if not before.is_at_rest or before.shard != shard or before.verdict.topology != cluster.topology:
        return False
    return before.resolved == sighting.resolved and _find_the_same(sighting.probed, before.probed)


def _find_the_same(probed: Mapping[str, Track], before: Mapping[str, Track]) -> bool:
    """Whether probes find what they found before, none of it ill; how often and when is told to nobody."""
    if probed.keys() != before.keys():
        return False
    for address, track in probed.items():
        last = before[address]
        if not _is_well(track) or (track.text, track.since, track.hindrance) != (last.text, last.since, last.hindrance):
            return False
    return True


def _is_well(track: Track) -> bool:
    """Whether it serves, or was never asked for a reason of our own, which is as if nobody wanted it probed."""
    if track.state is ProbeState.PASSING:
        return track.succeeded
    return track.tested_at is None and bool(track.hindrance)
