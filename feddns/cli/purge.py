"""`feddns purge`: delete all that the federation has in a zone."""

import click

from feddns.cli.departing import depart
from feddns.cli.options import Output, common_options, target_option, yes_option
from feddns.handover.departure import purge


@click.command("purge")
@common_options
@target_option
@yes_option
def command(config: str, output: Output, target: tuple[str, ...], *, yes: bool) -> None:
    """Delete all record sets that the federation has in a zone, and its claim last.

    Stop `feddns run` first: it would write them again. What it deletes is shown, and asked about by the federation's
    name; records of others are never touched. One that was broken off goes on when it is started again.
    """
    depart(
        config,
        output,
        target,
        ("Type the federation's name to delete all of it", "{federation}", "purged"),
        purge,
        yes=yes,
    )
