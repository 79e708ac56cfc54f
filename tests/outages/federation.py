"""A federation in which things fail: a Service behind a load balancer in each of three clusters, feddns, and BIND."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from tests.e2e.running import QUICK_WATCH, Feddns, configuration, eventually
from tests.lab import objects
from tests.lab.federation import Lab
from tests.lab.fixtures import remove
from tests.lab.processes import free_port
from tests.outages.background import Background
from tests.outages.balancer import Behaviour, LoadBalancer
from tests.outages.observer import Answer, History, Observer
from tests.outages.wire import Wire
from tests.servers import Bind

SERVICE: Final = "web"
EVERYONE: Final = ("us", "eu", "asia")
VICTIM: Final = "eu"
OTHERS: Final = ("us", "asia")
PATIENCE_S: Final = 30.0
SLOW_S: Final = 3.0
"""Longer than feddns waits for an API server or a load balancer here."""

HOLD_S: Final = 3.0
WITNESS_S: Final = 2.0
LOST_S: Final = 4.0
SETTINGS: Final[Mapping[str, Any]] = {
    "watch": {**QUICK_WATCH, "lostAfter": f"{LOST_S:g}s"},
    "budget": {"clusters": {"interval": "0s", "share": 1}},
}
HEALTH: Final[Mapping[str, Any]] = {
    "panic": "drop",  # so that nothing but the rule in question keeps an address in the answers
    "settle": "200ms",
    "holdDown": "500ms",
    "witness": f"{WITNESS_S:g}s",
    "loadBalancerHold": f"{HOLD_S:g}s",
    "probing": {"allow": ["127.0.0.0/8"]},
}
PACE: Final[Mapping[str, Any]] = {"interval": "1s", "timeout": "500ms", "rise": 2, "fall": 2}


class Federation:
    """One federation of the lab's clusters, whole when a test gets it.

    Attributes:
        lab: the clusters, which others use at the same time.
        balancers: the load balancers by cluster.
        wires: between feddns and each cluster's API server.
        bind: the server of the zone.
        feddns: `feddns run`.
        history: what was seen at the DNS server.
    """

    def __init__(
        self,
        lab: Lab,
        namespace: str,
        balancers: Mapping[str, LoadBalancer],
        wires: Mapping[str, Wire],
        bind: Bind,
    ) -> None:
        self.lab = lab
        self.balancers = balancers
        self.wires = wires
        self.bind = bind
        self.feddns: Feddns
        self.history = History()
        self._namespace = namespace
        self._names = {
            "zone": self._name(f"{lab[VICTIM].zones[0]}.{lab[VICTIM].region}"),
            "region": self._name(lab[VICTIM].region),
            "global": self._name(""),
            "other": self._name(f"{lab['us'].zones[0]}.{lab['us'].region}"),
        }

    def address(self, cluster: str) -> str:
        """The address of a cluster's load balancer."""
        return self.balancers[cluster].address

    def addresses(self, *clusters: str) -> Answer:
        """The addresses of clusters as an answer has them."""
        return tuple(sorted(map(self.address, clusters)))

    @property
    def whole(self) -> Mapping[str, Answer]:
        """The answers while nothing is wrong, by label."""
        own = self.addresses(VICTIM)
        return {"zone": own, "region": own, "global": self.addresses(*EVERYONE), "other": self.addresses("us")}

    @property
    def without_victim(self) -> Mapping[str, Answer]:
        """The answers while the victim is withdrawn, by label."""
        rest = self.addresses(*OTHERS)
        region, everywhere = self._names["region"], self._names["global"]
        return {
            "zone": (region, everywhere, *rest),
            "region": (everywhere, *rest),
            "global": rest,
            "other": self.addresses("us"),
        }

    async def come_to(self, answers: Mapping[str, Answer], after: float) -> float:
        """Wait until all answers are so.

        Returns:
            When the last of them was first seen so after the given time, by the monotonic clock.

        Raises:
            AssertionError: they are not in time.
        """

        def seen() -> dict[str, Answer]:
            assert self.feddns.running, f"feddns has ended:\n{self._tail()}"
            return {label: self.history.now(label) for label in answers}

        try:
            await eventually(lambda: seen() == answers, PATIENCE_S)
        except TimeoutError:
            text = f"answers are {seen()}, not {dict(answers)}; the log ends:\n{self._tail()}"
            raise AssertionError(text) from None
        came = [self.history.came(label, answer, after) for label, answer in answers.items()]
        return max((at for at in came if at is not None), default=after)

    async def set_ready(self, cluster: str, *, ready: bool) -> None:
        """Make the Service's only endpoint of a cluster ready or not."""
        lab = self.lab[cluster]
        path = f"/apis/discovery.k8s.io/v1/namespaces/{self._namespace}/endpointslices/{SERVICE}"
        endpoints = objects.endpoint_slice(self._namespace, SERVICE, lab.zones[0], ready=ready)["endpoints"]
        await lab.api.request("PATCH", path, {"endpoints": endpoints}, "application/merge-patch+json")

    async def fill_status(self, cluster: str, *, full: bool) -> None:
        """Give the Service's status of a cluster its load balancer, or nothing."""
        addresses = [self.address(cluster)] if full else []
        await self.lab[cluster].api.set_load_balancer(self._namespace, SERVICE, *addresses)

    def records(self) -> list[str]:
        """Everything in the zone but TTLs, which stay low for a minute, and the claim, which counts the writes."""
        lines = (line.split(" ", 2) for line in self.bind.records())
        return [f"{name} {rest}" for name, _, rest in lines if not name.startswith("_feddns.")]

    async def restart_feddns(self, *visible: str) -> None:
        """Kill feddns as a power failure does, start it again, and wait until it runs and sees these clusters."""
        self.feddns.kill()
        self.feddns.start()
        await eventually(lambda: bool(self.feddns.events("started")), PATIENCE_S)
        await eventually(lambda: self._clusters("cluster visible") >= set(visible), PATIENCE_S)

    async def lost(self, cluster: str) -> None:
        """Wait until feddns takes a cluster to be out of sight."""
        await eventually(lambda: cluster in self._clusters("cluster lost"), PATIENCE_S)

    async def publish(self) -> None:
        """Create the Service with its load balancer and one ready endpoint in every cluster."""
        async with asyncio.TaskGroup() as group:
            for cluster in EVERYONE:
                group.create_task(self._publish(cluster))

    async def unpublish(self) -> None:
        """Delete what `publish` created."""
        async with asyncio.TaskGroup() as group:
            for cluster in EVERYONE:
                group.create_task(remove(self.lab[cluster].api, self._namespace))

    async def _publish(self, cluster: str) -> None:
        api, zone = self.lab[cluster].api, self.lab[cluster].zones[0]
        await api.create(objects.namespace(self._namespace))
        await api.create(objects.service(self._namespace, SERVICE, selector=False))
        await self.fill_status(cluster, full=True)
        await api.create(objects.endpoint_slice(self._namespace, SERVICE, zone))

    def configured(self, folder: Path, port: int) -> dict[str, Any]:
        """The configuration of feddns, which reaches each API server by its wire.

        Args:
            folder: where the kubeconfigs are written.
            port: that of the load balancers, which probes ask.
        """
        probe = {"http": {"port": port, "path": "/"}, **PACE}
        settings = configuration((), self.bind.provider(), self._namespace, health={**HEALTH, "probe": probe})
        clusters = []
        for name, wire in self.wires.items():
            cluster = self.lab[name]
            kubeconfig = folder / f"{name}.kubeconfig"
            text = cluster.feddns_kubeconfig.read_text()
            kubeconfig.write_text(text.replace(cluster.url, f"https://127.0.0.1:{wire.port}"))
            clusters.append({"name": name, "kubeconfig": str(kubeconfig)})
        return {**settings, **SETTINGS, "clusters": clusters}

    @contextmanager
    def observed(self) -> Iterator[None]:
        """Look at the DNS server all the time."""
        with Observer(self.bind.host, self.bind.port, self.bind.zone, self._names) as observer:
            self.history = observer.history
            yield

    def _name(self, scope: str) -> str:
        return ".".join(filter(None, (SERVICE, self._namespace, "myfederation.svc", scope, f"{self.bind.zone}.")))

    def _clusters(self, event: str) -> set[str]:
        """The clusters that log lines of one kind tell of, since feddns was last started."""
        return {line["cluster"] for line in self.feddns.events(event)}

    def _tail(self) -> str:
        return "\n".join(self.feddns.log.read_text().splitlines()[-15:])


@asynccontextmanager
async def a_federation(lab: Lab, background: Background, folder: Path) -> AsyncIterator[Federation]:
    """A federation that answers, and that nobody else uses; its clusters are shared."""
    with ExitStack() as stack:
        bind = stack.enter_context(Bind())
        balancers, port = _balancers(background)
        for balancer in balancers.values():
            stack.callback(balancer.behave, Behaviour.REFUSE)
        wires = {name: Wire(background, lab[name].port, SLOW_S) for name in EVERYONE}
        for wire in wires.values():
            stack.callback(wire.close)
        federation = Federation(lab, f"o-{uuid.uuid4().hex[:8]}", balancers, wires, bind)
        await federation.publish()
        federation.feddns = stack.enter_context(Feddns(folder, federation.configured(folder, port)))
        stack.enter_context(federation.observed())
        await federation.come_to(federation.whole, time.monotonic())
        yield federation
        await federation.unpublish()


def _balancers(background: Background) -> tuple[dict[str, LoadBalancer], int]:
    """Load balancers that serve, on addresses that nobody else has, and their port."""
    chance = random.SystemRandom()
    while True:
        network, port = f"127.{chance.randrange(1, 255)}.{chance.randrange(1, 255)}", free_port()
        balancers = {
            name: LoadBalancer(background, f"{network}.{number}", port, SLOW_S)
            for number, name in enumerate(EVERYONE, 1)
        }
        try:
            for balancer in balancers.values():
                balancer.behave(Behaviour.SERVE)
        except OSError:
            for balancer in balancers.values():
                balancer.behave(Behaviour.REFUSE)
        else:
            return balancers, port
