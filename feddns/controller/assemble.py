"""The one place that knows every part, and puts the parts together as the configuration asks for."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import cast

from feddns.assess import Beliefs
from feddns.clock import STEADY
from feddns.clusters.hostnames import Hostnames
from feddns.clusters.source import Source, open_source
from feddns.config import targets as config
from feddns.config.parse import Loaded
from feddns.config.probing import ProbingSettings
from feddns.controller.judging import Judging, User
from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.decide import Policy
from feddns.health.brakes import ClusterBrake
from feddns.health.service import Circumstances
from feddns.model.endpoint import Endpoint
from feddns.model.probing import HeadersFrom
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.naming import Names
from feddns.orders.store import OrderStore, open_store
from feddns.plan.agenda import Terms
from feddns.probes.allowed import Allowed
from feddns.probes.ask import Asker
from feddns.probes.headers import HeaderFolders, checked
from feddns.probes.prober import Prober
from feddns.providers.base import Provider
from feddns.providers.installed import provider_class
from feddns.providers.writer import ZoneWriter
from feddns.records.scopes import no_alias


@dataclass(frozen=True, slots=True)
class Observatory:
    """All that looks at clusters.

    Attributes:
        policies: what the decisions follow, by the name of the target that they are made for.
    """

    policies: dict[str, Policy]
    sources: tuple[Source, ...]
    hostnames: Hostnames
    views: Views
    prober: Prober
    judging: Judging
    orders: OrderStore
    touched: Everyone


@dataclass(frozen=True, slots=True)
class Target:
    """All that it takes to keep one zone true."""

    name: str
    policy: Policy
    provider: Provider
    writer: ZoneWriter
    loop: Loop
    touched: Touched


@dataclass(frozen=True, slots=True)
class Federation:
    """Everything.

    Attributes:
        listen: where metrics and probes are answered; None where they are not.
    """

    observatory: Observatory
    targets: tuple[Target, ...]
    listen: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has allowed beyond the configuration.

    Attributes:
        allow_deletions: the budget of deletions is set aside.
    """

    allow_deletions: bool = False


NO_CONSENT = Consent()


def observatory(loaded: Loaded, folder: Path, *, hasty: bool = False) -> Observatory:
    """Put together what looks at clusters; nothing is contacted yet.

    Args:
        loaded: the configuration.
        folder: where it stands, which relative paths in it start from.
        hasty: whether probes are to come to a result soon, for commands that look once.
    """
    settings = loaded.settings
    touched = Everyone()
    sources = tuple(
        open_source(cluster, settings.services, settings.watch, folder, touched, settings.health.probe)
        for cluster in settings.clusters
    )

    def resolved(hostname: str) -> None:
        for key in views.users(hostname):
            touched.service(key)

    hostnames = Hostnames(resolved)
    views = Views([source.view for source in sources], hostnames)
    policies = {target.name: _policy(target, loaded) for target in loaded.targets}

    def probed(users: frozenset[Hashable]) -> None:
        touched.services({user[1] for user in cast("frozenset[User]", users)})

    prober = _prober(settings.health.probing, sources, probed, hasty=hasty)
    brake = ClusterBrake(settings.budget.clusters, len(settings.clusters))
    beliefs = Beliefs(
        settings.dns,
        Circumstances(settings.health, brake),
        tuple({policy.names: None for policy in policies.values()}),
    )
    judging = Judging(views, prober, beliefs, touched, STEADY)
    touched.tell(judging)  # the first to be told, so that whoever looks then asks it anew
    orders = open_store(settings.state, folder, settings.watch)
    return Observatory(policies, sources, hostnames, views, prober, judging, orders, touched)


def _prober(
    settings: ProbingSettings, sources: Sequence[Source], changed: Callable[[frozenset[Hashable]], None], *, hasty: bool
) -> Prober:
    by_cluster = {source.view.name: source for source in sources}
    folders = HeaderFolders()

    async def headers(wanted: HeadersFrom) -> Mapping[str, str]:
        if wanted.secret:
            entries = await by_cluster[ClusterName(wanted.cluster)].secret(wanted.namespace, wanted.secret)
            return checked(entries, f"Secret {wanted.namespace}/{wanted.secret} in cluster {wanted.cluster}")
        return folders.headers(wanted.folder)

    return Prober(
        changed,
        STEADY,
        Asker(headers).ask,
        allowed=Allowed(tuple(map(ip_network, settings.allow))),
        concurrency=settings.concurrency,
        hasty=hasty,
    )


def _policy(target: config.Target, loaded: Loaded) -> Policy:
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


def federation(
    loaded: Loaded, folder: Path, *, only: Collection[str] = (), consent: Consent = NO_CONSENT, hasty: bool = False
) -> Federation:
    """Put together everything; nothing is contacted yet.

    Args:
        loaded: the configuration.
        folder: where it stands.
        only: names of the targets to put together; empty for all.
        consent: what a person has allowed.
        hasty: as for `observatory`.

    Raises:
        ConfigError: a provider's settings do not fit.
        ProviderError: a provider cannot be made, as where its secret cannot be read.
    """
    seen = observatory(loaded, folder, hasty=hasty)
    problems = ProblemLog()
    chosen = [target for target in loaded.targets if not only or target.name in only]
    targets = tuple(_target(each, loaded, folder, seen, problems, consent) for each in chosen)
    listen = loaded.settings.web.listen
    return Federation(seen, targets, None if listen is None else Endpoint.parse(listen))


def _target(
    target: config.Target, loaded: Loaded, folder: Path, seen: Observatory, problems: ProblemLog, consent: Consent
) -> Target:
    settings, policy = loaded.settings, seen.policies[target.name]
    kind = provider_class(target.provider)
    provider = kind.open(loaded.provider(target, kind.Settings), target.zone, folder)
    terms = Terms(policy.names, settings.owner, settings.budget.deletions, consent.allow_deletions)
    touched = seen.touched.listener()

    def changed(keys: frozenset[ServiceKey]) -> None:
        touched.services(keys)

    writer = ZoneWriter(provider, terms, settings.write, STEADY, changed)
    loop = Loop(seen.judging, seen.views, writer, policy, STEADY, problems)
    return Target(target.name, policy, provider, writer, loop, touched)
