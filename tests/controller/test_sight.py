import asyncio

import pytest
import structlog

from feddns.controller.sight import watch_sight
from tests.controller.world import LOST_AFTER_S, World


@pytest.mark.looptime
async def test_a_cluster_that_is_lost_is_told_with_its_reason_and_then_for_how_long_it_was() -> None:
    world = World()
    watcher = world.watcher(world.touched)
    for cluster in ("us", "eu"):
        world.list_all(cluster)
    with structlog.testing.capture_logs() as lines:
        work = asyncio.create_task(watch_sight(watcher.views, world.touched, lambda: world.now))
        await asyncio.sleep(1)
        world.pass_time(LOST_AFTER_S + 5, ["us"])
        await asyncio.sleep(1)
        world.now += 20
        world.hear("us")
        world.hear("eu")
        await asyncio.sleep(1)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    lost, back = lines[2:]
    assert (lost["event"], lost["cluster"]) == ("cluster lost", "eu")
    assert lost["reason"].startswith("nothing heard for too long of ")
    assert (back["event"], back["cluster"], back["lost_for_s"]) == ("cluster visible", "eu", 25.0)
    assert "reason" not in back
