"""`feddns clusters`: every cluster as it is seen now, and what is ordered for it."""

import asyncio
import time
from pathlib import Path
from typing import Any, NamedTuple

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import Painted, emit, table
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.errors import OrdersError
from feddns.model.evidence import Sight
from feddns.model.orders import Orders, current
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.store import OrderStore
from feddns.orders.telling import cluster_texts, freeze_notice


class Seen(NamedTuple):
    """What there is to tell.

    Attributes:
        orders: None where they cannot be read.
    """

    clusters: list[dict[str, Any]]
    orders: Orders | None


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
        states = seen.views.states(STEADY())
        clusters = [
            {
                "name": state.name,
                "sight": state.sight.value,
                "region": state.topology.region,
                "zones": list(state.topology.zones),
                "services": len(source.view.keys()),
                "drain": None if orders is None else orders.drains.get(state.name),
                "eviction": None if orders is None else orders.evictions.get(state.name),
                "reason": state.reason,
                "problems": [{"reason": problem.reason, "text": problem.text} for problem in state.problems],
            }
            for state, source in zip(states, seen.sources, strict=True)
        ]
    return Seen(clusters, orders)


async def _orders(store: OrderStore) -> Orders | None:
    try:
        return current(await store.read(), time.time())
    except OrdersError:  # which is warned of already
        return None


def _text(seen: Seen) -> str:
    clusters, orders = seen
    rows = [
        (
            cluster["name"],
            Painted(cluster["sight"], "green" if cluster["sight"] == Sight.VISIBLE else "red"),
            cluster["region"] or "-",
            ", ".join(cluster["zones"]) or "-",
            str(cluster["services"]),
            _ordered(orders, cluster["name"]),
            cluster["reason"],
        )
        for cluster in clusters
    ]
    lines = [] if orders is None or orders.freeze is None else [printable(freeze_notice(orders.freeze))]
    lines.append(table(("cluster", "sight", "region", "zones", "services", "orders", "reason"), rows))
    lines.extend(
        f"{cluster['name']}: {problem['reason']}: {problem['text']}"
        for cluster in clusters
        for problem in cluster["problems"]
    )
    return "\n".join(lines)


def _ordered(orders: Orders | None, cluster: ClusterName) -> str:
    """What is ordered for a cluster, in a cell of the table."""
    return "?" if orders is None else ", ".join(cluster_texts(orders, cluster, time.time())) or "-"
