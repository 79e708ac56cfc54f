"""Why each shard does or does not stand in a scope's answer: told when somebody asks, which few decisions ever see."""

from feddns.model.decisions import Reason, ScopeDecision
from feddns.model.topology import Scope
from feddns.model.verdicts import Health, Verdict


def contributes(verdict: Verdict, scope: Scope) -> bool:
    """Whether a shard that stands in a scope has something to answer there."""
    return bool(verdict.addresses or verdict.hostnames) and (not scope.zone or scope.zone in verdict.zones)


def reasons(answer: ScopeDecision) -> tuple[Reason, ...]:
    """Shard by shard, why."""
    published = {value for record_set in answer.records for value in record_set.values}
    return tuple(_reason(verdict, answer.scope, published) for verdict in answer.concerned)


def _reason(verdict: Verdict, scope: Scope, published: set[str]) -> Reason:
    if not contributes(verdict, scope):
        if verdict.addresses or verdict.hostnames:
            return Reason(verdict.cluster, kept=False, text=f"no ready endpoint in {scope.zone}")
        return Reason(verdict.cluster, kept=False, text=_why_nothing(verdict))
    if not published.intersection(verdict.addresses) and not published.intersection(verdict.hostnames):
        text = "its addresses are beyond the cap of values" if verdict.addresses else "no address known yet"
        return Reason(verdict.cluster, kept=False, text=text)
    if verdict.health is Health.UNKNOWN:
        return Reason(verdict.cluster, kept=True, text="cannot be seen: its last answer stays")
    return Reason(verdict.cluster, kept=True, text="healthy")


def _why_nothing(verdict: Verdict) -> str:
    if verdict.health is Health.UNKNOWN:
        return "cannot be seen, and had no healthy endpoints before"
    return "; ".join(f"{piece.source}: {piece.text}" for piece in verdict.evidence)
