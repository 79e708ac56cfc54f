"""What a running feddns tells, drawn for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

import click

from feddns.cli.fitting import Column, fitted, wrapped
from feddns.cli.output import Painted
from feddns.explain import age
from feddns.model.printable import printable
from feddns.model.status import Cluster, Failover, Hold, Move, Ready, ServiceCounts, ServiceVerdict, Status, Target
from feddns.model.stories import Answer, Service
from feddns.orders.telling import drain_text, eviction_text

READY_COLOURS: Final = {Ready.TRUE: "green", Ready.FALSE: "red", Ready.UNKNOWN: "red"}
VERDICT_COLOURS: Final = {
    ServiceVerdict.HEALTHY: "green",
    ServiceVerdict.DEGRADED: "yellow",
    ServiceVerdict.UNHEALTHY: "red",
    ServiceVerdict.UNKNOWN: "red",
    ServiceVerdict.ABSENT: "magenta",
}

CLUSTER_COLUMNS: Final = (
    Column("cluster"),
    Column("ready"),
    Column("region", 1),
    Column("zones", 2),
    Column("heard", 1),
    Column("services"),
)
"""What is told of each cluster first, wherever clusters are told of."""

_CLUSTERS: Final = (*CLUSTER_COLUMNS, Column("healthy"), Column("orders, reason"))
_SERVICES: Final = (Column("service"), Column("verdict"), Column("healthy"), Column("answers"))
_TARGETS: Final = (
    Column("target"),
    Column("zone", 2),
    Column("records"),
    Column("waiting"),
    Column("read", 1),
    Column("written"),
    Column("last failure"),
)
_MOVES: Final = (Column("pending"), Column("service"), Column("cluster"), Column("for", 1), Column("what"))
_FAILOVERS: Final = (
    Column("failover"),
    Column("cluster"),
    Column("service"),
    Column("written"),
    Column("from and to", 1),
    Column("because"),
)


def status_text(status: Status, services: Sequence[Service], width: int | None) -> str:
    """The federation at a glance.

    Args:
        status: what was told.
        services: those to show.
        width: of the terminal; None for no limit.
    """
    parts = [
        _heading(status, width),
        fitted(_CLUSTERS, (_cluster(cluster, status.at) for cluster in status.clusters), width),
        services_text(services, status.services, width),
        fitted(_TARGETS, (_target(target, status.at) for target in status.targets), width),
    ]
    if status.next_moves:
        parts.append(fitted(_MOVES, (_move(move, status.at) for move in status.next_moves), width))
        if (more := status.moves - len(status.next_moves)) > 0:
            parts[-1] += f"\n... {more} more pending"
    if status.failovers:
        parts.append(fitted(_FAILOVERS, (_failover(each, status.at) for each in status.failovers), width))
    problems = "\n".join(_problems(status, width))
    return "\n\n".join(filter(None, (*parts, problems)))


def services_text(services: Sequence[Service], counts: ServiceCounts | None, width: int | None) -> str:
    """Services with their answers, under how many there are of each kind."""
    rows = [_service(service) for service in services]
    lines = [] if counts is None else [_counted(counts)]
    if rows:
        lines.append(fitted(_SERVICES, rows, width))
    if counts is not None and len(rows) < counts.total:
        others = "the others are healthy" if len(rows) == counts.total - counts.healthy else "not all are shown"
        lines.append(f"{others}: --unhealthy, --namespace NAMESPACE and --all show more")
    return "\n".join(lines)


def orders_text(cluster: Cluster) -> str:
    """What is ordered for a cluster; empty where nothing is."""
    eviction = "" if cluster.eviction is None else eviction_text(cluster.eviction)
    return ", ".join(filter(None, (eviction, "" if cluster.drain is None else drain_text(cluster.drain))))


def ago(moment: float | None, now: float) -> str:
    """How long ago something was."""
    return "-" if moment is None else age(now - moment)


def _heading(status: Status, width: int | None) -> str:
    leadership = status.leadership
    role = "" if leadership.role == "alone" else f", {leadership.role}"
    leader = f" (the leader is {leadership.leader or 'nobody'})" if leadership.role == "standby" else ""
    configuration = f"configuration {status.configuration.digest} for {ago(status.configuration.since, status.at)}"
    text = f"federation {status.federation} of {status.owner}: feddns {status.version} for "
    text += f"{ago(status.started_at, status.at)}{role}{leader}, {configuration}"
    lines = [wrapped(text, width)]
    lines.extend(click.style(wrapped(f"! {line}", width), fg="red") for line in _troubles(status))
    lines.extend(click.style(wrapped(f"! {_hold(hold)}", width), fg="magenta") for hold in status.holds)
    return "\n".join(lines)


def _troubles(status: Status) -> Iterator[str]:
    if status.unready:
        yield f"not ready: {status.unready}"
    if status.configuration.refusal:
        yield f"what the configuration says now does not count: {status.configuration.refusal}"
    if status.configuration.waiting:
        yield f"these settings count only from the next start: {', '.join(status.configuration.waiting)}"


def _hold(hold: Hold) -> str:
    where = f"{hold.target}: " if hold.target else ""
    count = f"{hold.count} shards of {hold.cluster} stay, such as " if hold.cluster and hold.count > 1 else ""
    release = "" if not hold.release or hold.release in hold.text else f" (`{hold.release}` releases it)"
    return f"{where}{count}{hold.text}{release}"


def _cluster(cluster: Cluster, now: float) -> tuple[str | Painted, ...]:
    return (
        cluster.name,
        Painted(cluster.ready, READY_COLOURS[cluster.ready]),
        cluster.region or "-",
        ",".join(cluster.zones) or "-",
        ago(cluster.heard_at, now),
        str(cluster.services),
        str(cluster.verdicts.healthy),
        "; ".join(filter(None, (orders_text(cluster), cluster.reason))),
    )


def _counted(counts: ServiceCounts) -> str:
    words = ("healthy", "degraded", "unhealthy", "unknown", "absent")
    found = ", ".join(f"{number} {word}" for word in words if (number := getattr(counts, word)))
    return f"{counts.total} service{'' if counts.total == 1 else 's'}{f': {found}' if found else ''}"


def _service(service: Service) -> tuple[str | Painted, ...]:
    return (
        f"{service.namespace}/{service.name}",
        Painted(service.verdict, VERDICT_COLOURS[service.verdict]),
        f"{service.healthy}/{service.clusters}",
        answers_text(service.answers),
    )


def answers_text(answers: Sequence[Answer]) -> str:
    """What the zones have for a service, the global answer first, then the scopes that lead on to others."""
    by_target: dict[str, list[Answer]] = {}
    for answer in answers:
        by_target.setdefault(answer.target, []).append(answer)
    texts = {target: _zone_text(found) for target, found in by_target.items()}
    if len(set(texts.values())) <= 1:
        return next(iter(texts.values()), "nothing yet")
    return " | ".join(f"at {target}: {text}" for target, text in texts.items())


def _zone_text(answers: Sequence[Answer]) -> str:
    """The global answer, then regions, then zones that have not their region's; first those that lead on."""
    by_region = {answer.region: _values(answer) for answer in answers if not answer.zone}
    told = [answer for answer in answers if not answer.zone or _values(answer) != by_region.get(answer.region)]
    told.sort(key=lambda answer: (bool(answer.region), not answer.leads_to, bool(answer.zone)))
    return "; ".join(map(_answer, told))


def _answer(answer: Answer) -> str:
    place = ".".join(filter(None, (answer.zone, answer.region)))
    if answer.leads_to:
        return f"{place} -> {answer.leads_to.removeprefix('region ')}"
    return f"{place} {_values(answer)}".strip()


def _values(answer: Answer) -> str:
    return " ".join(value for each in answer.records for value in each.values)


def _target(target: Target, now: float) -> tuple[str | Painted, ...]:
    waiting = target.waiting
    counts = ((waiting.create, "+"), (waiting.replace, "~"), (waiting.delete, "-"), (waiting.held, "!"))
    failed = target.failed_at
    is_over = failed is None or max(target.read_at or 0.0, target.written_at or 0.0) > failed
    failure = "" if failed is None else f"{ago(failed, now)} ago: {target.failure}"
    return (
        target.name,
        target.zone,
        str(target.record_sets) if target.is_known else "?",
        " ".join(f"{sign}{count}" for count, sign in counts if count) or "-",
        _since(target.read_at, now),
        _since(target.written_at, now),
        Painted(printable(failure), "" if is_over else "red"),
    )


def _since(moment: float | None, now: float) -> str:
    return "-" if moment is None else f"{ago(moment, now)} ago"


def _move(move: Move, now: float) -> tuple[str | Painted, ...]:
    if move.brake is not None:
        when = f"held ({move.brake})"
    else:
        when = "-" if move.due is None else f"in {age(move.due - now)}"
    colour = "red" if move.is_withdrawal else "green"
    return Painted(when, colour), move.service, move.cluster, ago(move.since, now), move.text


def _failover(failover: Failover, now: float) -> tuple[str | Painted, ...]:
    more = f" +{failover.services - 1}" if failover.services > 1 else ""
    written = "not yet" if failover.written_at is None else f"in {_span(failover.written_at - failover.at)}"
    colour = {"left": "red", "joined": "green", "moved": "yellow"}[failover.kind]
    return (
        f"{ago(failover.at, now)} ago",
        Painted(printable(f"{failover.cluster} {failover.kind}"), colour),
        f"{failover.service}{more}",
        written,
        way(failover),
        failover.because,
    )


def _span(seconds: float) -> str:
    return f"{max(0.0, seconds) * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def way(failover: Failover) -> str:
    """From where to where the answer of the first service went."""
    others, own = failover.others, failover.cluster
    if failover.kind == "moved":
        before, after = failover.before, failover.after
        if before.addresses != after.addresses:
            return f"{' '.join(before.addresses)} -> {' '.join(after.addresses)}"
        return f"{', '.join(before.zones) or 'no zone'} -> {', '.join(after.zones) or 'no zone'}"
    both = ", ".join(sorted((*others, own)))
    alone = ", ".join(others) or "nobody"
    return f"{both} -> {alone}" if failover.kind == "left" else f"{alone} -> {both}"


def _problems(status: Status, width: int | None) -> Iterator[str]:
    for cluster in status.clusters:
        for problem in cluster.problems:
            if problem.text not in cluster.reason:
                yield wrapped(f"{cluster.name}: {problem.reason}: {problem.text}", width)
    for target in status.targets:
        yield from (wrapped(f"{target.name}: {problem.reason}: {problem.text}", width) for problem in target.problems)
