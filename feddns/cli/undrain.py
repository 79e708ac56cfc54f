"""`feddns undrain`: a drained cluster answers again."""

import click

from feddns.cli.options import Output, common_options
from feddns.cli.ordering import cluster_argument, take_back
from feddns.cli.output import emit
from feddns.model.orders import undrained
from feddns.model.printable import printable
from feddns.orders.telling import drain_text


@click.command("undrain")
@common_options
@cluster_argument
def command(config: str, output: Output, cluster: str) -> None:
    """Have a drained CLUSTER answer again where it is healthy, before the drain ends by itself."""
    drain = take_back(config, cluster, undrained, lambda orders: orders.drains)
    was = "was not drained" if drain is None else f"is not drained any more; it was {drain_text(drain)}"
    emit({"cluster": cluster, "was": drain}, output, lambda _: printable(f"{cluster} {was}"))
