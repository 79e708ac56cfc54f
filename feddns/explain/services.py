"""The story of a service's name at one scope."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from feddns.model.decisions import Decision, HostnameDecision, ScopeDecision
from feddns.model.records import RecordSet
from feddns.model.topology import Scope
from feddns.model.verdicts import Pending, Verdict
from feddns.records.reasons import reasons


def followed(decision: Decision, scope: Scope) -> tuple[ScopeDecision, ...]:
    """The scopes that a resolver passes from `scope` to the addresses, in that order."""
    by_scope = {answer.scope: answer for answer in decision.scopes}
    passed: list[ScopeDecision] = []
    current: Scope | None = scope
    while current is not None and current in by_scope:
        answer = by_scope[current]
        passed.append(answer)
        leads_up = (
            answer.records
            and current.parent in by_scope
            and answer.records[0].values == (by_scope[current.parent].name,)
        )
        current = current.parent if leads_up else None
    return tuple(passed)


def story(decision: Decision, scope: Scope, published: tuple[RecordSet, ...] | None, now: float) -> Iterator[str]:
    """Tell why a name has the answer that it has, line by line.

    Args:
        decision: on the service.
        scope: the name's.
        published: what the zone holds for the service; None where that is not known.
        now: in seconds since the epoch, for ages.
    """
    passed = followed(decision, scope)
    if not passed:
        yield f"{decision.key} has no name in {scope}"
    for step, answer in enumerate(passed):
        yield f"{'' if step == 0 else 'then '}{answer.name} ({answer.scope})"
        wanted = [record for record in decision.records if record.name == answer.name]
        yield from (f"  {line}" for line in answer_lines(wanted))
        yield f"  because: {answer.text}"
        in_zone = wanted if published is None else [record for record in published if record.name == answer.name]
        if in_zone != wanted:
            yield "  the zone still has:"
            yield from (f"    {line}" for line in answer_lines(in_zone))
        for reason in reasons(answer):
            yield f"  {'+' if reason.kept else '-'} {reason.cluster}: {reason.text}"
    yield from _hostname_lines(decision)
    yield "shards considered:"
    if not decision.verdicts:
        yield "  none: no cluster has this service as a LoadBalancer that is federated"
    for verdict in decision.verdicts:
        yield from verdict_lines(verdict, now)
    for problem in decision.problems:
        yield f"problem: {problem.reason}: {problem.text}"


def story_value(decision: Decision, scope: Scope, published: tuple[RecordSet, ...] | None) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "service": str(decision.key),
        "scope": str(scope),
        "answers": [answer_value(answer, decision, published) for answer in followed(decision, scope)],
        "hostnames": [hostname_value(found) for found in decision.hostnames],
        "shards": [verdict_value(verdict) for verdict in decision.verdicts],
        "problems": [{"reason": problem.reason, "text": problem.text} for problem in decision.problems],
    }


def verdict_value(verdict: Verdict) -> dict[str, Any]:
    """A verdict with all that it rests on, as plain values."""
    return {
        "cluster": verdict.cluster,
        "verdict": verdict.health.value,
        "since": verdict.since,
        "region": verdict.topology.region,
        "zones": list(verdict.topology.zones),
        "addresses": list(verdict.addresses),
        "evidence": [
            {"source": piece.source, "text": piece.text, "since": piece.since, "against": piece.against}
            for piece in verdict.evidence
        ],
        "pending": [
            {
                "text": pending.text,
                "since": pending.since,
                "due": pending.due,
                "brake": None if pending.brake is None else pending.brake.value,
            }
            for pending in verdict.pending
        ],
        "problems": [] if verdict.shard is None else [problem.text for problem in verdict.shard.problems],
    }


def answer_value(answer: ScopeDecision, decision: Decision, published: tuple[RecordSet, ...] | None) -> dict[str, Any]:
    """The answer of one scope with all that speaks for it, as plain values.

    Args:
        answer: the scope's.
        decision: on the service.
        published: what the zone holds for the service; None where that is not known.
    """
    return {
        "name": answer.name,
        "scope": str(answer.scope),
        "records": _of(answer, decision.records),
        "published": None if published is None else _of(answer, published),
        "because": answer.text,
        "shards": [
            {"cluster": reason.cluster, "kept": reason.kept, "reason": reason.text} for reason in reasons(answer)
        ],
    }


def hostname_value(found: HostnameDecision) -> dict[str, Any]:
    """A hostname of the service's own, as plain values."""
    return {
        "hostname": found.hostname,
        "scope": str(found.scope),
        "clusters": list(found.clusters),
        "records": [record_value(record) for record in found.records],
        "because": found.text,
    }


def _of(answer: ScopeDecision, records: Iterable[RecordSet]) -> list[dict[str, Any]]:
    return [record_value(record) for record in records if record.name == answer.name]


def record_value(record_set: RecordSet) -> dict[str, Any]:
    """A record set of a name that is told already, as plain values."""
    return {"type": record_set.type, "ttl": record_set.ttl, "values": list(record_set.values)}


def answer_lines(records: Sequence[RecordSet]) -> Iterator[str]:
    """The record sets of a name that is told already, a line for each."""
    if not records:
        yield "no records"
    for record in records:
        yield f"{record.ttl} {record.type} {' '.join(record.values)}"


def _hostname_lines(decision: Decision) -> Iterator[str]:
    if decision.hostnames:
        yield "hostnames:"
    for found in decision.hostnames:
        yield f"  {found.hostname} {found.text}"


def verdict_lines(verdict: Verdict, now: float) -> Iterator[str]:
    """A verdict with all that it rests on, line by line."""
    place = ", ".join(filter(None, (verdict.topology.region, *verdict.topology.zones))) or "no region known"
    yield f"  {verdict.cluster} ({place}): {verdict.health.value} for {age(now - verdict.since)}"
    for piece in verdict.evidence:
        since = "" if piece.since is None else f" (for {age(now - piece.since)})"
        yield f"    {piece.source}: {piece.text}{since}"
    for pending in verdict.pending:
        yield f"    pending: {pending.text}, {_when(pending, now)} (for {age(now - pending.since)})"
    if verdict.shard is not None:
        yield from (f"    {problem.reason}: {problem.text}" for problem in verdict.shard.problems)


def _when(pending: Pending, now: float) -> str:
    if pending.due is None:
        return "at no set time"
    again = "asked again in" if pending.brake is not None else "in"
    return f"{again} {age(math.ceil(pending.due - now))}"


def age(seconds: float) -> str:
    """A span of time as people say it: the two largest units, such as `2d3h` or `45s`."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])
