"""What a plan follows from: the shards of the services that it concerns."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from feddns.explain.services import verdict_lines, verdict_value
from feddns.model.decisions import Decision
from feddns.model.services import ServiceKey
from feddns.model.verdicts import Health, Verdict


def shard_lines(decisions: Iterable[Decision], planned: Collection[ServiceKey], now: float) -> Iterator[str]:
    """Tell of the shards that something speaks against, or that will change, line by line.

    Args:
        decisions: on all services.
        planned: those that the plan changes; of others only what is pending is told.
        now: in seconds since the epoch, for ages.
    """
    for decision in decisions:
        told = [verdict for verdict in decision.verdicts if _is_telling(verdict, is_planned=decision.key in planned)]
        if told:
            yield f"{decision.key} is judged so:"
        for verdict in told:
            yield from verdict_lines(verdict, now)


def shard_values(decisions: Iterable[Decision], planned: Collection[ServiceKey]) -> list[dict[str, Any]]:
    """The same as plain values, and with all shards of the services that the plan changes."""
    return [
        {"service": str(decision.key), **verdict_value(verdict)}
        for decision in decisions
        for verdict in decision.verdicts
        if decision.key in planned or verdict.pending
    ]


def _is_telling(verdict: Verdict, *, is_planned: bool) -> bool:
    is_healthy = verdict.health is Health.HEALTHY and not any(piece.against for piece in verdict.evidence)
    return bool(verdict.pending) or (is_planned and not is_healthy)
