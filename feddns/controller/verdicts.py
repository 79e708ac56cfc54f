"""Verdicts that change, in the log."""

from feddns.model.assessments import Assessment
from feddns.model.verdicts import Health, Pending, Verdict
from feddns.telemetry.events import LogEvent, log


def tell_changes(before: Assessment, after: Assessment, now: float) -> None:
    """Write a line for each shard that answers with something else, is judged otherwise, or will soon be.

    That a cluster is Unknown is told once for the cluster; of its shards only what follows from it.

    Args:
        before: the last assessment of a service.
        after: the new one.
        now: in seconds since the epoch.
    """
    if before.verdicts == after.verdicts:
        return
    known = {verdict.cluster: verdict for verdict in before.verdicts}
    for verdict in after.verdicts:
        last = known.get(verdict.cluster)
        if last is not None and verdict.shard is not None and _told(verdict) != _told(last):
            log(
                LogEvent.VERDICT,
                service=str(after.key),
                cluster=verdict.cluster,
                verdict=verdict.health.value,
                before=last.health.value,
                lasted_s=round(max(0.0, now - last.since), 1),
                answers=[*verdict.addresses, *verdict.hostnames],
                against=[f"{piece.source}: {piece.text}" for piece in verdict.evidence if piece.against],
                pending=[_pending(pending, now) for pending in verdict.pending],
            )


def _told(verdict: Verdict) -> tuple[object, ...]:
    health = Health.HEALTHY if verdict.health is Health.UNKNOWN and verdict.addresses else verdict.health
    moves = tuple((pending.text, pending.brake) for pending in verdict.pending)
    return health, verdict.addresses, verdict.hostnames, verdict.zones, moves


def _pending(pending: Pending, now: float) -> str:
    return pending.text if pending.due is None else f"{pending.text} in {max(0.0, pending.due - now):.1f} s"
