"""Two feddns write one zone: one after another, never one into the other."""

import asyncio

import pytest

from feddns.plan.claim import read_claim
from tests.builders import FED
from tests.regressions.federation import Federation

pytestmark = pytest.mark.looptime


async def test_two_leaders_write_one_zone_and_each_undoes_the_other() -> None:
    """Two ExternalDNS delete each other's records for ever: https://github.com/kubernetes-sigs/external-dns/issues/3336.

    And again: https://github.com/kubernetes-sigs/external-dns/issues/5846; they have no election of a leader:
    https://github.com/kubernetes-sigs/external-dns/issues/164.
    """
    async with Federation() as first, Federation(zone=first.zone) as second:
        for turn in range(20):
            for federation in (first, second):
                federation.clusters["eu"].balance(f"198.51.100.{turn}")
                federation.clusters["us"].ready(*(() if turn % 2 else ("us-a",)))
                await asyncio.sleep(0.003 * (turn % 3))
            await asyncio.gather(first.wait(4), second.wait(4))
        await first.wait(60)
        assert first.ask("eu") == ["198.51.100.19"]
        writes = first.writes
        await first.wait(300)
        assert first.writes == writes, "they agree"
        (claim,) = (each for each in first.zone.records.values() if each.name == FED.claim)
        read = read_claim(claim)
        assert read is not None
        assert read.seq == first.writes, "each batch counted the claim on by one, so none went in between"
        assert first.zone.conflicts > 0, "the two never met: this run proved nothing"
