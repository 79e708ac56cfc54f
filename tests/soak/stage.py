"""The stage of the soak: three API servers, BIND, and two replicas of feddns that elect a leader."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.running import QUICK_WATCH
from tests.lab.federation import Lab
from tests.lab.fixtures import remove
from tests.outages.background import Background
from tests.outages.wire import Wire
from tests.servers import Bind, installed
from tests.soak.faults import TTLS
from tests.soak.replica import Replica

HOST: Final = "us"
"""The cluster that has the Lease."""

SLOW_S: Final = 1.5
"""How late packets are on a slow wire: connections time out."""

SETTINGS: Final[dict[str, Any]] = {
    "federation": "myfederation",
    "watch": QUICK_WATCH,
    "health": {"settle": "200ms", "holdDown": "200ms", "longestHoldDown": "5s", "loadBalancerHold": "1s"},
    # Nothing that happens here is a mass mistake, so that a budget that holds anything is wrong.
    "budget": {
        "deletions": {"share": 1, "atLeast": 100_000},
        "clusters": {"interval": "0s", "share": 1, "atLeast": 1000},
    },
    "write": {"reread": "20s"},
}


@dataclass(frozen=True)
class Stage:
    """Everything that runs.

    Attributes:
        steady: the replica that is never killed.
        other: the one that is.
    """

    lab: Lab
    bind: Bind
    namespace: str
    steady: Replica
    other: Replica


@asynccontextmanager
async def a_stage(lab: Lab, folder: Path) -> AsyncIterator[Stage]:
    """A stage on clusters that run; the replicas are not started yet."""
    namespace = f"soak-{uuid.uuid4().hex[:8]}"
    async with AsyncExitStack() as stack:
        background = stack.enter_context(Background())
        bind = stack.enter_context(Bind())
        replicas = [
            stack.enter_context(_replica(lab, bind, background, folder / name, namespace, clock))
            for name, clock in (("steady", None), ("other", _own_clock))
        ]
        try:
            yield Stage(lab, bind, namespace, *replicas)
        finally:
            await lab.heal()
            for cluster in lab.clusters.values():
                await remove(cluster.api, namespace)


@contextmanager
def _replica(
    lab: Lab,
    bind: Bind,
    background: Background,
    folder: Path,
    namespace: str,
    clock: Callable[[Path], dict[str, str]] | None,
) -> Iterator[Replica]:
    folder.mkdir(parents=True)
    wires = {name: Wire(background, cluster.port, SLOW_S) for name, cluster in lab.clusters.items()}
    for name, cluster in lab.clusters.items():
        text = cluster.kubeconfig.read_text().replace(f":{cluster.port}", f":{wires[name].port}")
        (folder / f"{name}.kubeconfig").write_text(text)
    settings = {
        **SETTINGS,
        "dns": {"zone": bind.zone, "provider": bind.provider(), "ttl": TTLS[0]},
        "clusters": [{"name": name, "kubeconfig": f"{name}.kubeconfig"} for name in lab.clusters],
        "services": {"namespaces": {"include": [namespace]}},
        "leaderElection": {"namespace": namespace, "kubeconfig": f"{HOST}.kubeconfig"},
    }
    replica = Replica(folder, wires, settings, None if clock is None else clock(folder))
    try:
        yield replica
    finally:
        replica.kill()
        for wire in wires.values():
            wire.close()


def _own_clock(folder: Path) -> dict[str, str]:
    """The environment in which a process reads from a file how far its wall clock is ahead."""
    installed("faketime")
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    ahead = folder / "ahead"
    ahead.write_text("+0\n")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(ahead),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
