"""`feddns readmit`: an evicted cluster answers again."""

import asyncio
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import chosen_cluster, cluster_argument, cluster_names, take_back, warn_of_freeze
from feddns.cli.output import emit
from feddns.model.orders import Orders, readmitted
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.telling import eviction_text


@click.command("readmit")
@common_options
@cluster_argument
def command(config: str, output: Output, cluster: str) -> None:
    """Have an evicted CLUSTER answer again where it is healthy."""
    loaded, folder = read_configuration(config, with_provider=False), Path(config).parent
    names = asyncio.run(cluster_names(loaded, folder))

    def change(orders: Orders) -> Orders:
        return readmitted(orders, chosen_cluster(cluster, names, orders.evictions))

    before, after = take_back(loaded, folder, change)
    eviction = before.evictions.get(ClusterName(cluster))
    was = "was not evicted" if eviction is None else f"is not evicted any more; it was {eviction_text(eviction)}"
    emit({"cluster": cluster, "was": eviction}, output, lambda _: printable(f"{cluster} {was}"))
    warn_of_freeze(after)
