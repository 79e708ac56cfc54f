"""What would become of a zone, as lines for people, and as plain values for JSON and YAML."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, TypeVar

from feddns.model.services import ServiceKey
from feddns.plan.diff import diff
from feddns.plan.render import change_lines, change_value, record_value
from feddns.whatif.outcome import Changed, Kept, Outcome
from feddns.whatif.rhythm import BATCH_S

Of = TypeVar("Of", Changed, Kept)

Line = tuple[str, str]
"""A line's kind, as `feddns.plan.render.plan_lines` has it, and its text."""


def outcome_lines(outcome: Outcome) -> Iterator[Line]:
    """What would become of a zone, line by line, service by service."""
    changed, kept = _by_service(outcome.changed), _by_service(outcome.kept)
    for key in sorted(changed.keys() | kept.keys()):
        yield "", f"{key}"
        yield from _changed_lines(changed.get(key, ()))
        yield from _kept_lines(kept.get(key, ()))
    if outcome.pending:
        yield "!", f"taken as written: {_count(len(outcome.pending), 'change')} that `feddns plan` shows"
    if outcome.changed:
        estimated = f"{BATCH_S:g} s a batch and what the provider's limits and pace allow"
        yield "", f"all times are the longest that may be; writing is estimated, by {estimated}"
    if not outcome.is_over:
        yield "!", "more would happen after the time that was looked at, a day"
    yield "", _summary(outcome)


def outcome_value(outcome: Outcome) -> dict[str, Any]:
    """The same as plain values; all times are in seconds from the beginning, or as their names say."""
    return {
        "zone": outcome.zone,
        "summary": {
            "change": len(outcome.changed),
            "keep": len(outcome.kept),
            "moved": _rounded(outcome.moved_s),
            "over": outcome.is_over,
        },
        "changes": [_changed_value(each) for each in outcome.changed],
        "kept": [
            {
                "service": str(each.service),
                "name": each.name,
                "values": list(each.values),
                "clusters": list(each.clusters),
                "others": each.others,
                "reasons": list(each.reasons),
            }
            for each in outcome.kept
        ],
        "pending": [change_value(each) for each in outcome.pending],
    }


def _changed_value(changed: Changed) -> dict[str, Any]:
    lowered = changed.lowered
    return {
        "service": str(changed.service),
        "name": changed.name,
        "before": [record_value(each) for each in changed.before],
        "after": [record_value(each) for each in changed.after],
        "firstDetected": _rounded(changed.first_s),
        "detected": _rounded(changed.decided_s),
        "write": _rounded(changed.write_s),
        "ttl": _rounded(changed.ttl_s),
        "moved": _rounded(changed.moved_s),
        "ttlLowered": None if lowered is None else {"after": _rounded(lowered.after_s), "ttl": lowered.ttl_s},
        "followers": list(changed.followers),
    }


def _by_service(every: Iterable[Of]) -> dict[ServiceKey, list[Of]]:
    found: dict[ServiceKey, list[Of]] = {}
    for each in every:
        found.setdefault(each.service, []).append(each)
    return found


def _changed_lines(changed: Iterable[Changed]) -> Iterator[Line]:
    for times, together in groupby(sorted(changed, key=_times), key=_times):
        for each in together:
            for change in diff(each.after, each.before):
                yield from change_lines(change)
            yield from (("", f"    {follower} leads there") for follower in each.followers)
        yield "", f"  {times}"


def _kept_lines(kept: Iterable[Kept]) -> Iterator[Line]:
    for (values, clusters, reasons), together in groupby(sorted(kept, key=_held), key=_held):
        yield "!", f"  ! {', '.join(values)} of {', '.join(clusters)} would stay:"
        yield from (("!", f"    at {each.name}{'' if each.others else ', alone'}") for each in together)
        yield from (("", f"    {reason}") for reason in reasons)


def _times(changed: Changed) -> str:
    first = "" if changed.first_s == changed.decided_s else f" (a first change after {_text(changed.first_s)} s)"
    lowered = changed.lowered
    ttl = "" if lowered is None else f" (lowered to {lowered.ttl_s} s after {_text(lowered.after_s)} s)"
    return (
        f"moved after at most {_text(changed.moved_s)} s: detected after {_text(changed.decided_s)} s{first}, "
        f"written in {_text(changed.write_s)} s, TTL {_text(changed.ttl_s)} s{ttl}"
    )


def _held(kept: Kept) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return kept.values, kept.clusters, kept.reasons


def _summary(outcome: Outcome) -> str:
    if outcome.changed:
        number = len(outcome.changed)
        change = "answer changes" if number == 1 else "answers change"
        text = f"{number} {change}, clients moved after at most {_text(outcome.moved_s or 0.0)} s"
    else:
        text = "no answer changes"
    if outcome.kept:
        clusters = ", ".join(sorted({cluster for each in outcome.kept for cluster in each.clusters}))
        leads = "answer still leads" if len(outcome.kept) == 1 else "answers still lead"
        text += f"; {len(outcome.kept)} {leads} to {clusters}"
    return f"{outcome.zone} {text}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _text(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")
