"""Clusters that change as told, and loops that look at them; time goes on as told."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from feddns.assess import Beliefs
from feddns.clusters.decode import NodeFacts, ServiceFacts, SliceFacts
from feddns.clusters.hostnames import Hostnames
from feddns.clusters.lookup import FamilyFound, Found
from feddns.clusters.sight import Kind
from feddns.clusters.view import ClusterView
from feddns.config.health import HealthSettings
from feddns.config.settings import ClusterSettings, DnsSettings, Settings, WriteSettings
from feddns.controller.enrolment import Enrolment
from feddns.controller.fleet import Fleet
from feddns.controller.judging import Judging, Probes, User
from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.model.changes import Limits
from feddns.model.probing import Probe, Track
from feddns.model.records import RecordSet
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName
from feddns.providers.embedded import Embedded, EmbeddedSettings
from feddns.providers.writer import ZoneWriter
from tests.builders import FED, HASTY, NOW, a_policy, numbered, some_circumstances, some_terms

LOST_AFTER_S = 45.0
LIMITS = Limits(1_000, 100_000)
NO_FAMILY = FamilyFound((), 60.0)


def service(cluster: str, number: int, *addresses: str, hostname: str = "", problem: str = "") -> ServiceFacts:
    """A Service with these load balancers, as it is read from a cluster."""
    hostnames = (hostname,) if hostname else ()
    problems = (Problem("BadAnnotation", problem),) if problem else ()
    shard = Shard(numbered(number), ClusterName(cluster), tuple(sorted(addresses)), hostnames, problems=problems)
    return ServiceFacts(f"uid-{number}", shard, problems)


def slices(number: int, *zones: str) -> SliceFacts:
    """An EndpointSlice of the service with one ready endpoint in each of these zones."""
    ready = tuple((zone, 1) for zone in sorted(set(zones)))
    return SliceFacts(numbered(number), "IPv4", ready, 0, None)


class World:
    """Clusters `us`, placed by the configuration, and `eu`, placed by its nodes; nothing is listed yet.

    Attributes:
        now: in seconds since the epoch.
        resolves: the addresses of host names; one that is not in it does not resolve.
        everyone: passes on what changes.
        touched: is told what changes.
    """

    def __init__(self) -> None:
        self.now = NOW
        self.resolves: dict[str, tuple[str, ...]] = {}
        self.everyone = Everyone()
        self.touched = Touched()
        self.everyone.tell(self.touched)
        settings = (ClusterSettings("us", region="us", zones=("us-a",)), ClusterSettings("eu"))
        self.views = {each.name: ClusterView(each, LOST_AFTER_S, self.everyone, self.now) for each in settings}

    def list_all(self, cluster: str) -> None:
        """List what is there; nothing, at first."""
        view = self.views[cluster]
        held = {key: view.held_service(str(key))[1] for key in view.keys()}  # noqa: SIM118 - a view is no mapping
        view.replace_services({key: facts for key, facts in held.items() if facts is not None}, self.now)
        view.replace_slices({}, self.now)
        if Kind.NODES in view.kinds:
            view.replace_nodes({"n": NodeFacts("eu", "eu-a")}, self.now)

    def place(self, name: str, zone: str | None) -> None:
        """A node of `eu` stands in this zone, or is gone."""
        self.views["eu"].put_node(name, None if zone is None else NodeFacts("eu", zone), self.now)

    def serve(self, cluster: str, number: int, addresses: Iterable[str], hostname: str = "") -> None:
        """A Service has these load balancers."""
        self.views[cluster].put_service(numbered(number), service(cluster, number, *addresses, hostname=hostname))

    def withdraw(self, cluster: str, number: int) -> None:
        """A Service is gone."""
        if self.views[cluster].held_service(str(numbered(number)))[1]:
            self.views[cluster].put_service(numbered(number), None)

    def make_ready(self, cluster: str, number: int, zones: Iterable[str]) -> None:
        """A Service has one ready endpoint in each of these zones, and no others."""
        zones = tuple(zones)
        self.views[cluster].put_slice(f"{number}", slices(number, *zones) if zones else None)

    def resolve(self, hostname: str, addresses: Iterable[str]) -> None:
        """A host name leads to these addresses, or to nothing any more."""
        self.resolves.pop(hostname, None)
        if addresses:
            self.resolves[hostname] = tuple(sorted(addresses))

    def write(self) -> None:
        """Nothing happens, which is a good time to write."""

    def pass_time(self, seconds: float, heard: Iterable[str]) -> None:
        """Time goes by, at the end of which these clusters are heard."""
        self.now += seconds
        for cluster in heard:
            self.hear(cluster)

    def hear(self, cluster: str) -> None:
        """The cluster shows that it is alive."""
        for kind in self.views[cluster].kinds:
            self.views[cluster].heard(kind, self.now)

    async def lookup(self, name: str) -> Found:
        addresses = self.resolves.get(name)
        if addresses is None:
            return dict.fromkeys(("A", "AAAA"), FamilyFound(None, trouble="no name server answered"))
        return {"A": FamilyFound(addresses, 60.0), "AAAA": NO_FAMILY}

    def watcher(self, touched: Touched, rules: HealthSettings = HASTY) -> "Watcher":
        """Someone who looks at the clusters, and whose `touched` is told of what changes."""
        return Watcher(self, touched, rules)


class NoProbes:
    """Nothing is probed."""

    def want(self, user: User, targets: Mapping[str, Probe]) -> None:
        """Take no note."""

    def tracks(self, user: User) -> Mapping[str, Track]:  # noqa: ARG002 - as the protocol has it
        """Nothing."""
        return {}


NO_PROBES: Final = NoProbes()


def a_judging(
    views: Views,
    everyone: Everyone,
    clock: Callable[[], float],
    rules: HealthSettings = HASTY,
    probes: Probes = NO_PROBES,
) -> Judging:
    """What judges; it is told by `everyone`."""
    policy = a_policy("fed")
    judging = Judging(views, probes, Beliefs(policy.dns, some_circumstances(rules), (policy.names,)), everyone, clock)
    everyone.tell(judging)
    return judging


def nobody(everyone: Everyone, folder: Path = Path()) -> Enrolment:
    """A federation without a cluster."""
    settings = Settings("fed", DnsSettings("example.com", {"embedded": {}}))
    return Enrolment(Fleet(everyone, lambda: None), settings, folder, None)


class Watcher:
    """Views, host names, a loop and a writer that has no zone yet: batches are carried out by saying so."""

    def __init__(self, world: World, touched: Touched, rules: HealthSettings) -> None:
        self._world = world
        self.hostnames = Hostnames(self._resolved, world.lookup)
        self.views = Views(list(world.views.values()), self.hostnames)
        self.touched = touched
        self.everyone = Everyone()
        provider = Embedded.open(EmbeddedSettings(), FED.zone, Path("/nowhere"))
        clock: Callable[[], float] = lambda: world.now  # noqa: E731 - time is the world's
        terms = some_terms(allow_deletions=True)
        self.writer = ZoneWriter(provider, terms, WriteSettings(), clock, self.touched.services)
        self.judging = a_judging(self.views, self.everyone, clock, rules)
        self.everyone.tell(touched)
        world.everyone.tell(self.everyone)
        self.loop = Loop(self.judging, self.views, self.writer, a_policy("fed"), clock, ProblemLog())

    def look_at(self, keys: Iterable[ServiceKey]) -> None:
        self.loop.turn(keys)

    def look_at_everything(self) -> None:
        """Look at all there is, whatever was looked at before."""
        self.judging.everything()
        self.look_at(self.loop.everything())

    def look_at_touched(self) -> None:
        """Look at all that was touched, as the loop does."""
        for state in self.views.changed_states(self._world.now):
            self.everyone.cluster(state.name)
        self.judging.touch_due()
        while keys := self.touched.take(self.loop.everything):
            self.look_at(keys)

    def write(self) -> int:
        """Carry out all that waits; the number of batches."""
        agenda, batches = self.writer.agenda, 0
        while (draft := agenda.next_draft(LIMITS, self._world.now)) is not None:
            agenda.done(draft, self._world.now)
            batches += 1
        return batches

    def zone(self) -> dict[ServiceKey, tuple[RecordSet, ...]]:
        """What is written, by service."""
        agenda = self.writer.agenda
        return {key: agenda.published(key) for key in sorted(agenda.keys())}

    def _resolved(self, hostname: str) -> None:
        for key in self.views.users(hostname):
            self.everyone.service(key)
