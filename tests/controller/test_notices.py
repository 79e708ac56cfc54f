import asyncio

from feddns.controller.notices import of_moves, of_verdicts
from feddns.model.notices import Notice, Turn
from feddns.model.records import DnsName
from feddns.model.topology import ClusterName, Scope
from feddns.plan.moves import Move
from feddns.plan.proposal import ServiceChanges
from tests.builders import numbered
from tests.controller.world import LOST_AFTER_S, Watcher, World

ONE = numbered(1)
US, EU = ClusterName("us"), ClusterName("eu")
US_A = Scope("us", "us-a")


def a_scene() -> tuple[World, Watcher]:
    """A healthy service in two clusters, which was judged."""
    world = World()
    watcher = world.watcher(world.touched)
    for cluster, address in (("us", "192.0.2.1"), ("eu", "192.0.2.2")):
        world.list_all(cluster)
        world.serve(cluster, 1, [address])
        world.make_ready(cluster, 1, [f"{cluster}-a"])
    watcher.judging.assessments([ONE])
    return world, watcher


def waiting(world: World, cluster: str) -> list[Notice]:
    return [notice for _, notice in world.views[cluster].news.waiting()]


def test_a_verdict_that_changes_is_told_in_its_own_cluster_with_its_reason_and_what_follows() -> None:
    world, watcher = a_scene()
    assert waiting(world, "us") == waiting(world, "eu") == []
    world.make_ready("us", 1, [])
    watcher.judging.assessments([ONE])
    (notice,) = waiting(world, "us")
    assert notice.turn is Turn.BECAME_UNHEALTHY
    assert notice.text == f"{ONE} in us is Unhealthy: EndpointSlices: no endpoints; DNS is to answer without it"
    assert waiting(world, "eu") == []


def test_what_turned_back_before_it_was_told_is_not_told() -> None:
    world, watcher = a_scene()
    for zones in ([], ["us-a"]):
        world.make_ready("us", 1, zones)
        watcher.judging.assessments([ONE])
    assert waiting(world, "us") == []


def test_a_cluster_out_of_sight_is_told_with_what_stays() -> None:
    world, watcher = a_scene()
    world.pass_time(LOST_AFTER_S, ["us"])
    watcher.judging.everything()
    watcher.judging.assessments([ONE])
    (notice,) = waiting(world, "eu")
    assert notice.turn is Turn.BECAME_UNKNOWN
    assert notice.text.endswith("DNS is to answer with 192.0.2.2")


def test_what_is_first_seen_is_no_news() -> None:
    _, watcher = a_scene()
    (before,) = watcher.judging.assessments([ONE])
    assert list(of_verdicts(before, before)) == []


def test_a_failover_is_told_in_the_clusters_whose_name_has_moved() -> None:
    world, watcher = a_scene()
    world.make_ready("us", 1, [])
    (believed,) = watcher.judging.assessments([ONE])
    name, up = DnsName("web.us-a.us."), DnsName("web.us.")
    ((cluster, notice),) = of_moves([Move(name, US_A, up, (up,))], believed)
    assert (cluster, notice.turn, notice.topic) == (US, Turn.FAILED_OVER, name)
    assert notice.text == (
        f"{name} (zone us-a of us) has no healthy shard and leads to {up} (us: EndpointSlices: no endpoints)"
    )
    ((cluster, back),) = of_moves([Move(name, US_A, "", ("192.0.2.1",))], believed)
    assert (cluster, back.turn) == (US, Turn.FAILED_BACK)
    assert back.text == f"{name} (zone us-a of us) answers with 192.0.2.1 again"
    assert (notice.before, notice.after) == (back.after, back.before)


async def test_others_have_their_turn_while_the_owners_of_many_services_are_told_of_a_batch() -> None:
    _, watcher = a_scene()
    told = asyncio.ensure_future(
        watcher.writer.course.written([ServiceChanges(numbered(number), ()) for number in range(200)])
    )
    turns = 0
    while not told.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 200 // 64
