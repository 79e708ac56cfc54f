"""`feddns evict`: a cluster is out of every answer at once."""

from collections.abc import Iterator
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.leaving import Leave, leave
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import cluster_argument, force_option, person
from feddns.cli.output import emit
from feddns.model.orders import Eviction, Orders, evicted
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.outlook import Outlook, Timetable, eviction_times
from feddns.orders.telling import eviction_text, instant


@click.command("evict")
@common_options
@cluster_argument
@force_option
def command(config: str, output: Output, cluster: str, *, force: bool) -> None:
    """Take CLUSTER out of every answer at once, also where it cannot be seen: a person's word that it is down.

    It is refused where a service would be left without a healthy shard. It stays so until `feddns readmit`.
    """
    loaded = read_configuration(config)

    def given(orders: Orders, name: ClusterName, now: float) -> Orders:
        return evicted(orders, name, Eviction(now, person(), force))

    ordered, found = leave(loaded, Path(config).parent, Leave("evict", cluster, force, given))
    eviction = ordered.after.evictions[ClusterName(cluster)]
    times = eviction_times(eviction.since, found.ttls.values())
    value = {
        "cluster": cluster,
        "since": eviction.since,
        "by": eviction.by,
        "forced": eviction.forced,
        "outBy": times.out_by,
        "movedBy": times.moved_by,
        "services": len(found.ttls),
        "bereft": [str(key) for key in found.bereft],
    }
    emit(value, output, lambda _: "\n".join(map(printable, _lines(cluster, eviction, times, found))))


def _lines(cluster: str, eviction: Eviction, times: Timetable, found: Outlook) -> Iterator[str]:
    yield f"{cluster} is {eviction_text(eviction)}"
    count = len(found.ttls)
    if not count:
        yield "it is in no service's answers"
    else:
        services = "of the service" if count == 1 else f"of the {count} services"
        yield f"{instant(times.out_by)}  it is out of the answers {services} that it answered for"
        yield f"{instant(times.moved_by)}  its clients have moved"
    yield f"it stays evicted until `feddns readmit {cluster}`"
