"""The story of a hostname outside of the federation's pattern."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from feddns.explain.services import answer_lines, record_value, story, story_value
from feddns.model.decisions import Decision, HostnameDecision
from feddns.model.records import DnsName, RecordSet
from feddns.model.services import Problem, ServiceKey
from feddns.plan.hostnames import Standing
from feddns.plan.ownership import ownership_name


def hostname_story(
    hostname: DnsName,
    standing: Standing,
    decisions: Sequence[Decision],
    published: tuple[RecordSet, ...] | None,
    now: float,
) -> Iterator[str]:
    """Tell why a hostname outside of the federation's pattern has the answer that it has, line by line.

    Args:
        hostname: what is asked for.
        standing: whose it is.
        decisions: on all services.
        published: what the zone holds for the service that `hostname_owner` tells; None where that is not known.
        now: in seconds since the epoch, for ages.
    """
    owner = hostname_owner(standing)
    yield f"{hostname} (hostname{'' if owner is None else f' of {owner}'})"
    decision, found = _decided(hostname, owner, decisions)
    wanted = () if found is None else found.records
    yield from (f"  {line}" for line in answer_lines(wanted))
    yield f"  because: {_why(found, standing)}"
    yield f"  {_owned(hostname, standing)}"
    in_zone = wanted if published is None else tuple(record for record in published if record.name == hostname)
    if in_zone != wanted:
        yield "  the zone still has:"
        yield from (f"    {line}" for line in answer_lines(in_zone))
    for other in _asking(hostname, decisions):
        if other.key != owner:
            yield f"  asked for by {other.key}{'' if owner is None else ' too'}, which does not get it"
            yield from (f"    {problem.reason}: {problem.text}" for problem in _about(hostname, other))
    if decision is not None and found is not None:
        first, *rest = story(decision, found.scope, published, now)
        yield f"then {first}"
        yield from rest


def hostname_story_value(
    hostname: DnsName, standing: Standing, decisions: Sequence[Decision], published: tuple[RecordSet, ...] | None
) -> dict[str, Any]:
    """The same as plain values."""
    owner = hostname_owner(standing)
    decision, found = _decided(hostname, owner, decisions)
    in_zone = None if published is None else [record_value(record) for record in published if record.name == hostname]
    return {
        "hostname": hostname,
        "service": None if owner is None else str(owner),
        "isOwned": standing.holder is not None,
        "takenBy": standing.taken_by,
        "records": [] if found is None else [record_value(record) for record in found.records],
        "published": in_zone,
        "because": _why(found, standing),
        "askedForBy": [
            {
                "service": str(other.key),
                "problems": [{"reason": problem.reason, "text": problem.text} for problem in _about(hostname, other)],
            }
            for other in _asking(hostname, decisions)
        ],
        "then": None if decision is None or found is None else story_value(decision, found.scope, published),
    }


def hostname_owner(standing: Standing) -> ServiceKey | None:
    """The service that has a hostname, or will have it with the next batch."""
    if standing.holder is not None:
        return standing.holder
    return standing.wanted_by[0] if standing.wanted_by and not standing.taken_by else None


def _decided(
    hostname: DnsName, owner: ServiceKey | None, decisions: Iterable[Decision]
) -> tuple[Decision | None, HostnameDecision | None]:
    decision = next((each for each in decisions if each.key == owner), None)
    hostnames = () if decision is None else decision.hostnames
    return decision, next((found for found in hostnames if found.hostname == hostname), None)


def _why(found: HostnameDecision | None, standing: Standing) -> str:
    if standing.taken_by:
        return f"it belongs to {standing.taken_by}"
    if found is None:
        holder = standing.holder
        return f"{holder} does not ask for it any more" if holder else "no service that may have it asks for it"
    if not found.clusters:
        return f"{found.text}; it stays while a cluster cannot be seen that may ask for it"
    return f"{found.text}, as the Service asks for in {', '.join(found.clusters)}"


def _owned(hostname: DnsName, standing: Standing) -> str:
    if standing.holder is None:
        return "not owned by any service yet"
    return f"owned by {standing.holder}: {ownership_name(hostname)} TXT"


def _asking(hostname: DnsName, decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions on services that ask for a hostname, whether they may have it or not."""
    return [decision for decision in decisions if _asks(hostname, decision)]


def _asks(hostname: DnsName, decision: Decision) -> bool:
    wishes = [wish for verdict in decision.verdicts if verdict.shard is not None for wish in verdict.shard.wishes]
    if not wishes:
        return False
    regions = {answer.scope.region for answer in decision.scopes} - {""}
    return any(hostname == name for wish in wishes for name, _ in wish.expanded(regions))


def _about(hostname: DnsName, decision: Decision) -> list[Problem]:
    return [problem for problem in decision.problems if f" {hostname} " in problem.text]
