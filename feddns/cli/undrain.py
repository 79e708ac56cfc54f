"""`feddns undrain`: a drained cluster answers again."""

import asyncio
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import chosen_cluster, cluster_argument, cluster_names, take_back, warn_of_freeze
from feddns.cli.output import emit
from feddns.model.orders import Orders, undrained
from feddns.model.printable import printable
from feddns.model.topology import ClusterName
from feddns.orders.telling import drain_text


@click.command("undrain")
@common_options
@cluster_argument
def command(config: str, output: Output, cluster: str) -> None:
    """Have a drained CLUSTER answer again where it is healthy, before the drain ends by itself."""
    loaded, folder = read_configuration(config, with_provider=False), Path(config).parent
    names = asyncio.run(cluster_names(loaded, folder))

    def change(orders: Orders) -> Orders:
        return undrained(orders, chosen_cluster(cluster, names, orders.drains))

    before, after = take_back(loaded, folder, change)
    drain = before.drains.get(ClusterName(cluster))
    was = "was not drained" if drain is None else f"is not drained any more; it was {drain_text(drain)}"
    emit({"cluster": cluster, "was": drain}, output, lambda _: printable(f"{cluster} {was}"))
    warn_of_freeze(after)
