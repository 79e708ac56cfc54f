"""`feddns readmit`: an evicted cluster answers again."""

import click

from feddns.cli.options import Output, common_options
from feddns.cli.ordering import cluster_argument, take_back
from feddns.cli.output import emit
from feddns.model.orders import readmitted
from feddns.model.printable import printable
from feddns.orders.telling import eviction_text


@click.command("readmit")
@common_options
@cluster_argument
def command(config: str, output: Output, cluster: str) -> None:
    """Have an evicted CLUSTER answer again where it is healthy."""
    eviction = take_back(config, cluster, readmitted, lambda orders: orders.evictions)
    was = "was not evicted" if eviction is None else f"is not evicted any more; it was {eviction_text(eviction)}"
    emit({"cluster": cluster, "was": eviction}, output, lambda _: printable(f"{cluster} {was}"))
