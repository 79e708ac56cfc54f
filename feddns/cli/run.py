"""`feddns run`: keep the zone in line with the clusters until stopped."""

import asyncio
import gc
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Final

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options

_COLLECT_AFTER: Final = 50_000
"""New objects between two searches for cyclic garbage. What feddns holds are values that form no cycles, so Python's
usual 700 costs a tenth of a cold start, and later pauses in which no change travels."""


@click.command("run")
@common_options
def command(config: str, output: Output) -> None:  # noqa: ARG001 - `run` answers in log lines
    """Keep the zone in line with the clusters until stopped."""
    if os.getpid() == 1:  # which the kernel spares every signal that it has not asked for: pid_namespaces(7)
        signal.signal(signal.SIGTERM, _end)
    loaded = read_configuration(config)
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    from feddns.controller import assemble, run  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller.reload import Reload  # noqa: PLC0415 - likewise
    from feddns.leadership.opening import open_leadership  # noqa: PLC0415 - likewise
    from feddns.telemetry.lines import configure  # noqa: PLC0415 - likewise

    configure()
    federation = assemble.federation(loaded, Path(config).parent)
    federation.leadership = open_leadership(loaded.settings, federation.folder)
    asyncio.run(run.run(federation, Reload(Path(config), partial(read_configuration, config), loaded)))


def _end(number: int, _frame: object) -> None:
    """End while nothing has begun yet; later on `feddns.controller.run` does it in good order."""
    sys.exit(128 + number)
