"""`feddns plan`: what would change in the zone, without changing it."""

import asyncio
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.targets import check_targets, show_each
from feddns.cli.warnings import warn
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.explain import shard_lines, shard_values
from feddns.model.printable import printable
from feddns.plan.proposal import Plan
from feddns.plan.render import plan_lines, plan_value

if TYPE_CHECKING:
    from feddns.controller.once import Planned
    from feddns.controller.twins import Difference

_COLOURS: Final = {"+": "green", "~": "yellow", "-": "red", "!": "magenta"}
_CHANGES: Final = 2


@click.command("plan")
@common_options
@target_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 0 for no change, 2 for changes, 1 for an error.")
def command(config: str, output: Output, target: tuple[str, ...], *, detailed_exitcode: bool) -> None:
    """Show what would change in the zone, and change nothing."""
    loaded = read_configuration(config)
    check_targets(loaded, target)
    outcomes, compared = asyncio.run(_plan(loaded, Path(config).parent, target))
    warn(*(str(found) for found in compared if found.record_sets))
    show_each(loaded, outcomes, output, _value, _text, twins=compared)
    plans = [planned[0] for planned in outcomes.values() if not isinstance(planned, ProviderError)]
    if any(plan.refusal for plan in plans):
        sys.exit(1)
    if detailed_exitcode and any(plan.services or plan.held for plan in plans):
        sys.exit(_CHANGES)


def plan_text(plan: Plan, *, done: bool = False) -> str:
    """A plan as a coloured diff."""
    return painted(plan_lines(plan, done=done))


def painted(lines: Iterable[tuple[str, str]]) -> str:
    """Lines of a diff, each coloured by its kind."""
    colours = ((_COLOURS.get(kind), printable(line)) for kind, line in lines)
    return "\n".join(click.style(line, fg=colour) if colour else line for colour, line in colours)


def _text(planned: "Planned") -> str:
    plan, decisions = planned
    *lines, summary = plan_lines(plan)
    shards = shard_lines(decisions, {service.key for service in plan.services}, STEADY())
    return painted((*lines, *(("", line) for line in shards), summary))


def _value(planned: "Planned") -> dict[str, Any]:
    plan, decisions = planned
    return {**plan_value(plan), "shards": shard_values(decisions, {service.key for service in plan.services})}


async def _plan(
    loaded: Loaded, folder: Path, only: Collection[str]
) -> tuple[dict[str, "Planned | ProviderError"], list["Difference"]]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once, twins  # noqa: PLC0415 - likewise

    async with acting(loaded, folder, only=only) as federation:
        planned = await once.each(federation.targets, once.plan)
        warn(*once.troubles(federation.observatory, once.all_decisions(planned)))
        return planned, await twins.compared(federation.targets)
