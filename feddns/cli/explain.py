"""`feddns explain`: why a name has the answer that it has."""

import asyncio
import time
from collections.abc import Collection, Mapping
from pathlib import Path

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.targets import check_targets, show_each
from feddns.cli.warnings import warn
from feddns.config.parse import Loaded
from feddns.errors import InvalidNameError, ProviderError
from feddns.explain import story, story_value, which
from feddns.model.decisions import Decision
from feddns.model.labels import absolute
from feddns.model.printable import printable
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import Scope
from feddns.naming import Names

Told = tuple[Decision, Scope, tuple[RecordSet, ...] | None]
"""The decision on a service, the scope that was asked for, and what the zone holds where it can be read."""


@click.command("explain")
@common_options
@target_option
@click.argument("name")
def command(config: str, output: Output, target: tuple[str, ...], name: str) -> None:
    """Tell which shards were considered for NAME, the verdict on each with its evidence, and why the answer is so.

    NAME is a full name, one without the zone, SERVICE.NAMESPACE.FEDERATION, or NAMESPACE/SERVICE.
    """
    loaded = read_configuration(config)
    check_targets(loaded, target)
    meant = _meant(name, loaded, target)
    outcomes = asyncio.run(_decide(loaded, Path(config).parent, meant))
    show_each(loaded, outcomes, output, lambda told: story_value(*told), _text)


def _text(told: Told) -> str:
    return "\n".join(printable(line) for line in story(*told, time.time()))


def _meant(text: str, loaded: Loaded, only: Collection[str]) -> dict[str, tuple[ServiceKey, Scope]]:
    """What the name means at each target that has such names; of zones one in another, a full name is the inner one's.

    Raises:
        InvalidNameError: it is no name of the federation at any.
    """
    meant: dict[str, tuple[ServiceKey, Scope]] = {}
    errors: list[InvalidNameError] = []
    for target in loaded.targets:
        if not only or target.name in only:
            try:
                meant[target.name] = which(text, Names.of(loaded.settings.federation, target.zone))
            except InvalidNameError as error:
                errors.append(error)
    if not meant:
        raise errors[0]
    zones = {target.name: target.zone for target in loaded.targets if target.name in meant}
    around = [zone for zone in zones.values() if f".{absolute(text)}".endswith(f".{zone}")]
    innermost = max(around, key=len, default=None)
    return {name: found for name, found in meant.items() if innermost in {None, zones[name]}}


async def _decide(
    loaded: Loaded, folder: Path, meant: Mapping[str, tuple[ServiceKey, Scope]]
) -> dict[str, Told | ProviderError]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise
    from feddns.controller.assemble import Target  # noqa: PLC0415 - likewise

    async def tell(target: Target) -> Told:
        key, scope = meant[target.name]
        decision, published, trouble = await once.explain(target, key)
        if trouble:
            warn(f"the zone {target.policy.names.zone} cannot be read: {trouble}")
        return decision, scope, published

    async with acting(loaded, folder, only=meant) as federation:
        told = await once.each(federation.targets, tell)
        warn(*once.troubles(federation.observatory, ()))
        return told
