"""What is around feddns: clusters, load balancers, resolvers, a zone and the wall clock; all of them do as told."""

import asyncio
from collections.abc import Callable
from typing import Final

from feddns.clusters.decode import NodeFacts, ServiceFacts, SliceFacts
from feddns.clusters.lookup import FamilyFound, Found
from feddns.clusters.sight import Kind
from feddns.clusters.view import ClusterView
from feddns.config.settings import ClusterSettings, WatchSettings
from feddns.controller.touched import Everyone
from feddns.errors import Conflict
from feddns.model.changes import Batch, Limits
from feddns.model.orders import NO_ORDERS, Orders
from feddns.model.probing import Probe
from feddns.model.records import DnsName, RecordSet
from feddns.model.services import Shard
from feddns.model.topology import ClusterName
from feddns.model.zones import HostedZone
from feddns.probes.answer import Answer, failed, succeeded
from tests.builders import numbered

_LOST_AFTER_S: Final = WatchSettings().lost_after


class Cluster:
    """A cluster as it really is; what feddns has of it follows as long as feddns can reach it.

    Attributes:
        view: what feddns has of it.
    """

    view: ClusterView

    def __init__(self, name: str, *zones: str) -> None:
        """Make a cluster without services.

        Args:
            name: also that of its region.
            zones: each has a node; one named after the cluster by default.
        """
        self.name = name
        self.probe: Probe | None = None
        self.is_reachable = True
        self._nodes = {zone: NodeFacts(name, zone) for zone in zones or (f"{name}-a",)}
        self._services: dict[int, ServiceFacts] = {}
        self._slices: dict[str, SliceFacts] = {}

    def looked_at(self, touched: Everyone, now: float) -> ClusterView:
        """Somebody begins to look, who knows nothing yet."""
        self.view = ClusterView(ClusterSettings(self.name), _LOST_AFTER_S, touched, now)
        return self.view

    def show(self, now: float) -> None:
        """Show all there is to who looks, if it can be reached."""
        if self.is_reachable:
            services = {numbered(number): facts for number, facts in self._services.items()}
            self.view.replace_services(services, now)
            self.view.replace_slices(self._slices, now)
            self.view.replace_nodes(self._nodes, now)

    def beat(self, now: float) -> None:
        """Show that it is alive."""
        if self.is_reachable:
            for kind in Kind:
                self.view.heard(kind, now)

    def balance(self, *addresses: str, hostname: str = "", number: int = 0) -> None:
        """The status of a Service has these addresses, or this host name, or nothing."""
        hostnames = (hostname,) if hostname else ()
        shard = Shard(
            numbered(number),
            ClusterName(self.name),
            tuple(sorted(addresses)),
            hostnames,
            created_at=0.0,
            probe=self.probe,
        )
        self._services[number] = ServiceFacts(f"uid-{number}", shard, ())
        if self.is_reachable:
            self.view.put_service(numbered(number), self._services[number])

    def ready(self, *zones: str, number: int = 0, family: str = "IPv4") -> None:
        """A Service has one ready endpoint in each of these zones, and one that is not ready where it has none."""
        ready = tuple((zone, 1) for zone in sorted(zones))
        name = f"{number}-{family}"
        self._slices[name] = SliceFacts(numbered(number), family, ready, 0 if ready else 1, None)
        if self.is_reachable:
            self.view.put_slice(name, self._slices[name])

    @property
    def zones(self) -> tuple[str, ...]:
        """Where its nodes are."""
        return tuple(self._nodes)


class Balancers:
    """The load balancers, and our way to them.

    Attributes:
        dead: addresses that do not answer.
        is_cut: whether our own way out is broken, so that none of them can be reached.
    """

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.is_cut = False

    async def ask(self, address: str, _probe: Probe) -> Answer:
        """See `feddns.probes.ask.Ask`."""
        await asyncio.sleep(0.01)
        return failed("no answer") if self.is_cut or address in self.dead else succeeded("connected")


class Resolvers:
    """The resolvers that are asked for the load balancers' host names.

    Attributes:
        addresses: by host name; one that is not in it does not exist.
        hanging: host names whose name servers never answer.
    """

    def __init__(self) -> None:
        self.addresses: dict[str, tuple[str, ...]] = {}
        self.hanging: set[str] = set()

    async def lookup(self, name: str) -> Found:
        """See `feddns.clusters.lookup.Lookup`."""
        if name in self.hanging:
            await asyncio.sleep(5)
            return dict.fromkeys(("A", "AAAA"), FamilyFound(None, trouble="no name server answered"))
        found = self.addresses.get(name)
        if found is None:
            return dict.fromkeys(("A", "AAAA"), FamilyFound(None, trouble="there is no such name"))
        sixes = tuple(address for address in found if ":" in address)
        fours = tuple(address for address in found if ":" not in address)
        return {"A": FamilyFound(fours, 60.0), "AAAA": FamilyFound(sixes, 60.0)}


class Zone:
    """A zone that takes batches whole or not at all; see `feddns.providers.base.Provider`.

    Attributes:
        records: what is in it, by name and type.
        written_at: when each batch was taken.
        conflicts: batches that were not.
    """

    limits = Limits(1_000, 100_000)
    identity = "a zone of the tests"

    def __init__(self, clock: Callable[[], float]) -> None:
        self.records: dict[tuple[DnsName, str], RecordSet] = {}
        self.written_at: list[float] = []
        self.conflicts = 0
        self._clock = clock

    async def zones(self) -> tuple[HostedZone, ...]:
        """Nobody asks for them."""
        return ()

    async def read_zone(self) -> tuple[RecordSet, ...]:
        """All of it."""
        return tuple(self.records.values())

    async def apply(self, batch: Batch) -> None:
        """Carry out a batch."""
        await asyncio.sleep(0.005)
        for going in batch.going:
            if self.records.get((going.name, going.type)) != going:
                self.conflicts += 1
                raise Conflict(f"{going.name} is another than expected")
        for going in batch.going:
            del self.records[going.name, going.type]
        self.records.update({(coming.name, coming.type): coming for coming in batch.coming})
        self.written_at.append(self._clock())

    async def close(self) -> None:
        """Nothing is open."""


class Board:
    """Where orders hang; see `feddns.orders.store.OrderStore`."""

    def __init__(self) -> None:
        self.known = asyncio.Event()
        self._orders = NO_ORDERS
        self._changed = asyncio.Event()

    def describe(self) -> str:
        """Where it is."""
        return "a board of the tests"

    async def read(self) -> Orders:
        """What is ordered."""
        return self._orders

    async def update(self, change: Callable[[Orders], Orders]) -> Orders:
        """Order something else."""
        self._orders = change(self._orders)
        self._changed.set()
        return self._orders

    async def watch(self, seen: Callable[[Orders], None]) -> None:
        """Tell what is ordered."""
        while True:
            self._changed.clear()
            seen(self._orders)
            self.known.set()
            await self._changed.wait()


class WallClock:
    """The machine's clock, which anybody may set.

    Attributes:
        ahead_s: seconds by which it was set forward.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        self.ahead_s = 0.0
        self._steady = steady

    def __call__(self) -> float:
        return self._steady() + self.ahead_s
