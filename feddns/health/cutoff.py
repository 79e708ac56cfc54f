"""Whether it is rather we who are cut off than the clusters."""

import math
from collections.abc import Collection, Iterable

import msgspec

from feddns.health.condition import Condition
from feddns.health.witnesses import last_success
from feddns.model.assessments import ShardHistory
from feddns.model.evidence import ClusterState, Sight, Sighting
from feddns.model.probing import JITTER, Probe, Track


def is_cut_off(states: Collection[ClusterState]) -> bool:
    """Whether more than half of all clusters cannot be seen.

    Whatever took our sight of them may have taken our probes' way too, so these count for nothing then.
    """
    return 2 * sum(state.sight is not Sight.VISIBLE for state in states) > len(states)


def alive_at(sightings: Iterable[Sighting], now: float) -> float:
    """When an API server, or a load balancer of the service, was last heard of, in seconds since the epoch.

    A cluster is given up long after its API server fell silent, and probes may be much faster: until anything at all
    has been heard since they began to fail, it may be we who are cut off.

    Args:
        sightings: of the service, in all clusters.
        now: the time; returned where a source does not tell when it was heard of.
    """
    heard = 0.0
    for sighting in sightings:
        if sighting.cluster.sight is Sight.VISIBLE:
            heard = max(heard, now if sighting.cluster.heard_at is None else sighting.cluster.heard_at)
        heard = max(heard, last_success(sighting.probed))
    return heard


def spared(
    condition: Condition,
    sighting: Sighting,
    before: ShardHistory | None,
    now: float,
    heard_at: float | None,
    witness_s: float,
) -> Condition:
    """The condition where it may be we who are cut off: failing probes take nothing away that stands.

    What failed while we were does not count afterwards either: a row of failures is as if it had begun then.

    Args:
        condition: as it would be otherwise.
        sighting: what it follows from.
        before: what is remembered.
        now: in seconds since the epoch.
        heard_at: when anything was last heard of; None where it is known that we are cut off.
        witness_s: seconds that the probes of an Unknown cluster's shard must have failed.
    """
    standing = condition.addresses if before is None else before.addresses
    tracks = {address: sighting.probed[address] for address in condition.doubted.intersection(standing)}
    is_blind = any(_is_blind(track, heard_at) for track in tracks.values())
    blind_at = math.inf if is_blind else min(now, 0.0 if before is None else before.blind_at)
    row_s = _row_s(condition.shard.probe) if condition.is_visible else witness_s
    stay = {address: track.since for address, track in tracks.items() if not _counts(track, blind_at, row_s)}
    doubted = condition.doubted.difference(stay)
    return msgspec.structs.replace(condition, doubted=doubted, spared=stay, blind_at=blind_at)


def _is_blind(track: Track, heard_at: float | None) -> bool:
    """Whether nothing has been heard of since an address began to fail."""
    return heard_at is None or (track.failed_from is not None and track.failed_from > heard_at)


def _counts(track: Track, blind_at: float, row_s: float) -> bool:
    """Whether what probes say against an address was not said by our own blindness."""
    if track.failed_from is None:  # the last one succeeded, so the row is over
        return not blind_at
    if track.failed_from > blind_at:
        return True
    return track.tested_at is not None and track.tested_at > blind_at + row_s


def _row_s(probe: Probe | None) -> float:
    """Seconds that a row of failures takes at least, from the first to the last of them."""
    return 0.0 if probe is None else (probe.fall - 1) * probe.interval_s * (1 - JITTER)
