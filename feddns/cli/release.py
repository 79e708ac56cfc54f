"""`feddns release`: give up the claim, and leave the records."""

import click

from feddns.cli.departing import depart
from feddns.cli.options import Output, common_options, target_option, yes_option
from feddns.handover.departure import release


@click.command("release")
@common_options
@target_option
@yes_option
def command(config: str, output: Output, target: tuple[str, ...], *, yes: bool) -> None:
    """Give up the claim on the federation's names, and leave the records as they are.

    A `feddns run` that is still at work writes nothing any more from then on; `feddns adopt` takes the names back.
    """
    depart(config, output, target, ("Give up the claim?", "", "released"), release, yes=yes)
