import asyncio

import pytest

from tests.regressions.federation import VIRTUAL, Federation

pytestmark = VIRTUAL


@pytest.mark.parametrize("jump_s", [1800.0, -1800.0])
async def test_a_drain_goes_on_from_when_it_was_seen_and_its_end_moves_with_the_wall_clock(jump_s: float) -> None:
    async with Federation() as federation:
        began, ends_in = federation.now, 3600.0
        await federation.drain("eu", for_s=ends_in)
        await federation.wait(10)
        federation.wall.ahead_s += jump_s
        await federation.wait(160)
        assert federation.ask() == federation.everyone, "as before, its old TTL is not over yet"
        await federation.wait(15)
        assert federation.ask() == federation.without("eu")
        await federation.wait(began + ends_in - jump_s - federation.now - 5)
        assert federation.ask() == federation.without("eu")
        await federation.wait(10)
        assert federation.ask() == federation.everyone


async def test_what_a_clock_that_is_ahead_has_dated_holds_at_once() -> None:
    async with Federation() as federation:
        federation.wall.ahead_s += 3600  # of who gives the order
        await federation.evict("eu")
        federation.wall.ahead_s -= 3600
        await asyncio.sleep(0)
        await federation.wait(2)
        assert federation.ask() == federation.without("eu")
