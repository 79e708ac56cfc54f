"""The parts that the verbs work with, opened and closed around one look at the clusters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.controller import assemble, once
from feddns.controller.assemble import Federation, Observatory
from feddns.telemetry.lines import configure


@asynccontextmanager
async def looking(loaded: Loaded, folder: Path) -> AsyncIterator[Observatory]:
    """What looks at the clusters, once they have been seen."""
    configure("error")
    seen = assemble.observatory(loaded, folder)
    async with once.watching(seen, loaded.settings.watch.start_grace):
        yield seen


@asynccontextmanager
async def acting(
    loaded: Loaded, folder: Path, *, allow_deletions: bool = False, adopt: bool = False
) -> AsyncIterator[Federation]:
    """All parts, once the clusters have been seen; those that were not are warned of.

    Args:
        loaded: the configuration.
        folder: where it stands.
        allow_deletions: whether a person has set the budget of deletions aside.
        adopt: whether a person has said that names found without a claim are the federation's.
    """
    configure("error")
    federation = assemble.federation(loaded, folder, allow_deletions=allow_deletions, adopt=adopt)
    try:
        async with once.watching(federation.observatory, loaded.settings.watch.start_grace):
            warn(*once.unseen(federation.observatory, "its answers stay as they are"))
            yield federation
    finally:
        await federation.provider.close()
