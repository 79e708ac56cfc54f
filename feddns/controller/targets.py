"""One zone that is kept true: what that takes, put together as the configuration asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from feddns.clock import STEADY
from feddns.config import targets as config
from feddns.config.parse import Loaded
from feddns.config.settings import WriteSettings
from feddns.controller.loop import Loop
from feddns.controller.touched import Touched
from feddns.controller.visible import Visible
from feddns.decide import Policy
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.agenda import Terms
from feddns.providers.base import PerReplica, Provider
from feddns.providers.installed import provider_class
from feddns.providers.measured import Calls, Measured
from feddns.providers.writer import ZoneWriter
from feddns.records.scopes import no_alias


class Blueprint(NamedTuple):
    """What a target is made by: a target of another blueprint is another target."""

    provider: str
    settings: msgspec.Struct
    terms: Terms
    write: WriteSettings


@dataclass(frozen=True, slots=True)
class Target:
    """All that it takes to keep one zone true.

    Attributes:
        blueprint: what it was made by; None where it was put together by hand.
        calls: of the provider, by the writer.
        visible: looks whether what is written can be seen; None where nothing does.
    """

    name: str
    policy: Policy
    provider: Provider
    writer: ZoneWriter
    loop: Loop
    touched: Touched
    blueprint: Blueprint | None = None
    calls: Calls = field(default_factory=Calls)
    visible: Visible | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has allowed beyond the configuration.

    Attributes:
        allow_deletions: the budget of deletions is set aside.
    """

    allow_deletions: bool = False


NO_CONSENT = Consent()


def policy_of(target: config.Target, loaded: Loaded) -> Policy:
    """What the decisions for a target follow.

    Raises:
        ProviderError: its provider's package cannot be imported.
    """
    settings = loaded.settings
    zones = tuple(each.zone for each in loaded.targets)
    may_alias = settings.dns.load_balancer_hostnames == "alias" or settings.hostnames
    # Only then is it worth importing the provider, which `feddns records` can do without.
    kind = provider_class(target.provider) if may_alias else None
    return Policy(
        names=Names.of(settings.federation, target.zone, zones),
        dns=settings.dns,
        owner=settings.owner,
        hostnames=settings.hostnames,
        zones=zones,
        can_alias=getattr(kind, "can_alias", no_alias),
    )


def blueprint_of(target: config.Target, loaded: Loaded, names: Names, consent: Consent = NO_CONSENT) -> Blueprint:
    """What a target is made by.

    Raises:
        ConfigError: its provider's settings do not fit.
        ProviderError: its provider's package cannot be imported.
    """
    settings = loaded.settings
    terms = Terms(names, settings.owner, settings.budget.deletions, consent.allow_deletions)
    wanted = loaded.provider(target, provider_class(target.provider).Settings)
    return Blueprint(target.provider, wanted, terms, settings.write)


def open_target(
    name: str, blueprint: Blueprint, folder: Path, touched: Touched, loop: Callable[[ZoneWriter], Loop], policy: Policy
) -> Target:
    """Make a target; nothing is contacted yet.

    Args:
        name: of the target.
        blueprint: what it is made by.
        folder: of the configuration file.
        touched: tells its loop what to look at.
        loop: makes the loop that has its decisions written.
        policy: what these follow.

    Raises:
        ProviderError: its provider cannot be made, as where its secret cannot be read.
    """
    provider = provider_class(blueprint.provider).open(blueprint.settings, blueprint.terms.names.zone, folder)

    def changed(keys: frozenset[ServiceKey]) -> None:
        touched.services(keys)

    calls, looks, zone = Calls(), blueprint.write.visible, blueprint.terms.names.zone
    visible = Visible(provider, calls, zone, looks, looks.addresses(name))
    writer = ZoneWriter(Measured(provider, calls, visible.written), blueprint.terms, blueprint.write, STEADY, changed)
    decides = loop(writer)
    if isinstance(provider, PerReplica):
        provider.fill_while(lambda: decides.is_filled)
    return Target(name, policy, provider, writer, decides, touched, blueprint, calls, visible)
