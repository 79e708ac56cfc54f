"""What `feddns whatif` tells comes true: the same answers, and no later than it says."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.running import Answers, Feddns
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

pytestmark = pytest.mark.servers

WORLD = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."
PLACES = {"us": (US, "127.0.0.21"), "eu": (EU, "127.0.0.22"), "asia": (ASIA, "127.0.0.23")}
SLACK_S = 1.0
"""So much a busy machine may add."""


class Balancer:
    """A load balancer that takes connections until it is closed."""

    def __init__(self, host: str, port: int) -> None:
        self._listener = socket.create_server((host, port), backlog=64)
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.close()

    def close(self) -> None:
        if self._thread.is_alive():
            self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._listener.close()


class Stage:
    """The quickstart's federation with load balancers on loopback, `feddns run`, and its DNS server to ask."""

    def __init__(self, folder: Path, stack: ExitStack, lost_after: str = "8s") -> None:
        self.clusters, port, probed = Quickstart(folder), free_port(), free_port()
        self.balancers: dict[str, Balancer] = {}
        for name, (before, address) in PLACES.items():
            self.clusters.replace(name, before, address)
            self.balancers[name] = Balancer(address, probed)
            stack.callback(self.balancers[name].close)
        provider = {"embedded": {"listen": [f"127.0.0.1:{port}"]}}
        probe = {"tcp": {"port": probed}, "interval": "1s", "timeout": "500ms"}
        self.clusters.configure(
            dns={"zone": "example.com", "ttl": 4, "ttlFloor": 1, "provider": provider},
            watch={"connectTimeout": "500ms", "silence": "1s", "lostAfter": lost_after, "startGrace": "5s"},
            health={"probe": probe, "probing": {"allow": ["127.0.0.0/8"]}, "settle": "1s", "witness": "3s"},
        )
        self.feddns = stack.enter_context(Feddns(folder, yaml.safe_load(self.clusters.config.read_text())))
        self.answers = Answers("127.0.0.1", port)

    def told(self, *arguments: str) -> dict[str, Any]:
        """What would become of each name, by name."""
        done = self.feddns.command("whatif", *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return {each["name"]: each for each in json.loads(done.stdout)["changes"]}

    async def comes_true(self, began: float, told: dict[str, Any]) -> float:
        """Wait for the world's new answer; gives the seconds from the beginning until it was there."""
        (after,) = told[WORLD]["after"]
        await self.answers.come_to(WORLD, after["values"])
        took_s = time.monotonic() - began
        (led,) = told[IN_EU]["after"]
        assert led["values"] == [WORLD]
        await self.answers.come_to(IN_EU, [WORLD, *after["values"]], patience_s=2)
        return took_s


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def addresses(*names: str) -> list[str]:
    return sorted(PLACES[name][1] for name in names)


@pytest.mark.parametrize(("lost_after", "detected"), [("8s", 3 * 1.1 + 0.5), ("2s", 1.1 + 0.5 + 3.0)])
async def test_a_dead_cluster_is_out_by_the_time_that_was_told(
    tmp_path: Path, stack: ExitStack, lost_after: str, detected: float
) -> None:
    """Its probes take it out while it is visible still, or as the second witness when it is not any more."""
    stage = Stage(tmp_path, stack, lost_after)
    await stage.answers.come_to(WORLD, addresses("us", "eu", "asia"))
    told = stage.told("--down", "eu")
    assert told[WORLD]["detected"] == pytest.approx(detected, abs=0.06)
    began = time.monotonic()
    stage.balancers["eu"].close()
    stage.clusters.lose("eu")
    assert await stage.comes_true(began, told) <= told[WORLD]["detected"] + told[WORLD]["write"] + SLACK_S


async def test_a_cluster_without_ready_endpoints_is_out_when_it_was_told(tmp_path: Path, stack: ExitStack) -> None:
    stage = Stage(tmp_path, stack)
    await stage.answers.come_to(WORLD, addresses("us", "eu", "asia"))
    told = stage.told("--unready", "eu")
    assert told[WORLD]["detected"] == 1.0
    began = time.monotonic()
    stage.clusters.fail("eu")
    assert await stage.comes_true(began, told) <= told[WORLD]["detected"] + told[WORLD]["write"] + SLACK_S


async def test_a_drained_cluster_is_out_when_it_was_told(tmp_path: Path, stack: ExitStack) -> None:
    stage = Stage(tmp_path, stack)
    await stage.answers.come_to(WORLD, addresses("us", "eu", "asia"))
    told = stage.told("--drain", "eu")
    assert told[WORLD]["detected"] == 4.0
    began = time.monotonic()
    assert stage.feddns.command("drain", "eu").returncode == 0
    took_s = await stage.comes_true(began, told)
    # How long the verb takes to look before it gives the order is its own matter.
    assert told[WORLD]["detected"] - SLACK_S <= took_s <= told[WORLD]["detected"] + told[WORLD]["write"] + 3 * SLACK_S
