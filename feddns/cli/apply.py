"""`feddns apply`: one pass over what is now."""

import asyncio
import sys
from collections.abc import Collection
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.plan import plan_text
from feddns.cli.targets import check_targets, show_each
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.plan.proposal import Plan
from feddns.plan.render import plan_value


@click.command("apply")
@common_options
@target_option
@click.option("--allow-deletions", is_flag=True, help="Delete also what the budget of deletions holds.")
def command(config: str, output: Output, target: tuple[str, ...], *, allow_deletions: bool) -> None:
    """Bring the zone in line with the clusters once, print what was done, and exit.

    The exit code is 1 where something is left undone: it is held, refused, or stands in the way of foreign records, or
    everything is frozen.
    """
    loaded = read_configuration(config)
    check_targets(loaded, target)
    outcomes = asyncio.run(_apply(loaded, Path(config).parent, target, allow_deletions=allow_deletions))
    show_each(loaded, outcomes, output, plan_value, lambda plan: plan_text(plan, done=True))
    plans = (plan for plan in outcomes.values() if isinstance(plan, Plan))
    if any(plan.refusal or plan.held or plan.problems or plan.frozen for plan in plans):
        sys.exit(1)


async def _apply(
    loaded: Loaded, folder: Path, only: Collection[str], *, allow_deletions: bool
) -> dict[str, Plan | ProviderError]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise
    from feddns.controller.targets import Consent  # noqa: PLC0415 - likewise

    consent = Consent(allow_deletions=allow_deletions)
    async with acting(loaded, folder, only=only, consent=consent) as federation:
        async with once.obeying(federation.observatory, federation.targets):
            applied = await once.each(federation.targets, once.apply)
        warn(*once.troubles(federation.observatory, once.all_decisions(applied)))
        return once.plans(applied)
