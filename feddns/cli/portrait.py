"""All that a running feddns tells of one service, drawn for a terminal."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import click

from feddns.cli.fitting import Column, fitted, wrapped
from feddns.cli.output import Painted
from feddns.cli.picture import VERDICT_COLOURS
from feddns.explain import age
from feddns.model.changeset import Change, NamedRecords
from feddns.model.stories import Records, ScopeStory, ServiceStory, Shard, TargetStory
from feddns.model.verdicts import Health

_SCOPES: Final = (Column("scope"), Column("ttl", 1), Column("answer"), Column("because", 1))
_SHARDS: Final = (Column("cluster"), Column("verdict"), Column("for", 1), Column("region", 1), Column("addresses"))
_COLOURS: Final = {Health.HEALTHY: "green", Health.UNHEALTHY: "red", Health.UNKNOWN: "yellow"}
_SIGNS: Final = {"create": ("+", "green"), "replace": ("~", "yellow"), "delete": ("-", "red")}


def story_text(story: ServiceStory, width: int | None) -> str:
    """One service: the verdict on each shard with its evidence, then the answers at each target."""
    verdict = click.style(story.verdict, fg=VERDICT_COLOURS[story.verdict])
    parts = [f"{story.namespace}/{story.name}: {verdict}, {story.healthy} of {story.clusters} clusters healthy"]
    if story.shards:
        parts.append(fitted(_SHARDS, (_shard(shard, story.at) for shard in story.shards), width))
    parts.append("\n".join(line for shard in story.shards for line in _facts(shard, story.at, width)))
    parts.extend("\n".join(_target(target, width)) for target in story.targets)
    return "\n\n".join(filter(None, parts))


def _shard(shard: Shard, now: float) -> tuple[str | Painted, ...]:
    return (
        shard.cluster,
        Painted(shard.verdict, _COLOURS[shard.verdict]),
        age(now - shard.since),
        shard.region or "-",
        " ".join(shard.addresses) or "-",
    )


def _facts(shard: Shard, now: float, width: int | None) -> Iterator[str]:
    for piece in shard.evidence:
        since = "" if piece.since is None else f" (for {age(now - piece.since)})"
        line = wrapped(f"{shard.cluster}: {piece.source}: {piece.text}{since}", width)
        yield click.style(line, fg="red") if piece.against else line
    for pending in shard.pending:
        when = "at no set time" if pending.due is None else f"in {age(math.ceil(pending.due - now))}"
        line = f"{shard.cluster}: pending: {pending.text}, {when} (for {age(now - pending.since)})"
        yield click.style(wrapped(line, width), fg="yellow")
    yield from (wrapped(f"{shard.cluster}: {problem}", width) for problem in shard.problems)


def _target(target: TargetStory, width: int | None) -> Iterator[str]:
    state = "" if target.is_known else ", which has not been read yet"
    yield click.style(f"{target.target} (zone {target.zone}{state})", bold=True)
    if target.answers:
        yield fitted(_SCOPES, (_scope(answer) for answer in target.answers), width)
    for found in target.hostnames:
        yield wrapped(f"{found.hostname} {found.because}", width)
    for change in target.waiting:
        sign, colour = _SIGNS[change.action]
        yield click.style(wrapped(f"{sign} {_change(change)}", width), fg=colour)
    yield from (click.style(wrapped(f"! {hold}", width), fg="magenta") for hold in target.holds)
    yield from (wrapped(f"{problem.reason}: {problem.text}", width) for problem in target.problems)


def _scope(answer: ScopeStory) -> tuple[str, ...]:
    records = answer.records if answer.published is None else answer.published
    ttl = str(records[0].ttl) if records else "-"
    return answer.scope, ttl, _values(records), answer.because


def _values(records: Sequence[Records]) -> str:
    return " ".join(f"{each.type} {' '.join(each.values)}" for each in records) or "no records"


def _change(change: Change) -> str:
    before, after = change.current, change.desired
    if before is not None and after is not None:
        return f"{_named(before)} => {after.ttl} {after.type} {' '.join(after.values)}"
    return _named(before or after)


def _named(records: NamedRecords | None) -> str:
    return "" if records is None else f"{records.name} {records.ttl} {records.type} {' '.join(records.values)}"
