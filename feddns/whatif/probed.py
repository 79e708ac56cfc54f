"""What probes would find of addresses as time goes on, and when they will have noticed that some answer no more."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import msgspec

from feddns.health.tracks import tested
from feddns.model.assessments import Assessment
from feddns.model.probing import JITTER, UNTESTED, Probe, ProbeState, Track
from feddns.model.topology import ClusterName
from feddns.whatif.scenario import last_of

_PLACES_OF_SILENT: Final = 0.75
"""The part of all places that addresses which failed last may take; the others are for those that answer."""


class Asked(msgspec.Struct, frozen=True, gc=False):
    """An address that is probed.

    Attributes:
        cluster: whose load balancer it is.
        track: what probes have found so far.
        falls: whether it answers no more.
    """

    cluster: ClusterName
    address: str
    probe: Probe
    track: Track
    falls: bool


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What probes find of one address as time goes on.

    Attributes:
        began_at: when the scenario began, in seconds since the epoch.
        pause_s: seconds between the beginnings of two questions, at the most.
        fails_at: from when on the address counts as failing, at the latest; None where that is never news.
        failing: its track then.
    """

    track: Track
    began_at: float
    pause_s: float
    fails_at: float | None = None
    failing: Track = UNTESTED

    def at(self, now: float) -> Track:
        """What is known then."""
        if self.fails_at is None:
            return _later(self.track, self.began_at, self.pause_s, now)
        if now < self.fails_at:
            return self.track
        return _later(self.failing, self.fails_at, self.pause_s, now)


def asked(assessment: Assessment, down: Collection[ClusterName]) -> Iterator[Asked]:
    """What is probed of a service.

    An address falls silent with the clusters that are down, if no other has it as well. Where our own side keeps one
    from being asked there is no answer now, and would be none then.
    """
    elsewhere = {
        address
        for sighting in assessment.sightings
        if sighting.cluster.name not in down and (shard := assessment.history.shard_of(sighting)) is not None
        for address in (*shard.addresses, *sighting.resolved)
    }
    for sighting in assessment.sightings:
        cluster, shard = sighting.cluster.name, assessment.history.shard_of(sighting)
        if shard is None or shard.probe is None:
            continue
        for address, track in sighting.probed.items():
            falls = cluster in down and address not in elsewhere and not track.hindrance
            yield Asked(cluster, address, shard.probe, track, falls)


def round_s(every: Iterable[Asked], concurrency: int) -> float:
    """Seconds that it takes to ask all that fell silent once, where each question waits until its time limit.

    The same question to one address is asked once for all services.

    Args:
        every: all of all services.
        concurrency: how many questions may be under way at a time.
    """
    distinct = {(each.address, each.probe) for each in every if each.falls}
    return sum(probe.timeout_s for _, probe in distinct) / max(1.0, concurrency * _PLACES_OF_SILENT)


def finding(asked: Asked, began_at: float, round_s: float) -> Finding:
    """What probes would find of an address.

    At the worst the last question was answered just before it fell silent, so that the next one begins after a whole
    pause.

    Args:
        asked: the address.
        began_at: when the scenario began, in seconds since the epoch.
        round_s: seconds that it takes to ask all that are silent once, which may be longer than the pause.
    """
    track, probe = asked.track, asked.probe
    pause_s = max(probe.interval_s * (1 + JITTER), probe.timeout_s, round_s if asked.falls else 0.0)
    if not asked.falls or (track.state is ProbeState.FAILING and not track.succeeded):
        return Finding(track, began_at, pause_s)
    at = began_at + pause_s + probe.timeout_s
    text = f"no answer within {probe.timeout_s:g} s"
    track = tested(track, succeeded=False, text=text, now=at, probe=probe)
    while track.state is not ProbeState.FAILING:
        at += pause_s
        track = tested(track, succeeded=False, text=text, now=at, probe=probe)
    return Finding(asked.track, began_at, pause_s, at, track)


def _later(track: Track, first: float, pause_s: float, now: float) -> Track:
    """The track when more of the same was found since."""
    if track.tested_at is None or track.hindrance:
        return track
    return msgspec.structs.replace(track, tested_at=max(track.tested_at, last_of(first, pause_s, now)))
