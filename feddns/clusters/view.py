"""What one cluster shows: kept by its source, asked by the controller, without any I/O or clock of its own."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, Protocol

import msgspec

from feddns.clusters.decode import NodeFacts, ServiceFacts, SliceFacts
from feddns.clusters.endpoints import Slices
from feddns.clusters.news import News
from feddns.clusters.sight import Hearing, Kind
from feddns.clusters.topology import Nodes, locate, needs_nodes
from feddns.config.settings import ClusterSettings
from feddns.model.evidence import ClusterState
from feddns.model.notices import Notice
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName

MOST_PROBLEMS: Final = 50
"""So many problems of one cluster are told; the rest is counted."""


Report = tuple[ServiceKey, str, Problem]
"""A Service, its uid, and what a person should know about it."""


class Touched(Protocol):
    """What a view tells when something has changed; called often, so it should only take a note."""

    def service(self, key: ServiceKey) -> None:
        """This service's shard is another one, or came, or went."""

    def cluster(self, name: ClusterName) -> None:
        """The cluster's sight, topology or problems changed: everything of it must be looked at again."""


class ClusterView:
    """The state of one cluster.

    The state is a level, not a history: it is what was listed last, with the changes since; events that are lost,
    doubled or out of order are put right by the next list. Until all needed kinds are listed once, single services
    are not reported.

    Args:
        settings: of the cluster.
        lost_after_s: seconds of silence of any needed kind after which the cluster counts as lost.
        touched: is told of changes.
        now: in seconds since the epoch, by the clock that the `now` of all other methods comes from.

    Attributes:
        news: what turned about its Services and their owners were not told of yet.
    """

    def __init__(self, settings: ClusterSettings, lost_after_s: float, touched: Touched, now: float) -> None:
        self.name = ClusterName(settings.name)
        self.kinds = tuple(kind for kind in Kind if kind is not Kind.NODES or needs_nodes(settings))
        self._settings = settings
        self._touched = touched
        self._hearing = Hearing(self.kinds, lost_after_s, now)
        self._services: dict[ServiceKey, ServiceFacts] = {}
        self._slices = Slices()
        self._nodes = Nodes()
        self._shards: dict[ServiceKey, Shard] = {}
        self._troubled: dict[ServiceKey, ServiceFacts] = {}
        self.news = News()
        self._concerns: dict[ServiceKey, dict[Hashable, tuple[Problem, ...]]] = {}
        self._topology, self._place_problems = locate(self._nodes.places(), settings)
        self._blamed: dict[tuple[Kind, str], Problem] = {}
        self._problems = self._place_problems

    # --- asked by the controller

    def state(self, now: float) -> ClusterState:
        """The cluster as it is seen now; asking costs little.

        A cluster becomes lost by the passing of time alone, so that has to be asked for; everything else is also
        reported.
        """
        sight, since = self._hearing.sight(now)
        return ClusterState(
            name=self.name,
            sight=sight,
            since=since,
            topology=self._topology,
            reason=self._hearing.reason(now),
            problems=self._problems,
            heard_at=self._hearing.heard_at,
        )

    def keys(self) -> Collection[ServiceKey]:
        """The services that have a shard here."""
        return [key for key, facts in self._services.items() if facts.shard is not None]

    def shard(self, key: ServiceKey) -> Shard | None:
        """The service's shard as last seen; None where there is none."""
        made = self._shards.get(key)
        if made is None:
            facts = self._services.get(key)
            if facts is None or facts.shard is None:
                return None
            made = msgspec.structs.replace(facts.shard, ready=self._slices.ready(key))
            self._shards[key] = made
        return made

    def troubles(self) -> Iterator[Report]:
        """What is wrong with the Services themselves."""
        for key, facts in self._troubled.items():
            yield from ((key, facts.uid, problem) for problem in facts.problems)

    def uid(self, key: ServiceKey) -> str | None:
        """The uid of a Service; None where there is no such Service."""
        facts = self._services.get(key)
        return None if facts is None else facts.uid

    def concerns(self) -> Iterator[Report]:
        """What a person should know of what is made of the Services."""
        for key, by_source in self._concerns.items():
            if (concerned := self._services.get(key)) is not None:
                yield from ((key, concerned.uid, problem) for problems in by_source.values() for problem in problems)

    def silences(self, now: float) -> dict[Kind, float]:
        """Seconds since each kind of objects was last heard of; none of kinds that never were."""
        return self._hearing.silences(now)

    # --- told by the controller

    def announce(self, key: ServiceKey, notice: Notice) -> None:
        """Have the owner of a Service told that something turned; nothing where there is no such Service."""
        if key in self._services:
            self.news.note(key, notice)

    def concern(self, key: ServiceKey, source: Hashable, problems: tuple[Problem, ...]) -> None:
        """Note what a person should know of what one source makes of a Service; nothing takes it back.

        It is told beside the Service alone: the source has it in the log where it belongs there.
        """
        if problems:
            self._concerns.setdefault(key, {})[source] = problems
        elif (by_source := self._concerns.get(key)) is not None:
            by_source.pop(source, None)
            if not by_source:
                del self._concerns[key]

    # --- told by the source

    def is_silent(self, kind: Kind, now: float) -> bool:
        """Whether nothing of this kind was heard for so long that the cluster counts as lost."""
        return self._hearing.is_silent(kind, now)

    def heard(self, kind: Kind, now: float) -> None:
        """Note that what tells of this kind's objects has just shown that it is alive."""
        if self._hearing.heard(kind, now):
            self._touched.cluster(self.name)
        if kind is Kind.NODES and self._nodes.forget(now):
            self._relocate()

    def failed(self, kind: Kind, reason: str) -> None:
        """Note why the objects of this kind cannot be read just now."""
        self._hearing.failed(kind, reason)

    def unready(self, reason: str, now: float) -> None:
        """Note that the API server says it is not ready; the cluster is lost when it has said so for long."""
        if self._hearing.unready(reason, now):
            self._touched.cluster(self.name)

    def ready(self) -> bool:
        """Note that the API server does not say, or no longer, that it is not ready.

        Returns:
            Whether the cluster is lost because it said so, and stays so until every kind has been listed again.
        """
        return self._hearing.ready()

    def blame(self, kind: Kind, subject: str, problem: Problem | None) -> None:
        """Note what is wrong with one subject (an object's or file's name, empty for the kind), or that nothing is."""
        if self._blamed.get((kind, subject)) == problem:
            return
        if problem is None:
            del self._blamed[kind, subject]
        else:
            self._blamed[kind, subject] = problem
        self._tell_problems()

    def put_service(self, key: ServiceKey, facts: ServiceFacts | None) -> None:
        """Take in one Service, or with None that it is gone or not the federation's."""
        before = self._services.get(key)
        if facts == before:
            return
        if facts is None:
            del self._services[key]
            self.news.forget(key)
        else:
            self._services[key] = facts
        self._note_trouble(key, facts)
        if _shard(before) != _shard(facts):
            self._changed((key,))

    def put_slice(self, ident: str, facts: SliceFacts | None) -> None:
        """Take in one EndpointSlice, or with None that it is gone."""
        self._changed(key for key in self._slices.put(ident, facts) if key in self._services)

    def put_node(self, name: str, facts: NodeFacts | None, now: float) -> None:
        """Take in one Node, or with None that it is gone."""
        if self._nodes.put(name, facts, now):
            self._relocate()

    def replace_services(self, services: Mapping[ServiceKey, ServiceFacts], now: float) -> None:
        """Take in all Services at once: those that are not among them are gone."""
        before, self._services = self._services, dict(services)
        for gone in before.keys() - services.keys():
            self.news.forget(gone)
        self._troubled = {key: facts for key, facts in services.items() if facts.problems}
        self._tell_problems()
        self._changed([key for key in {*before, *services} if _shard(before.get(key)) != _shard(services.get(key))])
        self._listed(Kind.SERVICES, now)

    def replace_slices(self, slices: Mapping[str, SliceFacts], now: float) -> None:
        """Take in all EndpointSlices at once: those that are not among them are gone."""
        self._changed(key for key in self._slices.replace(slices) if key in self._services)
        self._listed(Kind.SLICES, now)

    def replace_nodes(self, nodes: Mapping[str, NodeFacts], now: float) -> None:
        """Take in all Nodes at once: those that are not among them are gone."""
        if self._nodes.replace(nodes, now):
            self._relocate()
        self._listed(Kind.NODES, now)

    def held_service(self, name: str) -> tuple[ServiceKey, ServiceFacts | None]:
        """What is held of the Service with this namespace and name, joined by a slash."""
        namespace, _, service = name.partition("/")
        key = ServiceKey(namespace, service)
        return key, self._services.get(key)

    def held_slice(self, name: str) -> tuple[str, SliceFacts | None]:
        """What is held of the EndpointSlice with this namespace and name, joined by a slash."""
        return name, self._slices.get(name)

    def held_node(self, name: str) -> tuple[str, NodeFacts | None]:
        """What is held of the Node with this name."""
        return name, self._nodes.get(name)

    # --- what follows from it

    def _changed(self, keys: Iterable[ServiceKey]) -> None:
        for key in keys:
            self._shards.pop(key, None)
            if self._hearing.is_complete:
                self._touched.service(key)

    def _listed(self, kind: Kind, now: float) -> None:
        if self._hearing.listed(kind, now):
            self._touched.cluster(self.name)

    def _note_trouble(self, key: ServiceKey, facts: ServiceFacts | None) -> None:
        if facts is not None and facts.problems:
            self._troubled[key] = facts
        elif self._troubled.pop(key, None) is None:
            return
        self._tell_problems()

    def _relocate(self) -> None:
        topology, problems = locate(self._nodes.places(), self._settings)
        if topology != self._topology:
            self._topology = topology
            self._touched.cluster(self.name)
        if problems != self._place_problems:
            self._place_problems = problems
            self._tell_problems()

    def _tell_problems(self) -> None:
        # A shard carries its own problems; those of a Service that is not federated have nowhere else to go.
        homeless = [facts.problems for facts in self._troubled.values() if facts.shard is None]
        problems = sorted({*self._blamed.values(), *self._place_problems, *chain.from_iterable(homeless)})
        more = len(problems) - MOST_PROBLEMS
        if more > 0:
            text = f"cluster {self.name}: {more} further problems are not shown"
            problems = [*problems[:MOST_PROBLEMS], Problem("FurtherProblems", text)]
        if tuple(problems) != self._problems:
            self._problems = tuple(problems)
            self._touched.cluster(self.name)


def _shard(facts: ServiceFacts | None) -> Shard | None:
    return facts.shard if facts is not None else None
