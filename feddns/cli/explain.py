"""`feddns explain`: why a name has the answer that it has."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option
from feddns.cli.targets import check_targets, show_each
from feddns.cli.warnings import warn
from feddns.clock import STEADY
from feddns.config.parse import Loaded
from feddns.errors import InvalidNameError, ProviderError
from feddns.explain import (
    hostname_owner,
    hostname_story,
    hostname_story_value,
    story,
    story_value,
    which,
    which_hostname,
)
from feddns.model.labels import absolute, is_within
from feddns.model.printable import printable
from feddns.model.records import DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import Scope
from feddns.naming import Names
from feddns.plan.agenda import Agenda
from feddns.plan.ownership import owned_name

Meant = tuple[ServiceKey, Scope] | DnsName
"""A service at a scope, or a hostname outside of the federation's pattern."""


class Told(NamedTuple):
    """The story of one name, for people and for programs."""

    lines: list[str]
    value: dict[str, Any]


@click.command("explain")
@common_options
@target_option
@click.argument("name")
def command(config: str, output: Output, target: tuple[str, ...], name: str) -> None:
    """Tell which shards were considered for NAME, the verdict on each with its evidence, and why the answer is so.

    NAME is a full name, one without the zone, SERVICE.NAMESPACE.FEDERATION, NAMESPACE/SERVICE, or a hostname that a
    Service asks for.
    """
    loaded = read_configuration(config)
    check_targets(loaded, target)
    meant = _meant(name, loaded, target)
    outcomes = asyncio.run(_tell(loaded, Path(config).parent, meant))
    show_each(loaded, outcomes, output, lambda told: told.value, lambda told: "\n".join(map(printable, told.lines)))


def _meant(text: str, loaded: Loaded, only: Collection[str]) -> dict[str, Meant]:
    """What the name means at each target that has such names; of zones one in another, a full name is the inner one's.

    Raises:
        InvalidNameError: it is no name of the federation at any.
    """
    meant: dict[str, Meant] = {}
    errors: list[InvalidNameError] = []
    for target in loaded.targets:
        if not only or target.name in only:
            try:
                meant[target.name] = which(text, Names.of(loaded.settings.federation, target.zone))
            except InvalidNameError as error:
                errors.append(error)
    if not meant:
        meant.update(_hostname(text, loaded, only))
    if not meant:
        raise errors[0]
    zones = {target.name: target.zone for target in loaded.targets if target.name in meant}
    around = [zone for zone in zones.values() if is_within(absolute(text), zone)]
    innermost = max(around, key=len, default=None)
    return {name: found for name, found in meant.items() if innermost in {None, zones[name]}}


def _hostname(text: str, loaded: Loaded, only: Collection[str]) -> dict[str, Meant]:
    found = which_hostname(text, [target.zone for target in loaded.targets])
    if found is None:
        return {}
    hostname, zone = found
    return {
        target.name: hostname for target in loaded.targets if target.zone == zone and (not only or target.name in only)
    }


def _in_the_way(agenda: Agenda, now: float, key: ServiceKey | None, published: Iterable[RecordSet]) -> list[str]:
    """What keeps a service's record sets as they are though they should be others, with how to release it."""
    plan, names = agenda.plan(now), {record_set.name for record_set in published}
    held = (each for each in plan.held if any(change.name in names for change in plan.withheld_for(each.cause)))
    problems = (
        problem for service, problem in (*agenda.obstacles(), *agenda.refused_services.items()) if service == key
    )
    return [
        *((f"refused: {plan.refusal}",) if plan.refusal else ()),
        *filter(None, (plan.frozen,)),
        *(f"held: {each.text}" for each in held),
        *(f"{problem.reason}: {problem.text}" for problem in problems),
    ]


async def _tell(loaded: Loaded, folder: Path, meant: Mapping[str, Meant]) -> dict[str, Told | ProviderError]:
    from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
    from feddns.controller import once  # noqa: PLC0415 - likewise
    from feddns.controller.targets import Target  # noqa: PLC0415 - likewise

    async def tell(target: Target) -> Told:
        asked = meant[target.name]
        trouble = await once.look(target)
        if trouble:
            warn(f"the zone {target.policy.names.zone} cannot be read: {trouble}")
        now, agenda = STEADY(), target.writer.agenda
        decisions = target.loop.turn(sorted(target.loop.everything()))  # budgets see all that would go together
        if isinstance(asked, tuple):
            key, scope = asked
            decision = next((each for each in decisions if each.key == key), None) or target.loop.decide(key)
            published = None if trouble else agenda.published(key)
            brakes = [] if published is None else _in_the_way(agenda, now, key, published)
            told = [*story(decision, scope, published, now), *brakes]
            return Told(told, {**story_value(decision, scope, published), "brakes": brakes})
        standing = agenda.standing(asked)
        owner = hostname_owner(standing)
        published = None if trouble or owner is None else agenda.published(owner)
        own = () if trouble else (each for each in published or () if owned_name(each.name) == asked)
        brakes = [] if trouble else _in_the_way(agenda, now, owner, own)
        lines = hostname_story(asked, standing, decisions, published, now)
        value = hostname_story_value(asked, standing, decisions, published)
        return Told([*lines, *brakes], {**value, "brakes": brakes})

    async with acting(loaded, folder, only=meant) as federation:
        told = await once.each(federation.targets, tell)
        warn(*once.troubles(federation.observatory, ()))
        return told
