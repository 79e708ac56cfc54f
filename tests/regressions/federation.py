"""A federation in virtual time, in which all parts of `feddns run` are at work that need no sockets and no files."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, Self, cast

import pytest

from feddns.assess import Beliefs
from feddns.clock import SteadyClock
from feddns.clusters.hostnames import Hostnames
from feddns.config.health import ClusterBudget, HealthSettings
from feddns.config.settings import WriteSettings
from feddns.controller.assemble import Observatory
from feddns.controller.judging import Judging
from feddns.controller.loop import Loop
from feddns.controller.ordering import Ordering
from feddns.controller.problems import ProblemLog
from feddns.controller.sight import watch_sight
from feddns.controller.targets import Target
from feddns.controller.touched import Everyone, Touched
from feddns.controller.views import Views
from feddns.health.brakes import ClusterBrake
from feddns.health.service import Circumstances
from feddns.model.orders import Drain, Eviction, drained, evicted, readmitted
from feddns.model.probing import Probe, TcpProbe
from feddns.model.records import CNAME, DnsName
from feddns.model.topology import ClusterName, Scope
from feddns.model.verdicts import Health
from feddns.probes.allowed import Allowed
from feddns.probes.prober import Prober
from feddns.providers.base import Provider
from feddns.providers.writer import ZoneWriter
from tests.builders import FED, NOW, a_policy, numbered, some_terms
from tests.controller.world import nobody
from tests.regressions.surroundings import Balancers, Board, Cluster, Resolvers, WallClock, Zone

VIRTUAL: Final = pytest.mark.looptime(noop_cycles=1)
"""Marks tests in virtual time. A start waits for a thread, but nothing else is at work then that time could outrun."""

PROBE: Final = Probe(TcpProbe(80))
DETECTED_S: Final = 45.0
"""By then probes have failed often enough in a row, and a silent API server is known to be."""

_NEVER_S: Final = 1e6


class Federation:
    """Clusters with services, numbered from 0, that are ready behind one address each; and feddns, which keeps a zone.

    Attributes:
        clusters: by name.
        addresses: of the load balancer in each cluster, which all its services share.
    """

    def __init__(
        self,
        *clusters: Cluster,
        probe: Probe | None = None,
        rules: HealthSettings | None = None,
        services: int = 1,
        zone: Zone | None = None,
    ) -> None:
        """Make a federation; feddns does not run yet.

        Args:
            clusters: `us`, `eu` and `asia` by default.
            probe: what all load balancers are asked; nothing by default.
            rules: how health is judged; as by default where not given.
            services: how many there are in each cluster.
            zone: one that another feddns keeps, too.
        """
        every = clusters or (Cluster("us"), Cluster("eu"), Cluster("asia"))
        self.clusters = {cluster.name: cluster for cluster in every}
        self.addresses = {name: f"192.0.2.{number}" for number, name in enumerate(self.clusters, 1)}
        steady = asyncio.get_running_loop().time
        self.wall = WallClock(lambda: NOW + steady())
        self.balancers, self.resolvers, self.orders = Balancers(), Resolvers(), Board()
        self.zone = zone or Zone(lambda: NOW + steady())
        self._probe = probe
        self._rules = rules or HealthSettings()
        self._services = services
        self._tasks: list[asyncio.Task[None]] = []
        self._judging: Judging

    async def __aenter__(self) -> Self:
        for name, cluster in self.clusters.items():
            cluster.probe = self._probe
            cluster.is_reachable = False  # nobody looks yet
            for number in range(self._services):
                cluster.balance(self.addresses[name], number=number)
                cluster.ready(*cluster.zones, number=number)
            cluster.is_reachable = True
        await self.start()
        await self.wait(5)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start feddns, which knows nothing but what the zone and the orders hold."""
        clock = SteadyClock(self.wall, asyncio.get_running_loop().time)
        everyone, policy = Everyone(), a_policy("fed")
        views = [cluster.looked_at(everyone, clock()) for cluster in self.clusters.values()]
        hostnames = Hostnames(lambda name: everyone.services(seen.users(name)), self.resolvers.lookup)
        seen = Views(views, hostnames)
        prober = Prober(
            lambda users: everyone.services({user[1] for user in users}),  # type: ignore[index]  # as those who want are
            clock,
            self.balancers.ask,
            allowed=Allowed(),
        )
        brake = ClusterBrake(ClusterBudget(), len(views))
        beliefs = Beliefs(policy.dns, Circumstances(self._rules, brake), (policy.names,))
        self._judging = Judging(seen, prober, beliefs, everyone, clock)
        everyone.tell(self._judging)
        touched = Touched()
        everyone.tell(touched)
        provider = cast("Provider", self.zone)  # which is opened here and not by the configuration
        writer = ZoneWriter(
            provider, some_terms(allow_deletions=True), WriteSettings(reread=_NEVER_S), clock, touched.services
        )
        loop = Loop(self._judging, seen, writer, policy, clock, ProblemLog())
        observatory = Observatory({}, nobody(everyone), hostnames, seen, prober, self._judging, self.orders, everyone)
        target = Target("zone", policy, provider, writer, loop, touched)
        self._run(writer.run())
        await writer.known.wait()  # a thread reads, for which virtual time would not wait
        ordering = Ordering(observatory, lambda: [target], clock)
        for part in (loop.run(touched), self._judging.run(), hostnames.run(), prober.run(), ordering.run()):
            self._run(part)
        self._run(watch_sight(seen, everyone, clock))
        self._run(self._beat(clock))

    async def kill(self) -> None:
        """End feddns as a power failure does."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task  # which raises what else it may have ended by

    async def restart(self) -> None:
        """Kill feddns and start it again at once."""
        await self.kill()
        await self.start()

    async def wait(self, seconds: float) -> None:
        """Let time go by."""
        await asyncio.sleep(seconds)
        for task in self._tasks:
            assert not task.done(), f"a part has ended: {task.exception()!r}"

    async def stays(self, seconds: float, answers: Mapping[str, list[str]]) -> None:
        """Let time go by, and look twice a second that these are the answers, by scope."""
        for _ in range(int(2 * seconds)):
            await self.wait(0.5)
            assert {scope: self.ask(scope) for scope in answers} == answers

    # --- what happens

    def cut(self, *names: str) -> None:
        """The API servers of these clusters cannot be reached any more."""
        for name in names:
            self.clusters[name].is_reachable = False

    def mend(self, *names: str) -> None:
        """They can be reached again, and show all there is now."""
        for name in names:
            self.clusters[name].is_reachable = True
            self.clusters[name].show(self.now)

    def die(self, *names: str) -> None:
        """The load balancers of these clusters' services answer no more."""
        self.balancers.dead.update(self.addresses[name] for name in names)

    def live(self, *names: str) -> None:
        """They answer again."""
        self.balancers.dead.difference_update(self.addresses[name] for name in names)

    async def evict(self, name: str) -> None:
        """A person wants a cluster out of every answer."""
        await self.orders.update(lambda orders: evicted(orders, ClusterName(name), Eviction(self.wall())))

    async def readmit(self, name: str) -> None:
        """And back."""
        await self.orders.update(lambda orders: readmitted(orders, ClusterName(name)))

    async def drain(self, name: str, for_s: float) -> None:
        """A person wants clients to leave a cluster for a while."""
        now = self.wall()
        await self.orders.update(lambda orders: drained(orders, ClusterName(name), Drain(now, now + for_s)))

    # --- what is seen

    def ask(self, scope: str = "", kind: str = "A", number: int = 0) -> list[str]:
        """What DNS answers: the scopes that a chain of CNAMEs leads to, then addresses, sorted.

        Args:
            scope: such as `eu-a.eu`; empty for the global one.
            kind: A or AAAA.
            number: of the service.
        """
        led: list[str] = []
        name = self.name(scope, number)
        while (found := self.zone.records.get((name, CNAME))) is not None:
            name = DnsName(found.values[0])
            parsed = FED.parse(name)
            led.append(name if parsed is None else _label(parsed[1]))
        answer = self.zone.records.get((name, kind))
        return led + sorted(answer.values if answer else ())

    def name(self, scope: str, number: int = 0) -> DnsName:
        """A service's name."""
        zone, _, region = scope.rpartition(".")
        return FED.name(numbered(number), Scope(region, zone))

    def without(self, *names: str) -> list[str]:
        """The addresses of all clusters but these."""
        return sorted(address for name, address in self.addresses.items() if name not in names)

    @property
    def everyone(self) -> list[str]:
        """The addresses of all clusters."""
        return self.without()

    def text(self) -> str:
        """The whole zone but for the claim, which counts the writes."""
        return "\n".join(sorted(str(each) for each in self.zone.records.values() if each.name != FED.claim))

    @property
    def now(self) -> float:
        """Seconds since the epoch, by a clock that nobody sets."""
        return NOW + asyncio.get_running_loop().time()

    @property
    def writes(self) -> int:
        """Batches that the zone has taken so far."""
        return len(self.zone.written_at)

    def unknown(self) -> set[str]:
        """The clusters whose shards are Unknown."""
        return {cluster for cluster, health in self._judging.verdicts() if health is Health.UNKNOWN}

    def _run(self, part: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(part))

    async def _beat(self, clock: SteadyClock) -> None:
        """Clusters show themselves at the start, and that they are alive all the time."""
        for cluster in self.clusters.values():
            cluster.show(clock())
        while True:
            await asyncio.sleep(5)
            for cluster in self.clusters.values():
                cluster.beat(clock())


def _label(scope: Scope) -> str:
    return ".".join(filter(None, (scope.zone, scope.region))) or "global"
