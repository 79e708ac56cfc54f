"""Orders as operators give them beside a `feddns run` that is killed in the midst of them, and what DNS then says."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.message
import pytest
import yaml

from tests.e2e.running import PATIENCE_S, Answers, Feddns, eventually
from tests.lab.api import until
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

pytestmark = pytest.mark.servers

WORLD = f"{NGINX}.example.com."
TTL_S, FLOOR_S = 8, 1
"""A drain lasts for the old TTL: long enough for a restart on a busy machine."""
ALL = sorted((US, EU, ASIA))
WITHOUT_EU = sorted((US, ASIA))


@dataclass
class Stage:
    """The quickstart's federation with short TTLs, `feddns run`, and its DNS server to ask."""

    clusters: Quickstart
    feddns: Feddns
    answers: Answers

    async def is_lowered(self) -> bool:
        """Whether the TTL is the one that announces a change."""
        query = dns.message.make_query(WORLD, "A")
        answer = await dns.asyncquery.udp(query, self.answers.host, port=self.answers.port, timeout=1)
        return answer.answer[0].ttl == FLOOR_S

    def order(self, *arguments: str) -> Any:
        """Give an order; what it answers."""
        done = self.feddns.command(*arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    quickstart, port = Quickstart(tmp_path), free_port()
    provider = {"embedded": {"listen": [f"127.0.0.1:{port}"]}}
    quickstart.configure(
        dns={"zone": "example.com", "ttl": TTL_S, "ttlFloor": FLOOR_S, "provider": provider},
        health={"settle": 0, "holdDown": 0},
    )
    with Feddns(tmp_path, yaml.safe_load(quickstart.config.read_text())) as feddns:
        yield Stage(quickstart, feddns, Answers("127.0.0.1", port))


async def test_a_drained_cluster_leaves_when_its_old_ttl_is_over_and_returns_by_itself_whatever_is_killed(
    stage: Stage,
) -> None:
    await stage.answers.come_to(WORLD, ALL)
    told = stage.order("drain", "eu", "--for", "16s")
    assert told["outBy"] == told["since"] + TTL_S
    await eventually(lambda: bool(stage.feddns.events("orders changed")))
    await until(stage.is_lowered, PATIENCE_S)
    stage.feddns.kill()
    stage.feddns.start()
    await asyncio.sleep(max(0.0, told["outBy"] - 0.7 - time.time()))
    assert await stage.answers.ask(WORLD) == ALL
    await stage.answers.come_to(WORLD, WITHOUT_EU)
    assert told["outBy"] - 0.1 < time.time() < told["outBy"] + 5
    await stage.answers.come_to(WORLD, ALL)
    assert told["until"] - 0.1 < time.time() < told["until"] + 5


async def test_an_evicted_cluster_is_out_at_once_and_back_when_it_is_readmitted(stage: Stage) -> None:
    await stage.answers.come_to(WORLD, ALL)
    told = stage.order("evict", "eu")
    await stage.answers.come_to(WORLD, WITHOUT_EU)
    assert time.time() < told["since"] + TTL_S, "nothing is waited for"
    stage.order("readmit", "eu")
    await stage.answers.come_to(WORLD, ALL)


async def test_nothing_changes_while_all_is_frozen_also_after_a_restart(stage: Stage) -> None:
    await stage.answers.come_to(WORLD, ALL)
    stage.order("freeze", "--reason", "the provider lies")
    await eventually(lambda: any("lies" in line["reason"] for line in stage.feddns.events("frozen")))
    stage.clusters.fail("eu")
    await asyncio.sleep(1.5)
    stage.feddns.kill()
    stage.feddns.start()
    await eventually(lambda: any("lies" in line["reason"] for line in stage.feddns.events("frozen")))
    await asyncio.sleep(3)
    assert await stage.answers.ask(WORLD) == ALL
    assert stage.feddns.events("records written") == []
    stage.order("thaw")
    await stage.answers.come_to(WORLD, WITHOUT_EU)
