"""The parts that the verbs work with, opened and closed around one look at the clusters."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.controller import assemble, once
from feddns.controller.assemble import Federation, Observatory
from feddns.controller.targets import NO_CONSENT, Consent, Target
from feddns.telemetry.lines import configure


@asynccontextmanager
async def looking(loaded: Loaded, folder: Path) -> AsyncIterator[Observatory]:
    """What looks at the clusters, once they have been seen.

    Raises:
        ClusterError: it cannot be found out which clusters there are.
    """
    configure("error")
    seen = assemble.observatory(loaded, folder, hasty=True)
    await seen.enrolment.look()
    async with once.watching(seen, loaded.settings.watch.start_grace):
        warn(*_unordered(await once.take_orders(seen)))
        yield seen


@asynccontextmanager
async def acting(
    loaded: Loaded, folder: Path, *, only: Collection[str] = (), consent: Consent = NO_CONSENT, told: bool = False
) -> AsyncIterator[Federation]:
    """All parts, once the clusters have been seen; those that were not are warned of.

    Args:
        loaded: the configuration.
        folder: where it stands.
        only: names of targets; empty for all.
        consent: what a person has allowed.
        told: whether the warnings have been given already.

    Raises:
        ClusterError: it cannot be found out which clusters there are.
    """
    configure("error")
    federation = assemble.federation(loaded, folder, only=only, consent=consent, hasty=True)
    try:
        await federation.observatory.enrolment.look()
        async with once.watching(federation.observatory, loaded.settings.watch.start_grace):
            # Now, as the look may have taken long, and much may have been ordered meanwhile.
            trouble = await once.take_orders(federation.observatory, federation.targets)
            if not told:
                warn(*_unordered(trouble))
                warn(*once.unseen(federation.observatory, "its answers stay as they are"))
            yield federation
    finally:
        for target in federation.targets:
            await target.provider.close()


@asynccontextmanager
async def writing(loaded: Loaded, folder: Path, *, only: Collection[str] = ()) -> AsyncIterator[tuple[Target, ...]]:
    """The targets, for what needs no look at the clusters.

    Args:
        loaded: the configuration.
        folder: where it stands.
        only: names of targets; empty for all.
    """
    configure("error")
    targets = assemble.federation(loaded, folder, only=only).targets
    try:
        yield targets
    finally:
        for target in targets:
            await target.provider.close()


def _unordered(trouble: str) -> list[str]:
    return [f"what is ordered is not known, so nothing is taken to be: {trouble}"] if trouble else []
