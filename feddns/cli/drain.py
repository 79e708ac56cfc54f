"""`feddns drain`: the clients of a cluster leave it in good order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.leaving import Leave, leave
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import cluster_argument, force_option, person
from feddns.cli.output import emit
from feddns.config.durations import parse_duration
from feddns.model.orders import Drain, Orders, drained
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.outlook import Outlook, Timetable, drain_times
from feddns.orders.telling import drain_text, instant

_LONGEST_S = 31_536_000.0


def _seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """A span of time as in the configuration, in seconds."""
    if value is None:
        return None
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not 0 < seconds <= _LONGEST_S:
        raise click.BadParameter(f"{value} is not between a millisecond and a year")
    return seconds


@click.command("drain")
@common_options
@cluster_argument
@click.option(
    "--for", "lasting", callback=_seconds, metavar="SPAN", help="End by itself after a time such as 2h or 90m."
)
@force_option
def command(config: str, output: Output, cluster: str, lasting: float | None, *, force: bool) -> None:
    """Have the clients of CLUSTER leave it in good order: lower the TTL, wait out the old one, then answer without it.

    It is refused where a service would be left without a healthy shard. It ends with --for, or with `feddns undrain`.
    """
    loaded = read_configuration(config)

    def given(orders: Orders, name: ClusterName, now: float) -> Orders:
        until = None if lasting is None else now + lasting
        return drained(orders, name, Drain(now, until, person(), force))

    ordered, found = leave(loaded, Path(config).parent, Leave("drain", cluster, force, given))
    drain = ordered.after.drains[ClusterName(cluster)]
    floor_s = loaded.settings.dns.ttl_floor
    times = drain_times(drain, found.ttls.values(), floor_s)
    emit(
        _value(cluster, drain, times, found),
        output,
        lambda _: "\n".join(map(printable, _lines(cluster, drain, times, found, floor_s))),
    )


def _value(cluster: str, drain: Drain, times: Timetable, found: Outlook) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "since": drain.since,
        "until": drain.until,
        "by": drain.by,
        "forced": drain.forced,
        "leaves": times.leaves,
        "outBy": times.out_by,
        "movedBy": times.moved_by,
        "services": len(found.ttls),
        "bereft": [str(key) for key in found.bereft],
    }


def _lines(cluster: str, drain: Drain, times: Timetable, found: Outlook, floor_s: int) -> Iterator[str]:
    yield f"{cluster} is {drain_text(drain)}"
    count = len(found.ttls)
    if not count:
        yield "it is in no service's answers"
    else:
        services = "of the service" if count == 1 else f"of the {count} services"
        if max(found.ttls.values()) > floor_s:
            yield f"{instant(drain.since)}  the TTL {services} that it answers for goes down to {floor_s} s"
        if times.leaves != times.out_by:
            yield f"{instant(times.leaves)}  services with the shortest TTL answer without it"
        yield f"{instant(times.out_by)}  it is out of every answer"
        yield f"{instant(times.moved_by)}  its clients have moved"
    if drain.until is not None:
        early = ", before it is out of every answer" if drain.until < times.out_by else ""
        yield f"{instant(drain.until)}  the drain ends by itself{early}"
    else:
        yield f"it stays drained until `feddns undrain {cluster}`"
