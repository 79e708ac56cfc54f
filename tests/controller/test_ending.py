"""How `feddns run` ends, as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from feddns.telemetry.events import LogEvent
from tests.e2e.running import Answers, Feddns, eventually
from tests.image.installed import contained
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart
from tests.servers import DnsServer, installed

pytestmark = pytest.mark.servers  # which are processes of their own, and take their seconds

GLOBAL = f"{NGINX}.example.com."
LAMEDUCK_S = 3.0


def configured(quickstart: Quickstart, provider: dict[str, Any]) -> dict[str, Any]:
    read = yaml.safe_load(quickstart.config.read_text())
    return {**read, "dns": {"zone": "example.com", "provider": provider}, "web": {"listen": "127.0.0.1:0"}}


@pytest.fixture
def serving(quickstart: Quickstart) -> Iterator[tuple[Feddns, Answers]]:
    port = free_port()
    provider = {"embedded": {"listen": [f"127.0.0.1:{port}"], "lameduck": LAMEDUCK_S}}
    with Feddns(quickstart.folder, configured(quickstart, provider)) as feddns:
        yield feddns, Answers("127.0.0.1", port)


@pytest.fixture
def writing(quickstart: Quickstart, bind: DnsServer) -> Iterator[Feddns]:
    with Feddns(quickstart.folder, configured(quickstart, bind.provider())) as feddns:
        yield feddns


async def readiness(address: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}/readyz") as answer:
        return answer.status


def seconds_until_it_ends(feddns: Feddns) -> float:
    began = time.monotonic()
    assert feddns.wait() == 0
    return time.monotonic() - began


async def test_clients_that_do_not_know_yet_are_answered_for_a_while_though_it_is_not_ready_any_more(
    serving: tuple[Feddns, Answers],
) -> None:
    feddns, answers = serving
    await answers.come_to(GLOBAL, [EU, US, ASIA])
    address = feddns.events("web serving")[0]["address"]
    assert await readiness(address) == 200
    feddns.signal(signal.SIGTERM)
    began = time.monotonic()
    await asyncio.sleep(0.2)
    assert await readiness(address) == 503
    while time.monotonic() - began < LAMEDUCK_S - 0.3:
        assert await answers.ask(GLOBAL) == [EU, US, ASIA]
    assert seconds_until_it_ends(feddns) < 2.0
    assert len(feddns.events("stopped")) == 1


async def test_what_is_answered_after_the_signal_follows_the_clusters(quickstart: Quickstart) -> None:
    port = free_port()
    configuration = configured(quickstart, {"embedded": {"listen": [f"127.0.0.1:{port}"], "lameduck": 10}})
    with Feddns(quickstart.folder, {**configuration, "health": {"settle": 0.1}}) as feddns:
        answers = Answers("127.0.0.1", port)
        await answers.come_to(GLOBAL, [EU, US, ASIA])
        feddns.signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        quickstart.fail("eu")
        await answers.come_to(GLOBAL, [US, ASIA], patience_s=8)
        feddns.signal(signal.SIGTERM)
        feddns.wait()


def test_process_1_of_a_container_ends_when_it_is_told_to_while_it_starts(tmp_path: Path) -> None:
    config = tmp_path / "feddns.yaml"
    os.mkfifo(config)
    alone = ("--unshare-user", "--unshare-pid", "--as-pid-1", "--die-with-parent")
    container = [installed("bwrap"), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *alone]
    process = subprocess.Popen([*container, sys.executable, "-m", "feddns", "run", "--config", str(config)])
    with config.open("w"):  # which goes on once feddns reads it, and has it wait for the first line
        os.kill(contained(process), signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM


async def test_a_person_at_a_terminal_is_not_kept_waiting(serving: tuple[Feddns, Answers]) -> None:
    feddns, answers = serving
    await answers.come_to(GLOBAL, [EU, US, ASIA])
    feddns.signal(signal.SIGINT)
    assert seconds_until_it_ends(feddns) < LAMEDUCK_S


async def test_a_second_signal_ends_it_at_once(serving: tuple[Feddns, Answers]) -> None:
    feddns, answers = serving
    await answers.come_to(GLOBAL, [EU, US, ASIA])
    feddns.signal(signal.SIGTERM)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    feddns.signal(signal.SIGTERM)
    assert feddns.wait() == 128 + signal.SIGTERM
    assert time.monotonic() - began < LAMEDUCK_S / 2


async def test_a_batch_that_is_under_way_is_finished(writing: Feddns, quickstart: Quickstart, bind: DnsServer) -> None:
    answers = Answers(bind.host, bind.port)
    await answers.come_to(GLOBAL, [EU, US, ASIA])
    bind.pause()
    quickstart.fail("eu")
    await eventually(
        lambda: any(line["cluster"] == "eu" for line in writing.events("verdict") if line["pending"] == [])
    )
    await asyncio.sleep(0.5)
    writing.signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    bind.resume()
    assert seconds_until_it_ends(writing) < 2.0
    assert await answers.ask(GLOBAL) == [US, ASIA]
    assert writing.events(LogEvent.ABANDONED.message) == []


async def test_a_provider_that_hangs_does_not_keep_it_from_ending_in_time(
    writing: Feddns, quickstart: Quickstart, bind: DnsServer
) -> None:
    await Answers(bind.host, bind.port).come_to(GLOBAL, [EU, US, ASIA])
    bind.pause()
    quickstart.fail("eu")
    await eventually(
        lambda: any(line["cluster"] == "eu" for line in writing.events("verdict") if line["pending"] == [])
    )
    await asyncio.sleep(0.5)
    writing.signal(signal.SIGTERM)
    assert seconds_until_it_ends(writing) < 5.0
    assert [line["what"] for line in writing.events(LogEvent.ABANDONED.message)] == ["a batch"]
    bind.resume()
