"""Two replicas of `feddns run` that write one BIND zone and share a Lease; a stream of changes; and their faults."""

import asyncio
import json
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from feddns.model.records import DnsName
from feddns.telemetry.events import LogEvent
from tests.e2e.running import Answers, Feddns, configuration, eventually
from tests.lab import objects
from tests.lab.api import until
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab
from tests.leadership.journal import Transaction, transactions
from tests.leadership.stream import BEACON, OTHERS, Stream
from tests.outages.background import Background
from tests.outages.wire import State, Wire
from tests.servers import DnsServer

Fault = Literal["killed", "stopped", "cut off", "not answered"]
"""The last two befall its connections to the API server that has the Lease: they break, or nothing comes any more."""

FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)

HOST: Final = "us"
"""The cluster that has the Lease."""

CLAIM: Final = DnsName("_feddns.myfederation.svc.example.com.")
LEASE: Final = "feddns"
WARM_S: Final = 2.0
"""So long after it has seen the clusters, a standby has seen the Lease renewed, too."""

ELECTION: Final = {"leaseDuration": "6s", "renewDeadline": "4s", "retryPeriod": "1s"}


class Replica:
    """One of the two, with a wire of its own to the API server that has the Lease."""

    def __init__(self, feddns: Feddns, wire: Wire) -> None:
        self.feddns = feddns
        self.wire = wire

    def lines(self, *events: LogEvent) -> list[dict[str, Any]]:
        """Its log lines of these kinds, over all starts."""
        text = self.feddns.log.read_text() if self.feddns.log.exists() else ""
        # A process that is killed may leave half a line.
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if line["event"] in {event.message for event in events}]


@dataclass
class Pair:
    """The two replicas and their surroundings."""

    lab: Lab
    bind: DnsServer
    namespace: str
    replicas: tuple[Replica, Replica]
    stream: Stream
    changing: "asyncio.Task[None] | None" = None

    def leader(self) -> Replica | None:
        """The one that began to lead last."""
        terms = [
            (line["time"], place) for place, each in enumerate(self.replicas) for line in each.lines(LogEvent.LEADING)
        ]
        return self.replicas[max(terms)[1]] if terms else None

    def other(self, replica: Replica) -> Replica:
        """The other one."""
        one, other = self.replicas
        return other if replica is one else one

    async def holds(self, replica: Replica) -> bool:
        """Whether the Lease says that this replica leads."""
        lease = await self.lab[HOST].api.request(
            "GET", f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases/{LEASE}"
        )
        led = replica.lines(LogEvent.LEADING)
        return bool(led) and lease["spec"].get("holderIdentity") == led[-1]["identity"]

    async def settled(self) -> Replica:
        """Wait until one leads, and the other stands by and has seen all that it needs; gives the leader."""
        found: list[Replica] = []

        async def reached() -> bool:
            leader = self.leader()
            if leader is None or not await self.holds(leader):
                return False
            identity = leader.lines(LogEvent.LEADING)[-1]["identity"]
            standby = self.other(leader).feddns  # its lines since its last start
            known = [line["leader"] for line in standby.events(LogEvent.STANDING_BY.message)]
            found[:] = [leader]
            return identity in known and len(standby.events(LogEvent.CLUSTER_VISIBLE.message)) >= len(self.lab.clusters)

        await until(reached, 60)
        await asyncio.sleep(WARM_S)
        return found[0]

    async def strike(self, leader: Replica, fault: Fault) -> float:
        """Let a fault happen to the leader, and mend it once the other leads; gives the gap in seconds."""
        other = self.other(leader)
        terms = len(other.lines(LogEvent.LEADING))
        struck_at = time.monotonic()
        _break(leader, fault)
        await eventually(lambda: len(other.lines(LogEvent.LEADING)) > terms, 30)
        await self.stream.next_seen()
        gap_s = self.stream.gap_s(struck_at)
        await asyncio.sleep(self.stream.chance.random())
        written = len(leader.lines(LogEvent.RECORDS_WRITTEN))
        _mend(leader, fault)
        await asyncio.sleep(1 + self.stream.chance.random())
        assert len(leader.lines(LogEvent.RECORDS_WRITTEN)) == written, "it writes nothing that comes back"
        return gap_s

    def wanted(self) -> list[str]:
        """What should be in the zone, written as `ours` is."""
        return sorted(
            f"{record['name']} {record['ttl']} {record['type']} {value}"
            for record in self.replicas[0].feddns.records()
            for value in record["values"]
        )

    def ours(self) -> list[str]:
        """The federation's records in the zone, without the claim."""
        return [
            line for line in self.bind.records() if ".myfederation.svc." in line and not line.startswith("_feddns.")
        ]

    async def zone_becomes_exact(self) -> None:
        """Let the stream come to its end, and wait until the zone is what it should be."""
        assert self.changing is not None
        await _cancelled(self.changing)
        wanted = await asyncio.to_thread(self.wanted)
        assert wanted

        async def reached() -> bool:
            return await asyncio.to_thread(self.ours) == wanted

        await until(reached, 20)

    def batches(self) -> list[Transaction]:
        """Everything that was written, in order; the name server is stopped for it."""
        self.bind.stop()
        return list(transactions(self.bind.folder / "zone.jnl", CLAIM))

    def check_order(self) -> int:
        """Check that no two ever wrote at the same time; gives the number of batches.

        - In the name server's journal each batch took the claim of the one before it, and put the next in its place: so
          none went in between another's reading and writing, and none came twice.
        - By the replicas' own word, each batch was written by one of them, by the one that had begun to lead last.
        """
        batches = self.batches()
        assert [batch.claims[1] for batch in batches] == [(number,) for number in range(1, len(batches) + 1)]
        assert [batch.claims[0] for batch in batches] == [(), *((number,) for number in range(1, len(batches)))]
        first = batches[0].serial
        assert [batch.serial for batch in batches] == list(range(first, first + len(batches)))
        told = sorted(
            (line["time"], place, line)
            for place, each in enumerate(self.replicas)
            for line in each.lines(LogEvent.LEADING, LogEvent.RECORDS_WRITTEN)
        )
        sequences, leader = [], -1
        for _, place, line in told:
            if line["event"] == LogEvent.LEADING.message:
                leader = place
            else:
                assert place == leader, f"written by one that does not lead: {line}"
                sequences.append(line["seq"])
        assert sequences == sorted(set(sequences)), "in order, and each but once"
        # Who is killed between a batch and its line in the log does not tell of it.
        assert set(sequences) <= set(range(1, len(batches) + 1))
        return len(batches)


def _break(replica: Replica, fault: Fault) -> None:
    match fault:
        case "killed":
            replica.feddns.kill()
        case "stopped":
            replica.feddns.signal(signal.SIGSTOP)
        case "cut off":
            replica.wire.be(State.CUT)
        case "not answered":
            replica.wire.be(State.SILENT)


def _mend(replica: Replica, fault: Fault) -> None:
    match fault:
        case "killed":
            replica.feddns.start()
        case "stopped":
            replica.feddns.signal(signal.SIGCONT)
        case "cut off" | "not answered":
            replica.wire.be(State.PASSES)


@asynccontextmanager
async def paired(lab: Lab, bind: DnsServer, namespace: str, folder: Path) -> AsyncIterator[Pair]:
    """Both replicas run, and changes stream."""
    cluster = lab[HOST]
    for name in (BEACON, *OTHERS):
        await cluster.api.create(objects.service(namespace, name, selector=False))
        await cluster.api.create(objects.endpoint_slice(namespace, name, cluster.zones[0]))
    await _allow(cluster, namespace)
    name = f"{BEACON}.{namespace}.myfederation.svc.{cluster.zones[0]}.{cluster.region}.example.com."
    stream = Stream(cluster, namespace, Answers(bind.host, bind.port), name, random.Random(namespace))
    with (
        Background() as background,
        _replica(lab, bind, namespace, folder / "one", background) as one,
        _replica(lab, bind, namespace, folder / "two", background) as two,
    ):
        pair = Pair(lab, bind, namespace, (one, two), stream)
        async with flowing(stream.watch), flowing(stream.change) as pair.changing:
            await until(_seen(stream), 30)
            yield pair


@asynccontextmanager
async def flowing(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator["asyncio.Task[None]"]:
    """Something is done meanwhile."""
    task = asyncio.create_task(work())
    try:
        yield task
    finally:
        await _cancelled(task)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    while not task.done():  # `asyncio.wait_for` of Python 3.11 may swallow a cancellation
        task.cancel()
        await asyncio.wait([task], timeout=1)


def _seen(stream: Stream) -> Callable[[], Any]:
    async def reached() -> bool:
        return bool(stream.seen)

    return reached


@contextmanager
def _replica(lab: Lab, bind: DnsServer, namespace: str, folder: Path, background: Background) -> Iterator[Replica]:
    cluster = lab[HOST]
    folder.mkdir()
    wire = Wire(background, cluster.port, slow_s=0.0)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(cluster.feddns_kubeconfig.read_text().replace(f":{cluster.port}", f":{wire.port}"))
    election = {"namespace": namespace, "name": LEASE, "kubeconfig": "kubeconfig", **ELECTION}
    health = {"settle": 0, "holdDown": 0}
    settings = configuration(lab.clusters.values(), bind.provider(), namespace, health=health, leaderElection=election)
    try:
        with Feddns(folder, settings) as feddns:
            yield Replica(feddns, wire)
    finally:
        wire.close()


async def _allow(cluster: Cluster, namespace: str) -> None:
    """Let feddns have the Lease, by exactly the rights that the documentation names."""
    api, rbac = cluster.api, f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    group = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"]}
    rules = [
        {**group, "resourceNames": [LEASE], "verbs": ["get", "list", "watch", "update"]},
        {**group, "verbs": ["create"]},
    ]
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "feddns-leader"}}
    await api.request("POST", f"{rbac}/roles", {**head, "kind": "Role", "rules": rules})
    binding = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "feddns-leader"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "feddns"}],
    }
    await api.request("POST", f"{rbac}/rolebindings", {**head, "kind": "RoleBinding", **binding})
