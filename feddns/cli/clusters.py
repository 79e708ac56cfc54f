"""`feddns clusters`: every cluster as it is seen now, and what is ordered for it."""

import asyncio
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.fitting import Column, fitted
from feddns.cli.options import Output, common_options
from feddns.cli.output import Painted, emit
from feddns.cli.picture import CLUSTER_COLUMNS, READY_COLOURS, ago, orders_text
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.errors import OrdersError
from feddns.explain.overview import cluster_told
from feddns.model.orders import Orders, current
from feddns.model.printable import printable
from feddns.model.status import Cluster
from feddns.model.verdicts import Health
from feddns.orders.store import OrderStore
from feddns.orders.telling import freeze_notice

if TYPE_CHECKING:
    from feddns.controller.assemble import Observatory

_COLUMNS: Final = (*CLUSTER_COLUMNS, Column("orders"), Column("reason"))


class Seen(NamedTuple):
    """What there is to tell.

    Attributes:
        orders: None where they cannot be read.
        at: when this was so, in seconds since the epoch.
    """

    clusters: list[Cluster]
    orders: Orders | None
    at: float


@click.command("clusters")
@common_options
def command(config: str, output: Output) -> None:
    """Show every cluster: whether it can be seen and why not, where it is, its services, and what is ordered for it."""
    seen = asyncio.run(_clusters(read_configuration(config, with_provider=False), Path(config).parent))
    emit(seen.clusters, output, lambda _: _text(seen))


async def _clusters(loaded: Loaded, folder: Path) -> Seen:
    from feddns.cli.opening import looking  # noqa: PLC0415 - what watches clusters, only when it is needed

    async with looking(loaded, folder) as seen:
        orders = await _orders(seen.orders)
        return Seen(_told(seen, orders), orders, STEADY())


def _told(seen: "Observatory", orders: Orders | None) -> list[Cluster]:
    seen.judging.assessments(seen.views.keys())
    verdicts = seen.judging.verdicts()
    origins = {member.name: member.origin for member in seen.fleet.members}
    return [
        cluster_told(
            state,
            origins.get(state.name, ""),
            len(source.view.keys()),
            orders,
            Counter({health: verdicts[state.name, health] for health in Health}),
        )
        for state, source in zip(seen.views.states(STEADY()), seen.sources, strict=True)
    ]


async def _orders(store: OrderStore) -> Orders | None:
    try:
        return current(await store.read(), time.time())
    except OrdersError:  # which is warned of already
        return None


def _text(seen: Seen) -> str:
    clusters, orders, at = seen
    rows = [
        (
            cluster.name,
            Painted(cluster.ready, READY_COLOURS[cluster.ready]),
            cluster.region or "-",
            ", ".join(cluster.zones) or "-",
            ago(cluster.heard_at, at),
            str(cluster.services),
            "?" if orders is None else orders_text(cluster) or "-",
            f"{cluster.sight}: {cluster.reason}" if cluster.reason else "",
        )
        for cluster in clusters
    ]
    lines = [] if orders is None or orders.freeze is None else [printable(freeze_notice(orders.freeze))]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    lines.append(fitted(_COLUMNS, rows, width))
    lines.extend(
        printable(f"{cluster.name}: {problem.reason}: {problem.text}")
        for cluster in clusters
        for problem in cluster.problems
    )
    return "\n".join(lines)
