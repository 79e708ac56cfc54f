"""What a row of answers to probes comes to: rise and fall."""

import msgspec

from feddns.model.probing import Probe, ProbeState, Track


def tested(track: Track, *, succeeded: bool, text: str, now: float, probe: Probe) -> Track:
    """The track after one more answer.

    The first answer decides alone if it is a success, as it does with Envoy and HAProxy: a service that is new should
    not wait. If it is a failure, `probe.fall` of them are needed all the same.

    Args:
        track: the answers so far.
        succeeded: whether this answer was a success.
        text: the answer, for people.
        now: seconds since the epoch.
        probe: how many answers in a row count.
    """
    is_same = track.tested_at is not None and succeeded is track.succeeded
    streak = track.streak + 1 if is_same else 1
    state = _state(track.state, streak, probe, succeeded=succeeded)
    return Track(
        state=state,
        since=track.since if state is track.state else now,
        text=text,
        tested_at=now,
        streak=streak,
        succeeded=succeeded,
        failed_from=_failed_from(track, now, succeeded=succeeded),
    )


def hindered(track: Track, hindrance: str) -> Track:
    """The track after a question that could not be asked, which is no evidence on the address.

    Args:
        track: the answers so far.
        hindrance: why, for people.
    """
    return msgspec.structs.replace(track, hindrance=hindrance)


def _state(state: ProbeState, streak: int, probe: Probe, *, succeeded: bool) -> ProbeState:
    if succeeded:
        return ProbeState.PASSING if state is not ProbeState.FAILING or streak >= probe.rise else state
    return ProbeState.FAILING if streak >= probe.fall else state


def _failed_from(track: Track, now: float, *, succeeded: bool) -> float | None:
    if succeeded:
        return None
    # What happened while we could not ask is not known, so a row begins anew after it.
    return now if track.failed_from is None or track.hindrance else track.failed_from
