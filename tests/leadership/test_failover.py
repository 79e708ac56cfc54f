"""Two replicas of `feddns run`, a real API server with their Lease, a real name server, and what befalls the leader."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.telemetry.events import LogEvent
from tests.lab.federation import Lab
from tests.leadership.pair import FAULTS, Pair, paired
from tests.servers import DnsServer

pytestmark = pytest.mark.lab

LEASE_S, RETRY_S = 6.0, 1.0
SLACK_S = 2.0
"""For a busy machine: to read the zone again, decide, write, and be asked."""


@pytest.fixture
async def pair(lab: Lab, namespace: str, bind: DnsServer, tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(lab, bind, namespace, tmp_path) as pair:
        yield pair


async def test_whatever_befalls_the_leader_the_other_takes_over_and_no_write_goes_between(pair: Pair) -> None:
    for fault in FAULTS:
        gap_s = await pair.strike(await pair.settled(), fault)
        assert gap_s <= LEASE_S + RETRY_S + SLACK_S, fault
    await pair.settled()
    await pair.zone_becomes_exact()
    assert pair.check_order() > 20


async def test_a_rolling_update_hands_over_in_well_under_a_second(pair: Pair) -> None:
    for _ in range(2):
        leader = await pair.settled()
        asked_at = time.monotonic()
        assert await asyncio.to_thread(leader.feddns.terminate) == 0
        assert time.monotonic() - asked_at < 5.0
        await pair.stream.next_seen()
        assert pair.stream.gap_s(asked_at) < 1.0
        leader.feddns.start()
    await pair.settled()
    assert not any(each.lines(LogEvent.LEADERSHIP_LOST, LogEvent.WRITE_CONFLICT) for each in pair.replicas)
    await pair.zone_becomes_exact()
    pair.check_order()


async def test_a_standby_writes_nothing_and_knows_all(pair: Pair) -> None:
    leader = await pair.settled()
    standby = pair.other(leader)
    await asyncio.sleep(3)
    assert standby.lines(LogEvent.RECORDS_WRITTEN) == []
    assert len(standby.lines(LogEvent.CLUSTER_VISIBLE)) == len(pair.lab.clusters)
    assert len(leader.lines(LogEvent.RECORDS_WRITTEN)) > 5
