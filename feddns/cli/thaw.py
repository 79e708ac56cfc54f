"""`feddns thaw`: what was frozen is written again."""

from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.ordering import order_at_once
from feddns.cli.output import emit
from feddns.model.orders import thawed
from feddns.model.printable import printable
from feddns.orders.telling import freeze_text


@click.command("thaw")
@common_options
def command(config: str, output: Output) -> None:
    """Resume all writing; `feddns plan` shows beforehand what has waited."""
    loaded = read_configuration(config, with_provider=False)
    freeze = order_at_once(loaded, Path(config).parent, thawed).before.freeze
    was = "nothing was frozen" if freeze is None else f"nothing is frozen any more; it was {freeze_text(freeze)}"
    emit({"frozen": False, "was": freeze}, output, lambda _: printable(was))
