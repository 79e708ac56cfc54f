"""The one place that knows every part, and puts the parts together as the configuration asks for."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from feddns.assess import Beliefs
from feddns.clock import STEADY
from feddns.clusters.hostnames import Hostnames
from feddns.clusters.roster import open_roster
from feddns.clusters.source import Source
from feddns.config import targets as config
from feddns.config.parse import Loaded
from feddns.config.probing import ProbingSettings
from feddns.config.settings import Settings
from feddns.controller.enrolment import Enrolment
from feddns.controller.fleet import Fleet
from feddns.controller.judging import Judging, User
from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.targets import NO_CONSENT, Blueprint, Consent, Target, blueprint_of, open_target, policy_of
from feddns.controller.touched import Everyone, Touched
from feddns.controller.twins import Lookout
from feddns.controller.views import Views
from feddns.decide import Policy
from feddns.errors import ClusterError
from feddns.leadership.opening import Alone, Leadership
from feddns.model.endpoint import Endpoint
from feddns.model.probing import HeadersFrom
from feddns.orders.store import OrderStore, open_store
from feddns.probes.allowed import Allowed
from feddns.probes.ask import Asker
from feddns.probes.headers import HeaderFolders, checked
from feddns.probes.prober import Prober
from feddns.providers.writer import ZoneWriter
from feddns.telemetry.lag import Lag


@dataclass(slots=True)
class Observatory:
    """All that looks at clusters.

    Attributes:
        policies: what the decisions follow, by the name of the target that they are made for.
    """

    policies: dict[str, Policy]
    enrolment: Enrolment
    hostnames: Hostnames
    views: Views
    prober: Prober
    judging: Judging
    orders: OrderStore
    touched: Everyone

    @property
    def fleet(self) -> Fleet:
        """The clusters, as they come and go."""
        return self.enrolment.fleet

    @property
    def sources(self) -> tuple[Source, ...]:
        """What sees each cluster now; they change as clusters come and go."""
        return self.fleet.sources


@dataclass(slots=True)
class Federation:
    """Everything.

    Attributes:
        targets: those of the configuration that counts now.
        folder: where the configuration stands.
        problems: what was told of services.
        listen: where metrics and probes are answered; None where they are not.
        leadership: whether this replica is the one that writes.
        is_ending: whether it was told to end.
        lag: how late the event loop is.
        twins: what compares targets of one zone.
    """

    observatory: Observatory
    targets: tuple[Target, ...]
    folder: Path = Path()
    problems: ProblemLog = field(default_factory=ProblemLog)
    listen: Endpoint | None = None
    leadership: Leadership = field(default_factory=Alone)
    is_ending: bool = False
    lag: Lag = field(default_factory=Lag)
    twins: Lookout = field(default_factory=Lookout)


def observatory(loaded: Loaded, folder: Path, *, hasty: bool = False) -> Observatory:
    """Put together what looks at clusters; nothing is contacted yet.

    Args:
        loaded: the configuration.
        folder: where it stands, which relative paths in it start from.
        hasty: whether probes are to come to a result soon, for commands that look once.
    """
    settings = loaded.settings
    touched = Everyone()

    def resolved(hostname: str) -> None:
        for key in views.users(hostname):
            touched.service(key)

    def moved() -> None:
        views.keep(source.view for source in fleet.sources)
        judging.attend({source.view.name for source in fleet.sources})

    hostnames = Hostnames(resolved)
    views = Views((), hostnames)
    fleet = Fleet(touched, moved)
    policies = {target.name: policy_of(target, loaded) for target in loaded.targets}

    def probed(users: frozenset[Hashable]) -> None:
        touched.services({user[1] for user in cast("frozenset[User]", users)})

    prober = _prober(settings.health.probing, fleet, probed, hasty=hasty)
    names = [policy.names for policy in policies.values()]
    judging = Judging(views, prober, Beliefs.of(settings, names), touched, STEADY)
    touched.tell(judging)  # the first to be told, so that whoever looks then asks it anew
    enrolment = Enrolment(fleet, settings, folder, open_roster(settings, folder))
    orders = open_store(settings.state, folder, settings.watch)
    return Observatory(policies, enrolment, hostnames, views, prober, judging, orders, touched)


def _prober(
    settings: ProbingSettings, fleet: Fleet, changed: Callable[[frozenset[Hashable]], None], *, hasty: bool
) -> Prober:
    folders = HeaderFolders()

    async def headers(wanted: HeadersFrom) -> Mapping[str, str]:
        if wanted.secret:
            source = next((each for each in fleet.sources if each.view.name == wanted.cluster), None)
            if source is None:
                raise ClusterError(f"the cluster {wanted.cluster} has left")
            entries = await source.secret(wanted.namespace, wanted.secret)
            return checked(entries, f"Secret {wanted.namespace}/{wanted.secret} in cluster {wanted.cluster}")
        return folders.headers(wanted.folder)

    return Prober(
        changed,
        STEADY,
        Asker(headers).ask,
        allowed=Allowed(settings.networks),
        concurrency=settings.concurrency,
        hasty=hasty,
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
    made = Federation(seen, (), folder, ProblemLog(), _listen(loaded.settings))
    chosen = [target for target in loaded.targets if not only or target.name in only]
    made.targets = tuple(
        _target(made, target, blueprint_of(target, loaded, seen.policies[target.name].names, consent), seen.policies)
        for target in chosen
    )
    for target in made.targets:
        seen.touched.tell(target.touched)
    return made


def refit(made: Federation, loaded: Loaded) -> tuple[Target, ...]:
    """Have a federation follow another configuration; what that does not concern goes on as it is.

    Returns:
        The targets that are no more: their work is to be ended, and their providers to be closed.

    Raises:
        ConfigError: a provider's settings do not fit; then nothing has changed.
        ProviderError: a provider cannot be made; likewise.
    """
    seen, there = made.observatory, {target.name: target for target in made.targets}
    policies = {target.name: policy_of(target, loaded) for target in loaded.targets}
    blueprints = {target.name: blueprint_of(target, loaded, policies[target.name].names) for target in loaded.targets}
    kept = {name: target for name, target in there.items() if target.blueprint == blueprints.get(name)}
    targets = [
        replace(kept[target.name], policy=policies[target.name])
        if target.name in kept
        else _target(made, target, blueprints[target.name], policies)
        for target in loaded.targets
    ]
    made.targets, seen.policies = tuple(targets), policies
    for target in targets:
        target.loop.follow(target.policy)
        if target.name not in kept:
            seen.touched.tell(target.touched)
    gone = tuple(target for name, target in there.items() if name not in kept)
    for target in gone:
        seen.touched.forget(target.touched)
    seen.judging.follow(loaded.settings, tuple(dict.fromkeys(policy.names for policy in policies.values())))
    seen.enrolment.follow(loaded.settings)
    return gone


def _target(made: Federation, target: config.Target, blueprint: Blueprint, policies: Mapping[str, Policy]) -> Target:
    seen, policy, touched = made.observatory, policies[target.name], Touched(STEADY)

    def loop(writer: ZoneWriter) -> Loop:
        return Loop(seen.judging, seen.views, writer, policy, STEADY, made.problems)

    return open_target(target.name, blueprint, made.folder, touched, loop, policy)


def _listen(settings: Settings) -> Endpoint | None:
    return None if settings.web.listen is None else Endpoint.parse(settings.web.listen)
