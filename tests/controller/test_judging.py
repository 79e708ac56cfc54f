import asyncio
from collections.abc import Callable, Mapping

import msgspec
import pytest

from feddns.config.health import HealthSettings
from feddns.controller.judging import Judging, User
from feddns.model.orders import Eviction, Orders
from feddns.model.probing import Probe, ProbeState, TcpProbe, Track
from feddns.model.records import RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, ClusterName
from feddns.model.verdicts import Brake, Health
from tests.builders import FED, NOW, numbered
from tests.controller.world import LOST_AFTER_S, Watcher, World, a_judging

US, EU = ClusterName("us"), ClusterName("eu")
ONE = numbered(1)
TCP = Probe(TcpProbe(443))


def published(*addresses: str) -> Callable[[ServiceKey], tuple[RecordSet, ...]]:
    """A zone that has these addresses at the global name of every service."""
    return lambda key: (RecordSet(FED.name(key, GLOBAL), "A", 180, addresses),)


class Probing:
    """Probes whose results are told to it."""

    def __init__(self) -> None:
        self.wanted: dict[User, dict[str, Probe]] = {}
        self.found: dict[str, Track] = {}

    def want(self, user: User, targets: Mapping[str, Probe]) -> None:
        self.wanted[user] = dict(targets)

    def tracks(self, user: User) -> Mapping[str, Track]:
        return {address: self.found.get(address, Track()) for address in self.wanted[user]}


def a_world() -> World:
    """Service 1 stands in both clusters."""
    world = World()
    for cluster, address, zone in (("us", "192.0.2.1", "us-a"), ("eu", "198.51.100.7", "eu-a")):
        world.list_all(cluster)
        world.serve(cluster, 1, [address])
        world.make_ready(cluster, 1, [zone])
    return world


def watching(world: World, rules: HealthSettings | None = None) -> Watcher:
    return world.watcher(world.touched, rules or HealthSettings())


def healths(judging: Judging, key: ServiceKey = ONE) -> dict[ClusterName, Health]:
    (assessment,) = judging.assessments([key])
    return {verdict.cluster: verdict.health for verdict in assessment.verdicts}


def answers(judging: Judging, key: ServiceKey = ONE) -> dict[ClusterName, tuple[str, ...]]:
    (assessment,) = judging.assessments([key])
    return {verdict.cluster: verdict.addresses for verdict in assessment.verdicts}


def with_probe(world: World, cluster: str, number: int, probe: Probe | None) -> None:
    view = world.views[cluster]
    _, facts = view.held_service(str(numbered(number)))
    assert facts is not None
    assert facts.shard is not None
    shard = msgspec.structs.replace(facts.shard, probe=probe)
    view.put_service(numbered(number), msgspec.structs.replace(facts, shard=shard))


def test_what_nobody_touched_is_not_judged_again() -> None:
    judging = watching(a_world()).judging
    assert judging.assessments([ONE])[0] is judging.assessments([ONE])[0]


def test_what_a_zone_has_settles_while_that_zone_is_kept_and_is_believed_at_once_by_who_keeps_none() -> None:
    world = a_world()
    world.make_ready("us", 1, [])
    assert answers(watching(world).judging)[US] == ()
    judging = watching(world).judging
    with judging.recalling(published("192.0.2.1")):
        assert answers(judging)[US] == ("192.0.2.1",)
        world.now += HealthSettings().settle
        assert answers(judging)[US] == ()
    judging = watching(world).judging
    with judging.recalling(published("192.0.2.9")), judging.recalling(published("192.0.2.1")):
        pass
    assert answers(judging)[US] == ()


def test_what_was_touched_is_judged_anew_before_anyone_looks() -> None:
    world = a_world()
    judging = watching(world, HealthSettings(settle=0)).judging
    assert healths(judging) == {EU: Health.HEALTHY, US: Health.HEALTHY}
    world.make_ready("us", 1, [])
    assert healths(judging) == {EU: Health.HEALTHY, US: Health.UNHEALTHY}


def test_what_is_due_is_touched_when_its_time_has_come() -> None:
    world = a_world()
    watcher = watching(world, HealthSettings(settle=3))
    watcher.look_at_touched()
    world.make_ready("us", 1, [])
    watcher.look_at_touched()
    assert answers(watcher.judging)[US] == ("192.0.2.1",)
    assert watcher.judging.touch_due() == pytest.approx(NOW + 3)
    assert not watcher.touched.take(watcher.loop.everything)
    world.pass_time(3, ("us", "eu"))
    watcher.judging.touch_due()
    assert [*watcher.touched.take(watcher.loop.everything)] == [ONE]
    assert answers(watcher.judging)[US] == ()


@pytest.mark.looptime
async def test_time_alone_has_services_looked_at_again() -> None:
    world = a_world()
    watcher = watching(world)
    begun = asyncio.get_running_loop().time()
    rules = HealthSettings(settle=3)
    clock: Callable[[], float] = lambda: NOW + asyncio.get_running_loop().time() - begun  # noqa: E731 - the loop's time
    judging = a_judging(watcher.views, watcher.everyone, clock, rules)
    judging.assessments([ONE])
    work = asyncio.create_task(judging.run())
    await asyncio.sleep(1)
    world.make_ready("us", 1, [])
    judging.assessments([ONE])
    while watcher.touched.take(watcher.loop.everything):
        pass
    await asyncio.sleep(2.9)
    assert watcher.touched.is_empty
    await asyncio.sleep(0.2)
    assert [*watcher.touched.take(watcher.loop.everything)] == [ONE]
    work.cancel()


def test_orders_are_judged_under_at_once() -> None:
    watcher = watching(a_world())
    assert answers(watcher.judging)[US] == ("192.0.2.1",)
    watcher.judging.order(Orders(evictions={US: Eviction(NOW)}))
    assert answers(watcher.judging)[US] == ()
    watcher.judging.order(Orders())
    assert answers(watcher.judging)[US] == ("192.0.2.1",)


def test_the_addresses_of_probed_shards_are_asked_also_while_their_cluster_is_lost_and_no_longer_than_that() -> None:
    world, probing = a_world(), Probing()
    watcher = watching(world)
    judging = a_judging(watcher.views, watcher.everyone, lambda: world.now, HealthSettings(), probing)
    judging.assessments([ONE])
    assert not probing.wanted
    with_probe(world, "us", 1, TCP)
    judging.assessments([ONE])
    assert probing.wanted == {(US, ONE): {"192.0.2.1": TCP}}
    world.pass_time(LOST_AFTER_S, ("eu",))
    judging.everything()
    judging.assessments([ONE])
    assert probing.wanted == {(US, ONE): {"192.0.2.1": TCP}}
    world.hear("us")
    with_probe(world, "us", 1, None)
    judging.assessments([ONE])
    assert probing.wanted == {(US, ONE): {}}


def test_a_withdrawal_that_a_brake_holds_is_counted_and_reported_beside_its_service_until_it_is_over() -> None:
    world, probing = a_world(), Probing()
    watcher = watching(world)
    judging = a_judging(watcher.views, watcher.everyone, lambda: world.now, HealthSettings(), probing)
    for cluster in ("us", "eu"):
        with_probe(world, cluster, 1, TCP)
    judging.assessments([ONE])
    failing = Track(ProbeState.FAILING, NOW, "connection refused", NOW, 3, succeeded=False, failed_from=NOW)
    probing.found = {"192.0.2.1": failing, "198.51.100.7": failing}
    judging.service(ONE)
    (assessment,) = judging.assessments([ONE])
    assert judging.holds() == {Brake.PANIC: 2}
    reports = [report for view in world.views.values() for report in view.concerns()]
    assert [(key, uid, problem.reason) for key, uid, problem in reports] == [(ONE, "uid-1", "WithdrawalHeld")] * 2
    assert {problem.text for problem in assessment.problems} == {problem.text for _, _, problem in reports}
    probing.found = {}
    judging.service(ONE)
    with_probe(world, "us", 1, None)
    with_probe(world, "eu", 1, None)
    judging.assessments([ONE])
    assert not judging.holds()
    assert not [report for view in world.views.values() for report in view.concerns()]
