"""`feddns plan`: what would change in the zone, without changing it."""

import asyncio
import sys
from pathlib import Path
from typing import Final

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import emit
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.model.printable import printable
from feddns.plan.proposal import Plan
from feddns.plan.render import plan_lines, plan_value

_COLOURS: Final = {"+": "green", "~": "yellow", "-": "red", "!": "magenta"}
_CHANGES: Final = 2


@click.command("plan")
@common_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 0 for no change, 2 for changes, 1 for an error.")
def command(config: str, output: Output, *, detailed_exitcode: bool) -> None:
    """Show what would change in the zone, and change nothing."""
    plan = asyncio.run(_plan(read_configuration(config), Path(config).parent))
    show(plan, output)
    if plan.refusal:
        sys.exit(1)
    if detailed_exitcode and (plan.services or plan.held):
        sys.exit(_CHANGES)


def show(plan: Plan, output: Output, *, done: bool = False) -> None:
    """Print a plan, for people as a coloured diff.

    Args:
        plan: what is to be done.
        output: the form.
        done: whether its changes have been made.
    """
    if output != "text":
        emit(plan_value(plan), output, str)
        return
    lines = ((_COLOURS.get(kind), printable(line)) for kind, line in plan_lines(plan, done=done))
    emit(plan, output, lambda _: "\n".join(click.style(line, fg=colour) if colour else line for colour, line in lines))


async def _plan(loaded: Loaded, folder: Path) -> Plan:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async with acting(loaded, folder) as federation:
        plan, decisions = await once.plan(federation)
        warn(*once.troubles(federation.observatory, decisions))
        return plan
