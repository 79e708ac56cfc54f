"""`feddns apply`: one pass over what is now."""

import asyncio
import sys
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.plan import show
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.plan.proposal import Plan


@click.command("apply")
@common_options
@click.option("--allow-deletions", is_flag=True, help="Delete also what the budget of deletions holds.")
@click.option("--adopt", is_flag=True, help="Take over names of the federation that are in the zone without a claim.")
def command(config: str, output: Output, *, allow_deletions: bool, adopt: bool) -> None:
    """Bring the zone in line with the clusters once, print what was done, and exit.

    The exit code is 1 where something is left undone: it is held, refused, or stands in the way of foreign records.
    """
    loaded = read_configuration(config)
    plan = asyncio.run(_apply(loaded, Path(config).parent, allow_deletions=allow_deletions, adopt=adopt))
    show(plan, output, done=True)
    if plan.refusal or plan.held or plan.problems:
        sys.exit(1)


async def _apply(loaded: Loaded, folder: Path, *, allow_deletions: bool, adopt: bool) -> Plan:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async with acting(loaded, folder, allow_deletions=allow_deletions, adopt=adopt) as federation:
        done, decisions = await once.apply(federation)
        warn(*once.troubles(federation.observatory, decisions))
        return done
