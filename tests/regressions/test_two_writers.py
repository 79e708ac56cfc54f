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
    async with Federation(services=2) as first, Federation(services=2, zone=first.zone) as second:
        for turn in range(12):
            for federation, numbers in ((first, (0, 1)), (second, (1, 0))):
                for number in numbers:
                    federation.clusters["eu"].balance(f"198.51.100.{turn}", number=number)
                    await asyncio.sleep(0.001)  # so that each meets the other over another service
                federation.clusters["us"].ready(*(() if turn % 2 else ("us-a",)))
                await asyncio.sleep(0.003 * (turn % 3))
            await asyncio.gather(first.wait(4), second.wait(4))
        await first.wait(30)
        assert first.ask("eu") == ["198.51.100.11"]
        writes = first.writes
        await first.wait(60)
        assert first.writes == writes, "they agree"
        for turn, federation in enumerate((first, second), 12):
            federation.clusters["eu"].balance(f"198.51.100.{turn}")
            await federation.wait(5)
            assert first.ask("eu") == [f"198.51.100.{turn}"], "neither is shut out"
        writes = first.writes
        first.clusters["eu"].balance("198.51.100.13")
        await first.wait(60)
        assert first.writes == writes, "and they agree again"
        (claim,) = (each for each in first.zone.records.values() if each.name == FED.claim)
        read = read_claim(claim)
        assert read is not None
        assert read.seq == first.writes, "each batch counted the claim on by one, so none went in between"
        assert first.zone.conflicts > 0, "the two never met: this run proved nothing"
