"""`feddns records`: the records that should be; needs no provider."""

import asyncio
from pathlib import Path
from typing import Any

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import emit, table
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.plan.render import record_value


@click.command("records")
@common_options
def command(config: str, output: Output) -> None:
    """Print the records that the clusters call for, whatever the zone holds."""
    emit(asyncio.run(_records(read_configuration(config, with_provider=False), Path(config).parent)), output, _text)


async def _records(loaded: Loaded, folder: Path) -> list[dict[str, Any]]:
    from feddns.cli.opening import looking  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async with looking(loaded, folder) as seen:
        decisions = once.decide_all(seen)
        warn(*once.unseen(seen, "what it calls for is not told"))
        warn(*once.troubles(seen, decisions))
    return [record_value(record) for record in sorted(record for decision in decisions for record in decision.records)]


def _text(records: list[dict[str, Any]]) -> str:
    rows = [(record["name"], record["type"], str(record["ttl"]), " ".join(record["values"])) for record in records]
    return table(("name", "type", "ttl", "values"), rows)
