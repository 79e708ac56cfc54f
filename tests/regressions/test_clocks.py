"""The wall clock jumps: nothing changes, what is ordered stays ordered, and what is ordered then is done in time."""

import pytest

from tests.regressions.federation import PROBE, VIRTUAL, Federation

pytestmark = VIRTUAL

AN_HOUR_S = 3600.0
jumps = pytest.mark.parametrize("jump_s", [AN_HOUR_S, -AN_HOUR_S], ids=["forward", "back"])


@jumps
async def test_the_wall_clock_jumps_and_every_cluster_looks_silent(jump_s: float) -> None:
    """Kubernetes' nodes were NotReady after a jump ahead: https://github.com/kubernetes/kubernetes/issues/108844.

    And Unknown after one back: https://github.com/kubernetes/kubernetes/issues/113081.
    """
    async with Federation(probe=PROBE) as federation:
        before, writes = federation.text(), federation.writes
        federation.wall.ahead_s += jump_s
        await federation.wait(1)
        assert federation.unknown() == set()
        await federation.wait(100)
        assert (federation.text(), federation.writes) == (before, writes)
        federation.cut("eu")
        await federation.wait(20)
        federation.wall.ahead_s += jump_s
        federation.die("eu")
        await federation.wait(100)
        assert federation.unknown() == {"eu"}, "nor does one that is silent look alive"
        assert federation.ask("eu-a.eu") == ["eu", "global", *federation.without("eu")]


@jumps
async def test_the_wall_clock_jumps_and_a_cluster_that_a_person_took_out_is_back(jump_s: float) -> None:
    """What counts is when it was said, not what clocks say now: https://github.com/kubernetes/kubernetes/issues/6193."""
    async with Federation() as federation:
        await federation.evict("eu")
        await federation.drain("asia", for_s=3 * AN_HOUR_S)
        await federation.wait(600)
        gone = {"": federation.without("eu", "asia"), "eu": ["global", *federation.without("eu", "asia")]}
        await federation.stays(10, gone)
        writes = federation.writes
        federation.wall.ahead_s += jump_s
        await federation.stays(300, gone)
        assert federation.writes == writes
        await federation.readmit("eu")
        await federation.wait(5)
        assert federation.ask() == federation.without("asia")


@jumps
async def test_the_wall_clock_jumps_and_a_drain_begins_or_ends_an_hour_off(jump_s: float) -> None:
    """Times that others wrote cannot be compared with one's own: https://github.com/kubernetes/kubernetes/issues/6193."""
    async with Federation() as federation:
        before = federation.text()
        federation.wall.ahead_s += jump_s
        await federation.wait(5)
        await federation.drain("eu", for_s=400)
        await federation.wait(170)
        assert federation.ask() == federation.everyone, "the old TTL is not over yet"
        await federation.wait(15)
        assert federation.ask() == federation.without("eu")
        await federation.wait(200)
        assert federation.ask() == federation.without("eu")
        await federation.wait(60)
        assert federation.text() == before
