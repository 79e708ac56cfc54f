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
        return Reason(verdict.cluster, kept=False, text=_why_not_these(verdict))
    return Reason(verdict.cluster, kept=True, text=_why_kept(verdict))


def _why_nothing(verdict: Verdict) -> str:
    against = _against(verdict)
    if against:
        return against
    if verdict.pending:
        return "; ".join(pending.text for pending in verdict.pending)
    if verdict.health is Health.UNKNOWN:
        return "cannot be seen, and had no healthy endpoints before"
    return "; ".join(f"{piece.source}: {piece.text}" for piece in verdict.evidence)


def _against(verdict: Verdict) -> str:
    return "; ".join(f"{piece.source}: {piece.text}" for piece in verdict.evidence if piece.against)


def _why_not_these(verdict: Verdict) -> str:
    if not verdict.addresses:
        return "no address known yet"
    if set(verdict.addresses) <= set(verdict.unproved):
        return _against(verdict) or "waits for the first probe of its addresses, as others answer"
    return "its addresses are beyond the cap of values"


def _why_kept(verdict: Verdict) -> str:
    if verdict.health is Health.HEALTHY:
        return "healthy"
    held = [pending.text for pending in verdict.pending if pending.brake is not None]
    if held:
        return "; ".join(held)
    return "cannot be seen: its last answer stays"
