"""`feddns run` as a process of its own, on the federation of the quickstart."""

import asyncio
import signal
import socket
from collections.abc import Iterator

import aiohttp
import pytest
import yaml

from tests.e2e.running import Feddns, eventually
from tests.lab.api import until
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart

pytestmark = pytest.mark.servers  # which are processes of their own, and take their seconds

GLOBAL = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."
IN_ZONE = f"{NGINX}.europe-west1-b.europe-west1.example.com."


@pytest.fixture
def feddns(quickstart: Quickstart) -> Iterator[Feddns]:
    with Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text())) as feddns:
        yield feddns


async def test_a_failover_reaches_clients_by_the_chain_of_names_and_comes_back(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    dns = await feddns.dns()
    await dns.come_to(IN_ZONE, [EU])
    await dns.come_to(GLOBAL, [EU, US, ASIA])
    quickstart.fail("eu")
    await dns.come_to(IN_ZONE, [IN_EU, GLOBAL, US, ASIA])
    quickstart.mend("eu")
    await dns.come_to(IN_ZONE, [EU])
    assert feddns.terminate() == 0
    (stopped,) = feddns.events("stopped")
    assert stopped["level"] == "info"
    assert [line for line in feddns.events("part failed") if line] == []
    lines = feddns.log.read_text().splitlines()
    assert all(line.startswith("{") for line in lines), "no traceback and no warning of the interpreter"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_well_at_any_moment(feddns: Feddns, number: signal.Signals) -> None:
    await eventually(lambda: bool(feddns.events("started")))
    await asyncio.sleep(0.05)
    feddns.signal(number)
    assert feddns.wait() == 0
    assert len(feddns.events("stopped")) == 1


async def test_what_it_served_last_is_served_at_once_by_the_next_start_though_no_cluster_can_be_seen(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    await (await feddns.dns()).come_to(GLOBAL, [EU, US, ASIA])
    feddns.kill()
    for name in ("us", "eu", "asia"):
        quickstart.spoil(name)
    feddns.start()
    dns = await feddns.dns()
    assert await dns.ask(GLOBAL) == [EU, US, ASIA]
    await asyncio.sleep(2.5)  # longer than the first decisions wait
    assert await dns.ask(IN_ZONE) == [EU]
    assert feddns.terminate() == 0
    assert feddns.events("records written") == []


def test_an_address_that_is_taken_ends_it_with_a_line_and_1(quickstart: Quickstart) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        zone = {"zone": "example.com", "provider": {"embedded": {"listen": [f"127.0.0.1:{port}"]}}}
        quickstart.configure(dns=zone)
        with Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text())) as feddns:
            assert feddns.wait() == 1
            *_, last = feddns.log.read_text().splitlines()
            assert last.startswith("feddns: ")
            assert f"127.0.0.1:{port}" in last
            assert "Traceback" not in feddns.log.read_text()


def test_a_damaged_zone_file_ends_it_with_a_line_and_1(quickstart: Quickstart) -> None:
    (quickstart.folder / "example.com.zone.sqlite").write_bytes(b"this is no database" * 100)
    with Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text())) as feddns:
        assert feddns.wait() == 1
        assert "is damaged" in feddns.log.read_text()
        assert "Traceback" not in feddns.log.read_text()


async def test_a_target_that_is_out_of_reach_holds_up_no_other_and_its_lines_say_whose_they_are(
    quickstart: Quickstart,
) -> None:
    dead = {"name": "dead", "zone": "example.com", "provider": {"rfc2136": {"server": "127.0.0.1:1", "timeout": 1}}}
    here = {"name": "here", "zone": "example.com", "provider": {"embedded": {"listen": ["127.0.0.1:0"]}}}
    configuration = yaml.safe_load(quickstart.config.read_text()) | {"dns": {"targets": [dead, here]}}
    with Feddns(quickstart.folder, configuration) as feddns:
        dns = await feddns.dns()
        await dns.come_to(GLOBAL, [EU, US, ASIA])
        quickstart.fail("eu")
        await dns.come_to(IN_ZONE, [IN_EU, GLOBAL, US, ASIA])
        assert {line["target"] for line in feddns.events("records written")} == {"here"}
        assert {line["target"] for line in feddns.events("provider failed")} == {"dead"}
        assert feddns.terminate() == 0


async def ready(session: aiohttp.ClientSession, address: str) -> bool:
    async with session.get(f"http://{address}/readyz") as answer:
        return answer.status == 200


async def test_metrics_and_probes_tell_of_clusters_and_targets(quickstart: Quickstart) -> None:
    quickstart.spoil("asia")
    configuration = yaml.safe_load(quickstart.config.read_text()) | {"web": {"listen": "127.0.0.1:0"}}
    with Feddns(quickstart.folder, configuration) as feddns:
        await (await feddns.dns()).come_to(GLOBAL, [EU, US])
        address = feddns.events("web serving")[0]["address"]
        async with aiohttp.ClientSession() as session:
            await until(lambda: ready(session, address), 10)
            async with session.get(f"http://{address}/metrics") as answer:
                lines = (await answer.text()).splitlines()
        assert 'feddns_cluster_visible{cluster="us"} 1.0' in lines
        assert 'feddns_cluster_visible{cluster="asia"} 0.0' in lines
        of_zone = "feddns_record_sets{"
        assert sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(of_zone)) == 5
        assert feddns.terminate() == 0


async def test_an_address_for_metrics_that_is_taken_ends_it_with_a_reason(quickstart: Quickstart) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        configuration = yaml.safe_load(quickstart.config.read_text()) | {"web": {"listen": f"127.0.0.1:{taken}"}}
        with Feddns(quickstart.folder, configuration) as feddns:
            assert feddns.wait() == 1
            assert (
                f"web.listen: 127.0.0.1:{taken} cannot be listened on: Address already in use" in feddns.log.read_text()
            )
