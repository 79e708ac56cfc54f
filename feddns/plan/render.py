"""A plan as a diff for people, and as plain values for JSON and YAML."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.records import RecordSet
from feddns.plan.proposal import Plan


def count(plan: Plan) -> dict[str, int]:
    """How many record sets would be created, replaced and deleted, and how many deletions are held."""
    kinds = Counter[type[Change]](type(change) for service in plan.services for change in service.changes)
    return {
        "create": kinds[Create],
        "replace": kinds[Replace],
        "delete": kinds[Delete],
        "held": len(plan.withheld),
    }


def plan_lines(plan: Plan, *, done: bool = False) -> Iterator[tuple[str, str]]:
    """The plan line by line.

    Args:
        plan: what is to be done.
        done: whether its changes have been made.

    Yields:
        the line's kind (`+`, `~`, `-`, `!` for what is held or refused, or empty for the rest) and its text.
    """
    if plan.refusal:
        yield "!", f"refused: {plan.refusal}"
    if plan.frozen:
        yield "!", f"{plan.frozen}"
    for service in plan.services:
        yield "", f"{service.key}"
        for change in service.changes:
            yield from change_lines(change)
    for held in plan.held:
        yield "!", f"held: {held.text}"
        for deletion in plan.withheld_for(held.cause):
            yield "!", f"  ! {record_text(deletion.current)}"
    for problem in plan.problems:
        yield "!", f"{problem.reason}: {problem.text}"
    yield "", _summary(plan, done=done)


def plan_value(plan: Plan) -> dict[str, Any]:
    """The plan as plain values."""
    return {
        "zone": plan.zone,
        "summary": count(plan),
        "refusal": plan.refusal,
        "frozen": plan.frozen,
        "changes": [
            {"service": str(service.key), **change_value(change)}
            for service in plan.services
            for change in service.changes
        ],
        "held": [
            {
                "cause": held.cause.value,
                "count": held.count,
                "limit": held.limit,
                "owned": held.owned,
                "reason": held.text,
                "changes": [change_value(deletion) for deletion in plan.withheld_for(held.cause)],
            }
            for held in plan.held
        ],
        "problems": [{"reason": problem.reason, "text": problem.text} for problem in plan.problems],
    }


def record_value(record_set: RecordSet) -> dict[str, Any]:
    """A record set as plain values."""
    return {
        "name": record_set.name,
        "type": record_set.type,
        "ttl": record_set.ttl,
        "values": list(record_set.values),
    }


def change_lines(change: Change) -> Iterator[tuple[str, str]]:
    """One change line by line, as `plan_lines` has it."""
    match change:
        case Create(desired):
            yield "+", f"  + {record_text(desired)}"
        case Delete(current):
            yield "-", f"  - {record_text(current)}"
        case Replace(current, desired):
            yield "~", f"  ~ {record_text(current)}"
            yield "~", f"    {' ' * len(current.name)} => {desired.ttl} {desired.type} {' '.join(desired.values)}"


def change_value(change: Change) -> dict[str, Any]:
    """One change as plain values."""
    match change:
        case Create(desired):
            return {"action": "create", "current": None, "desired": record_value(desired)}
        case Delete(current):
            return {"action": "delete", "current": record_value(current), "desired": None}
        case Replace(current, desired):
            return {"action": "replace", "current": record_value(current), "desired": record_value(desired)}


def record_text(record_set: RecordSet) -> str:
    """A record set in one line, as a zone file has it."""
    return f"{record_set.name} {record_set.ttl} {record_set.type} {' '.join(record_set.values)}"


def _summary(plan: Plan, *, done: bool) -> str:
    counted = count(plan)
    created, replaced, deleted, held = (counted[what] for what in ("create", "replace", "delete", "held"))
    if created or replaced or deleted:
        words = ("created", "replaced", "deleted") if done else ("to create", "to replace", "to delete")
        text = ", ".join(f"{number} {word}" for number, word in zip((created, replaced, deleted), words, strict=True))
    else:
        text = "nothing written" if plan.refusal or (plan.frozen and done) else "no change"
    return f"{plan.zone} {text}" + (f", {held} deletion{'' if held == 1 else 's'} held" if held else "")
