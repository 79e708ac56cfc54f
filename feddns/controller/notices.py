"""What the owners of Services are told of verdicts that change, and of failovers."""

from collections.abc import Iterable, Iterator
from typing import Final

from feddns.model.assessments import Assessment
from feddns.model.notices import Notice, Turn
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Verdict
from feddns.plan.moves import Move

_TURNS: Final = {
    Health.HEALTHY: Turn.BECAME_HEALTHY,
    Health.UNHEALTHY: Turn.BECAME_UNHEALTHY,
    Health.UNKNOWN: Turn.BECAME_UNKNOWN,
}


def of_verdicts(before: Assessment, after: Assessment) -> Iterator[tuple[ClusterName, Notice]]:
    """Each shard that is believed to be something else than before, to be told in its own cluster.

    What a shard is when it is first seen is no news.
    """
    known = {verdict.cluster: verdict for verdict in before.verdicts}
    for verdict in after.verdicts:
        last = known.get(verdict.cluster)
        if last is None or last.shard is None or verdict.shard is None or last.health is verdict.health:
            continue
        text = f"{after.key} in {verdict.cluster} is {verdict.health.value}: {_because(verdict)}; {_follows(verdict)}"
        yield verdict.cluster, Notice("verdict", last.health.value, verdict.health.value, _TURNS[verdict.health], text)


def of_moves(moved: Iterable[Move], believed: Assessment) -> Iterator[tuple[ClusterName, Notice]]:
    """Each failover, to be told in the clusters that stand in the scope: it is their addresses that have moved.

    Args:
        moved: the names that have moved.
        believed: what is believed of the service.
    """
    for move in moved:
        concerned = [each for each in believed.verdicts if each.shard and move.scope in each.topology.scopes()]
        for verdict in concerned:
            yield verdict.cluster, _of_move(move, concerned)


def _of_move(move: Move, concerned: Iterable[Verdict]) -> Notice:
    if not move.leads_to:
        text = f"{move.name} ({move.scope}) answers with {', '.join(move.values)} again"
        return Notice(move.name, "elsewhere", "itself", Turn.FAILED_BACK, text)
    because = "; ".join(f"{verdict.cluster}: {_because(verdict)}" for verdict in concerned)
    text = f"{move.name} ({move.scope}) has no healthy shard and leads to {move.leads_to} ({because})"
    return Notice(move.name, "itself", "elsewhere", Turn.FAILED_OVER, text)


def _because(verdict: Verdict) -> str:
    return verdict.because or "no evidence"


def _follows(verdict: Verdict) -> str:
    """What follows for DNS."""
    answers = ", ".join((*verdict.addresses, *verdict.hostnames))
    pending = "; ".join(pending.text for pending in verdict.pending)
    if not answers:
        return f"DNS is to answer without it{f' ({pending})' if pending else ''}"
    return f"DNS is to answer with {answers}{f' for now ({pending})' if pending else ''}"
