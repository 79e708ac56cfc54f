"""`feddns explain`: why a name has the answer that it has."""

import asyncio
import time
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options
from feddns.cli.output import emit
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.explain import story, story_value, which
from feddns.model.decisions import Decision
from feddns.model.printable import printable
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names


@click.command("explain")
@common_options
@click.argument("name")
def command(config: str, output: Output, name: str) -> None:
    """Tell which shards were considered for NAME, the verdict on each with its evidence, and why the answer is so.

    NAME is a full name, one without the zone, SERVICE.NAMESPACE.FEDERATION, or NAMESPACE/SERVICE.
    """
    loaded = read_configuration(config)
    key, scope = which(name, Names.of(loaded.settings.federation, loaded.settings.dns.zone))
    decision, published = asyncio.run(_decide(loaded, Path(config).parent, key))
    if output == "text":
        lines = story(decision, scope, published, time.time())
        emit(decision, output, lambda _: "\n".join(printable(line) for line in lines))
    else:
        emit(story_value(decision, scope, published), output, str)


async def _decide(loaded: Loaded, folder: Path, key: ServiceKey) -> tuple[Decision, tuple[RecordSet, ...] | None]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise

    async with acting(loaded, folder) as federation:
        decision, published, trouble = await once.explain(federation, key)
        if trouble:
            warn(f"the zone cannot be read: {trouble}")
        warn(*once.troubles(federation.observatory, ()))
        return decision, published
