"""`feddns freeze`: nothing is written any more."""

import time
from pathlib import Path

import click
import msgspec

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import order_at_once, person
from feddns.cli.output import emit
from feddns.cli.warnings import warn
from feddns.model.orders import Freeze, frozen
from feddns.model.printable import printable
from feddns.orders.telling import freeze_notice


@click.command("freeze")
@common_options
@click.option("--reason", default="", metavar="TEXT", help="Why, for who finds everything frozen.")
def command(config: str, output: Output, reason: str) -> None:
    """Stop all writing, in every zone, until `feddns thaw`; clusters and zones are watched and judged as ever.

    A batch that is under way may end. Where everything is frozen already, that stays as it is, with its reason.
    """
    loaded = read_configuration(config, with_provider=False)
    wanted = Freeze(round(time.time(), 3), person(), reason)
    before, after = order_at_once(loaded, Path(config).parent, lambda orders: frozen(orders, wanted))
    freeze = after.freeze or wanted
    if before.freeze is not None:
        warn("everything was frozen already, which stays as it is")
    value = {"frozen": True, **msgspec.to_builtins(freeze)}
    emit(value, output, lambda _: printable(freeze_notice(freeze)))
