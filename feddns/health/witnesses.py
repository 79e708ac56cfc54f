"""What the probes of a shard's addresses witness."""

from collections.abc import Iterator, Mapping
from typing import Final

from feddns.model.probing import JITTER, GrpcProbe, HttpProbe, Probe, ProbeState, TcpProbe, Track
from feddns.model.verdicts import Evidence

_NONE: Final[frozenset[str]] = frozenset()
_LISTENS_S: Final = 1.0
"""How often it is looked whether an overdue answer has come, which no event tells where it is one more failure."""


def failing(probed: Mapping[str, Track]) -> frozenset[str]:
    """The addresses that probes speak against."""
    return _in_state(probed, ProbeState.FAILING)


def untested(probed: Mapping[str, Track]) -> frozenset[str]:
    """The addresses whose first probe has no result yet, but will have one.

    One that cannot be asked, for a reason of our own side, is as if nobody wanted it probed.
    """
    return frozenset(address for address in _in_state(probed, ProbeState.UNTESTED) if not probed[address].hindrance)


def witnessed(
    probed: Mapping[str, Track], probe: Probe | None, now: float, witness_s: float
) -> tuple[frozenset[str], float | None]:
    """The addresses whose probes have failed without a break for so long that they count against an Unknown cluster.

    Time alone is no witness, as we may have been stopped, or without a route, since the last failure: where the next
    question is overdue its answer is waited for.

    Returns:
        These, and when the next one may be among them if its probes go on failing.
    """
    found: set[str] = set()
    waiting: list[float] = []
    for address, track in probed.items():
        if track.state is not ProbeState.FAILING or track.failed_from is None or track.hindrance:
            continue
        from_when = track.failed_from + witness_s
        if from_when > now:
            waiting.append(from_when)
        elif (track.tested_at or 0.0) >= min(from_when, now - _round_s(probe)):
            found.add(address)
        else:
            waiting.append(now + _LISTENS_S)
    return frozenset(found), min(waiting, default=None)


def _round_s(probe: Probe | None) -> float:
    """The most seconds from one answer to the next."""
    return 0.0 if probe is None else probe.interval_s * (1 + JITTER) + probe.timeout_s


def last_success(probed: Mapping[str, Track]) -> float:
    """When a probe was last answered well, in seconds since the epoch; 0 where none ever was."""
    return max((track.tested_at or 0.0 for track in probed.values() if track.succeeded), default=0.0)


def against(probed: Mapping[str, Track], probe: Probe | None) -> Iterator[Evidence]:
    """What probes say of each address, for people."""
    asked = "" if probe is None else f" {_asked(probe)}"
    for address, track in sorted(probed.items()):
        said = track.hindrance or track.text or "not asked yet"
        if track.state is ProbeState.FAILING and track.succeeded:
            said += f", {track.streak} in a row but not enough to pass again"
        elif track.state is ProbeState.PASSING and not track.succeeded:
            said += f", {track.streak} in a row but not enough to fail"
        is_against = track.state is ProbeState.FAILING
        since = None if track.state is ProbeState.UNTESTED else track.since
        yield Evidence("probe", f"{address}{asked} {track.state.value}: {said}", since, against=is_against)


def _in_state(probed: Mapping[str, Track], state: ProbeState) -> frozenset[str]:
    if not probed:
        return _NONE
    return frozenset(address for address, track in probed.items() if track.state is state)


def _asked(probe: Probe) -> str:
    match probe.question:
        case TcpProbe(port):
            return f"TCP {port}"
        case HttpProbe() as http:
            return f"{'HTTP' if http.tls is None else 'HTTPS'} {http.method} :{http.port}{http.path}"
        case GrpcProbe() as grpc:
            return f"gRPC {grpc.port}/{grpc.service}"
