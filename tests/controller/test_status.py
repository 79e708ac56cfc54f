import asyncio
from pathlib import Path

import pytest

from feddns.cli.configuration import read_configuration
from feddns.clock import STEADY
from feddns.clusters.sight import Kind
from feddns.controller.assemble import Federation, federation
from feddns.controller.reload import InForce
from feddns.controller.status import Overview
from feddns.model.asked import ChangesAsked, CountedAsked, ServiceAsked, ServicesAsked
from feddns.model.changes import Limits
from feddns.model.orders import Drain, Freeze, Orders
from feddns.model.topology import ClusterName
from feddns.plan.zone import EMPTY_ZONE
from tests.builders import numbered
from tests.controller.world import service, slices
from tests.quickstart import Quickstart

pytestmark = pytest.mark.servers  # hundreds of services take their time

MANY = 600
LIMITS = Limits(1_000_000, 1_000_000_000)


def show(parts: Federation, cluster: str, count: int, *, ready: bool = True) -> None:
    """A cluster is listed, with so many services."""
    (view,) = [source.view for source in parts.observatory.sources if source.view.name == cluster]
    now, address = STEADY(), f"192.0.2.{len(cluster)}"
    view.replace_services({numbered(number): service(cluster, number, address) for number in range(count)}, now)
    view.replace_slices({str(number): slices(number, *("a",) * ready) for number in range(count)}, now)
    if Kind.NODES in view.kinds:
        view.replace_nodes({}, now)


def decide(parts: Federation) -> None:
    """Decide all there is."""
    parts.observatory.judging.everything()
    (target,) = parts.targets
    target.loop.turn(sorted(target.loop.everything()))


def write(parts: Federation) -> None:
    """Have the zone as it is wanted."""
    agenda = parts.targets[0].writer.agenda
    while (draft := agenda.next_draft(LIMITS, STEADY())) is not None:
        agenda.done(draft, STEADY())


@pytest.fixture
def parts(tmp_path: Path) -> Federation:
    quickstart = Quickstart(tmp_path)
    quickstart.configure(health={"settle": "0s"})
    parts = federation(read_configuration(str(quickstart.config)), tmp_path)
    parts.targets[0].writer.agenda.read(EMPTY_ZONE)
    return parts


@pytest.fixture
def overview(parts: Federation) -> Overview:
    return Overview(parts, lambda: InForce("0123", 1.0, "no", ("web",)), STEADY)


async def test_before_anything_is_known_that_is_what_is_told(overview: Overview) -> None:
    status = await overview.status()
    assert (status.unready, status.services.total, status.configuration.refusal) == (
        "no zone has been read yet",
        0,
        "no",
    )
    assert [(cluster.ready, cluster.heard_at) for cluster in status.clusters] == [("False", None)] * 3
    assert await overview.service(ServiceAsked("shop", "s1")) is None
    assert await overview.changes(ChangesAsked(target="other")) is None


async def test_others_have_their_turn_while_many_services_are_told_of(parts: Federation, overview: Overview) -> None:
    for cluster in ("us", "eu", "asia"):
        show(parts, cluster, MANY)
    decide(parts)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    for ask, least in (
        (overview.status, MANY // 256),
        (lambda: overview.changes(ChangesAsked(limit=500)), 500 // 64),
        (lambda: overview.services(ServicesAsked(limit=500)), 500 // 64),
        (lambda: overview.moves(CountedAsked()), MANY // 256),
    ):
        task, turns = asyncio.create_task(others()), 0
        await ask()
        assert turns >= least
        task.cancel()


async def test_what_waits_and_what_was_written_is_told(parts: Federation, overview: Overview) -> None:
    for cluster in ("us", "eu", "asia"):
        show(parts, cluster, 3)
    decide(parts)
    (target,) = (await overview.targets()).targets
    assert (target.waiting.create, target.record_sets, target.claim_seq) == (3, 0, None)
    changes = await overview.changes(ChangesAsked(limit=2))
    assert changes is not None
    assert (changes.total, changes.next, len(changes.targets[0].changes)) == (3, "2", 2)
    write(parts)
    (target,) = (await overview.targets()).targets
    assert (target.waiting.create, target.record_sets, target.claim_seq) == (0, 3, 1)


async def test_orders_are_told_with_what_waits_for_them(parts: Federation, overview: Overview) -> None:
    for cluster in ("us", "eu", "asia"):
        show(parts, cluster, 2)
    decide(parts)
    write(parts)
    orders = Orders({ClusterName("eu"): Drain(STEADY(), by="ann")}, freeze=Freeze(STEADY(), "ann", "a migration"))
    parts.observatory.judging.order(orders)
    parts.observatory.orders.known.set()
    decide(parts)
    status = await overview.status()
    assert [(hold.kind, hold.release) for hold in status.holds] == [("freeze", "feddns thaw")]
    assert [cluster.drain and cluster.drain.by for cluster in status.clusters] == [None, "ann", None]
    assert [(move.service, move.cluster, move.is_withdrawal) for move in status.next_moves] == [
        ("shop/s0", "eu", True),
        ("shop/s1", "eu", True),
    ]


async def test_a_budget_is_told_with_what_releases_it(parts: Federation, overview: Overview) -> None:
    for cluster in ("us", "eu", "asia"):
        show(parts, cluster, 40)
    decide(parts)
    write(parts)
    for cluster in ("us", "eu", "asia"):
        show(parts, cluster, 0)
    decide(parts)
    status = await overview.status()
    assert [(hold.kind, hold.count, hold.release) for hold in status.holds] == [
        ("deletions", 40, "feddns apply --allow-deletions")
    ]
    assert (status.services.total, status.services.absent, status.targets[0].waiting.held) == (40, 40, 40)
    story = await overview.service(ServiceAsked("shop", "s1"))
    assert story is not None
    assert (story.verdict, story.clusters, len(story.targets[0].answers)) == ("Absent", 0, 1)
    assert "--allow-deletions" in story.targets[0].holds[0]
