"""`feddns run`: keep the zone in line with the clusters until stopped."""

import asyncio
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options


@click.command("run")
@common_options
def command(config: str, output: Output) -> None:  # noqa: ARG001 - `run` answers in log lines
    """Keep the zone in line with the clusters until stopped."""
    loaded = read_configuration(config)
    from feddns.controller import assemble, run  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.telemetry.lines import configure  # noqa: PLC0415 - likewise

    configure()
    asyncio.run(run.run(assemble.federation(loaded, Path(config).parent)))
