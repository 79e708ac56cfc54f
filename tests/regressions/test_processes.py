"""The same as above of `feddns run` as a process, where a real clock and real connections make the difference."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import yaml

from tests.clusters import objects
from tests.clusters.kubernetes.servers import Relay, ScriptedApi, kubeconfig
from tests.e2e.running import QUICK_WATCH, Answers, Feddns, eventually
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart
from tests.servers import installed

pytestmark = pytest.mark.servers

WORLD = f"{NGINX}.example.com."
WEB = "web.shop.myfederation.svc.example.com."
AT_ONCE_S = 1.0
"""Far more than a change takes, and far less than any time limit of a connection."""


def faked_clock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let processes that are started from now on read their wall clock from a file, as seconds that it is ahead."""
    installed("faketime")
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    ahead = folder / "ahead"
    ahead.write_text("+0\n")
    settings = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(ahead),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return ahead


@pytest.mark.parametrize("jump_s", [3600, -3600], ids=["forward", "back"])
async def test_the_wall_clock_of_the_machine_jumps_by_an_hour(
    jump_s: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubernetes' nodes were NotReady after a jump ahead: https://github.com/kubernetes/kubernetes/issues/108844.

    And Unknown after one back: https://github.com/kubernetes/kubernetes/issues/113081.
    """
    ahead, port = faked_clock(monkeypatch, tmp_path), free_port()
    quickstart = Quickstart(tmp_path / "quickstart")
    quickstart.configure(
        dns={"zone": "example.com", "provider": {"embedded": {"listen": [f"127.0.0.1:{port}"]}}},
        health={"settle": 0, "holdDown": 0},
        watch=QUICK_WATCH,
    )
    answers = Answers("127.0.0.1", port)
    with Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text())) as feddns:
        await answers.come_to(WORLD, sorted((US, EU, ASIA)))
        assert feddns.command("evict", "asia").returncode == 0
        await answers.come_to(WORLD, sorted((US, EU)))
        written = len(feddns.events("records written"))
        ahead.write_text(f"{jump_s:+d}\n")
        await eventually(lambda: bool(feddns.events("clock jumped")))
        await asyncio.sleep(5)
        assert await answers.ask(WORLD) == sorted((US, EU))
        assert len(feddns.events("records written")) == written
        assert feddns.events("cluster lost") == []
        quickstart.fail("eu")
        await answers.come_to(WORLD, [US], patience_s=10)
        assert feddns.command("readmit", "asia").returncode == 0
        await answers.come_to(WORLD, sorted((US, ASIA)), patience_s=10)


class Pair:
    """Two clusters with a service each, the second behind a relay that may keep everything to itself.

    Attributes:
        us: the API server of the first.
        relay: before that of the second.
        configuration: of a feddns that watches both and serves the zone.
        answers: of its DNS server.
    """

    def __init__(self, folder: Path, us: ScriptedApi, relay: Relay) -> None:
        port = free_port()
        self.us = us
        self.relay = relay
        self.answers = Answers("127.0.0.1", port)
        urls = {"us": us.url, "eu": f"http://127.0.0.1:{relay.port}"}
        clusters = []
        for name, url in urls.items():
            (folder / name).mkdir()
            config = str(kubeconfig(folder / name, url))
            clusters.append({"name": name, "kubeconfig": config, "region": name, "zones": [f"{name}-a"]})
        self.configuration = {
            "federation": "myfederation",
            "dns": {"zone": "example.com", "provider": {"embedded": {"listen": [f"127.0.0.1:{port}"]}}},
            "clusters": clusters,
        }
        self._address = 1

    async def change(self) -> float:
        """Change the address in the first cluster; seconds until DNS has it."""
        self._address += 1
        address = f"192.0.2.{self._address}"
        self.us.services.tell("MODIFIED", objects.service("web", address, version=str(100 + self._address)))
        began = time.monotonic()
        while address not in await self.answers.ask(WEB):
            assert time.monotonic() - began < AT_ONCE_S, "it is held up"
            await asyncio.sleep(0.002)
        return time.monotonic() - began


@asynccontextmanager
async def two_clusters(folder: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        us = await stack.enter_async_context(ScriptedApi().serving())
        eu = ScriptedApi()
        eu.services.objects[:] = [objects.service("web", "198.51.100.1")]
        await stack.enter_async_context(eu.serving())
        relay = Relay(int(eu.url.rpartition(":")[2]))
        await stack.enter_async_context(relay.serving())
        yield Pair(folder, us, relay)


@pytest.mark.parametrize("from_start", [False, True], ids=["later", "from the start"])
async def test_one_hanging_apiserver_delays_all_others(tmp_path: Path, *, from_start: bool) -> None:
    """KubeFed waited for the caches of all: https://github.com/kubernetes-retired/kubefed/issues/1459.

    So did Istio: https://github.com/istio/istio/issues/33564, and KubeAdmiral: https://github.com/kubewharf/kubeadmiral/pull/78.
    """
    async with two_clusters(tmp_path) as pair:
        if from_start:
            pair.relay.stall()
        with Feddns(tmp_path, pair.configuration):
            whole = ["192.0.2.1"] if from_start else ["192.0.2.1", "198.51.100.1"]
            await pair.answers.come_to(WEB, whole)
            pair.relay.stall()
            took = [await pair.change() for _ in range(20)]
            assert statistics.median(took) < AT_ONCE_S / 4
