"""The one place that knows every part, and puts the parts together as the configuration asks for."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feddns.clusters.hostnames import Hostnames
from feddns.clusters.source import Source, open_source
from feddns.config.parse import Loaded
from feddns.controller.loop import Loop
from feddns.controller.touched import Touched
from feddns.controller.views import Views
from feddns.decide import Policy
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.agenda import Terms
from feddns.providers.base import Provider
from feddns.providers.installed import provider_class
from feddns.providers.writer import ZoneWriter


@dataclass(frozen=True, slots=True)
class Observatory:
    """All that looks at clusters."""

    policy: Policy
    sources: tuple[Source, ...]
    hostnames: Hostnames
    views: Views
    touched: Touched


@dataclass(frozen=True, slots=True)
class Federation:
    """All that it takes to keep one zone true."""

    observatory: Observatory
    provider: Provider
    writer: ZoneWriter
    loop: Loop


def observatory(loaded: Loaded, folder: Path) -> Observatory:
    """Put together what looks at clusters; nothing is contacted yet.

    Args:
        loaded: the configuration.
        folder: where it stands, which relative paths in it start from.
    """
    settings = loaded.settings
    touched = Touched()
    sources = tuple(
        open_source(cluster, settings.services, settings.watch, folder, touched) for cluster in settings.clusters
    )

    def resolved(hostname: str) -> None:
        for key in views.users(hostname):
            touched.service(key)

    hostnames = Hostnames(resolved)
    views = Views([source.view for source in sources], hostnames)
    policy = Policy(Names.of(settings.federation, settings.dns.zone), settings.dns)
    return Observatory(policy, sources, hostnames, views, touched)


def federation(loaded: Loaded, folder: Path, *, allow_deletions: bool = False, adopt: bool = False) -> Federation:
    """Put together everything; nothing is contacted yet.

    Args:
        loaded: the configuration.
        folder: where it stands.
        allow_deletions: whether a person has set the budget of deletions aside.
        adopt: whether a person has said that names found without a claim are the federation's.

    Raises:
        ConfigError: the provider's settings do not fit.
        ProviderError: the provider cannot be made, as where its secret cannot be read.
    """
    seen = observatory(loaded, folder)
    settings = loaded.settings
    kind = provider_class(loaded.provider_name)
    provider = kind.open(loaded.provider(kind.Settings), seen.policy.names.zone, folder)
    terms = Terms(seen.policy.names, settings.owner, settings.budget.deletions, allow_deletions, adopt)

    def changed(keys: Iterable[ServiceKey]) -> None:
        seen.touched.services(keys)

    writer = ZoneWriter(provider, terms, settings.write, time.time, changed)
    return Federation(seen, provider, writer, Loop(seen.views, writer, seen.policy, time.time))
