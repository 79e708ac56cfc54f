import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
import structlog.testing

from feddns.clusters.hostnames import Hostnames
from feddns.clusters.lookup import FamilyFound, Found, Lookup
from feddns.clusters.source import Source
from feddns.config.parse import load
from feddns.config.settings import WriteSettings
from feddns.controller import assemble, once
from feddns.controller.assemble import Observatory
from feddns.controller.enrolment import Enrolment
from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.targets import Target
from feddns.controller.touched import Touched
from feddns.controller.views import Views
from feddns.decide import Policy
from feddns.errors import Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Limits, Replace
from feddns.model.orders import Eviction, Freeze, evicted, frozen, thawed
from feddns.model.records import A, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, ClusterName
from feddns.plan.agenda import Terms
from feddns.plan.budget import Cause
from feddns.providers.embedded import EmbeddedSettings
from feddns.providers.writer import ZoneWriter
from tests.controller.world import a_judging
from tests.providers.flaky import Flaky, lost, unauthorized
from tests.quickstart import ASIA, EU, US, Quickstart
from tests.regressions.surroundings import Board

pytestmark = pytest.mark.looptime

GRACE_S = 15.0
LB = "lb.cloud.test."
NGINX = ServiceKey("mynamespace", "nginx")


def observatory(quickstart: Quickstart, lookup: Lookup | None = None) -> Observatory:
    seen = assemble.observatory(load(quickstart.config.read_text(), "feddns.yaml", ("embedded",)), quickstart.folder)
    if lookup is None:
        return seen
    hostnames = Hostnames(lambda _: None, lookup)
    views = Views([source.view for source in seen.sources], hostnames)
    return replace(seen, hostnames=hostnames, views=views, judging=a_judging(views, seen.touched, time.time))


def policy_of(seen: Observatory) -> Policy:
    (policy,) = seen.policies.values()
    return policy


def answering(*addresses: str) -> Lookup:
    async def lookup(_name: str) -> Found:
        await asyncio.sleep(0.3)
        return {"A": FamilyFound(addresses, 60.0), "AAAA": FamilyFound((), 60.0)}

    return lookup


async def silent(_name: str) -> Found:
    await asyncio.sleep(100)
    raise AssertionError


def with_hostname(quickstart: Quickstart) -> None:
    quickstart.replace("us", f"- ip: {US}", f"- hostname: {LB}")


def world(seen: Observatory) -> tuple[str, ...]:
    """The addresses of the global name of nginx as they should be."""
    records = [record for decision in once.decide_all(seen) for record in decision.records]
    name = policy_of(seen).names.name(NGINX, GLOBAL)
    return tuple(value for record in records if record.name == name for value in record.values)


@asynccontextmanager
async def a_target(quickstart: Quickstart, **terms: bool) -> AsyncIterator[tuple[Target, Flaky]]:
    """All parts as they are put together for the configuration, but for a provider that can fail."""
    seen = observatory(quickstart)
    async with a_target_of(seen, quickstart, **terms) as (target, provider):
        yield target, provider


@asynccontextmanager
async def a_target_of(seen: Observatory, quickstart: Quickstart, **terms: bool) -> AsyncIterator[tuple[Target, Flaky]]:
    names = policy_of(seen).names
    provider = Flaky.open(EmbeddedSettings(), names.zone, quickstart.folder)
    budget = load(quickstart.config.read_text(), "feddns.yaml", ("embedded",)).settings.budget.deletions
    touched = Touched()
    seen.touched.tell(touched)
    writer = ZoneWriter(
        provider, Terms(names, "default", budget, **terms), WriteSettings(), time.time, touched.services
    )
    loop = Loop(seen.judging, seen.views, writer, policy_of(seen), time.time, ProblemLog())
    try:
        async with once.watching(seen, GRACE_S):
            yield Target("example.com", policy_of(seen), provider, writer, loop, touched), provider
    finally:
        await provider.close()


# --- watching


async def test_the_work_begins_as_soon_as_every_cluster_is_seen_and_leaves_nothing_behind(
    quickstart: Quickstart,
) -> None:
    seen = observatory(quickstart)
    clock = asyncio.get_running_loop().time
    async with once.watching(seen, GRACE_S):
        assert clock() < GRACE_S / 2
        assert world(seen) == (EU, US, ASIA)
        assert once.unseen(seen, "x") == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_cluster_that_cannot_be_seen_is_waited_for_and_told(quickstart: Quickstart) -> None:
    quickstart.lose("eu")
    seen = observatory(quickstart)
    clock = asyncio.get_running_loop().time
    async with once.watching(seen, GRACE_S):
        assert clock() == pytest.approx(GRACE_S, abs=0.5)
        assert world(seen) == (US, ASIA)
        (line,) = once.unseen(seen, "its answers stay")
    assert line.startswith("cluster eu cannot be seen, so its answers stay: the folder of manifests ")
    assert line.endswith("europe-west1 cannot be read: No such file or directory")


async def test_host_names_are_resolved_before_the_work_begins(quickstart: Quickstart) -> None:
    with_hostname(quickstart)
    seen = observatory(quickstart, answering("192.0.2.9"))
    async with once.watching(seen, GRACE_S):
        assert world(seen) == ("192.0.2.9", EU, ASIA)


async def test_a_cluster_that_cannot_be_seen_does_not_cost_the_others_their_host_names(quickstart: Quickstart) -> None:
    with_hostname(quickstart)
    quickstart.lose("eu")
    seen = observatory(quickstart, answering("192.0.2.9"))
    async with once.watching(seen, GRACE_S):
        assert world(seen) == ("192.0.2.9", ASIA)


@pytest.mark.parametrize("is_one_lost", [False, True])
async def test_host_names_that_do_not_answer_are_left_with_a_problem_in_time(
    quickstart: Quickstart,
    is_one_lost: bool,  # noqa: FBT001 - a table's column
) -> None:
    with_hostname(quickstart)
    if is_one_lost:
        quickstart.lose("eu")
    seen = observatory(quickstart, silent)
    clock = asyncio.get_running_loop().time
    async with once.watching(seen, GRACE_S):
        assert GRACE_S - 0.1 <= clock() <= GRACE_S + 1.5
        problems = once.troubles(seen, once.decide_all(seen))
    assert [line.partition(" within")[0] for line in problems] == [
        f"HostnameNotResolved: load balancer host name {LB}: not resolved"
    ]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_source_that_fails_in_an_unforeseen_way_is_tried_again(quickstart: Quickstart) -> None:
    seen = observatory(quickstart)
    first, *others = seen.sources
    failures = [KeyError("a fault of ours")]

    class Failing:
        view = first.view

        async def run(self) -> None:
            if failures:
                raise failures.pop()
            await first.run()

        async def report(self) -> None:
            await first.report()

        async def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
            return await first.secret(namespace, name)

    source: Source = Failing()
    with structlog.testing.capture_logs() as log:
        fleet = SimpleNamespace(sources=(source, *others))
        enrolment = cast("Enrolment", SimpleNamespace(fleet=fleet))
        async with once.watching(replace(seen, enrolment=enrolment), GRACE_S):
            assert world(seen) == (EU, US, ASIA)
    assert [line["part"] for line in log if line["event"] == "part failed"] == ["cluster us"]


# --- plan and apply


async def test_what_was_applied_needs_no_further_plan(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, provider):
        planned, decisions = await once.plan(target)
        assert [decision.key for decision in decisions] == [NGINX]
        assert [type(change) for change in planned.changes] == [Create] * 7
        assert provider.batches == []
        done, _ = await once.apply(target)
        assert done.services == planned.services
        again, _ = await once.plan(target)
        assert again.services == ()


async def test_what_is_told_as_done_is_what_was_done(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, _):
        await once.apply(target)
    quickstart.fail("eu")
    async with a_target(quickstart) as (target, _):
        done, _ = await once.apply(target)
        kinds = sorted(type(change).__name__ for change in done.changes)
        assert kinds == ["Create", "Create", "Delete", "Delete", "Replace"]
        assert done.services[0].urgent


async def test_a_service_that_the_provider_refuses_is_left_undone_and_told(quickstart: Quickstart) -> None:
    quickstart.populate(3)
    async with a_target(quickstart) as (target, provider):
        provider.refuses = frozenset({target.policy.names.name(ServiceKey("shop", "s1"), GLOBAL)})
        done, _ = await once.apply(target)
        assert {service.key.name for service in done.services} == {"nginx", "s0", "s2"}
        assert [problem.text for problem in done.problems] == ["shop/s1: no such thing here"]


async def test_an_outcome_that_was_unknown_is_found_and_told_as_done(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, provider):
        provider.faults.append(lost(done=True))
        done, _ = await once.apply(target)
        assert len(done.changes) == 7
        assert provider.order == ["read", "apply", "read"]


async def test_what_another_changed_between_reading_and_writing_is_put_right(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, provider):
        await once.apply(target)
    quickstart.fail("us")
    async with a_target(quickstart) as (target, provider):
        name = target.policy.names.name(NGINX, GLOBAL)
        before = RecordSet(name, A, 180, (EU, US, ASIA))

        async def meddle(flaky: Flaky, _batch: object) -> None:
            zone = await flaky.read_zone()
            claim = next(record for record in zone if record.name.startswith("_feddns."))
            drift = RecordSet(DnsName(name), A, 180, ("203.0.113.66",))
            await super(Flaky, flaky).apply(Batch((Replace(before, drift),), Fence(claim, claim)))

        provider.faults.append(meddle)
        done, _ = await once.apply(target)
        assert {change for change in done.changes if change.name == name} == {
            Replace(before, RecordSet(name, A, 180, (EU, ASIA)))
        }
        again, _ = await once.plan(target)
        assert again.services == ()


async def test_a_freeze_that_comes_while_much_is_written_holds_what_is_left(quickstart: Quickstart) -> None:
    quickstart.populate(12)
    board = Board()
    seen = replace(observatory(quickstart), orders=board)

    async def freeze(_provider: Flaky, _batch: Batch) -> None:
        await board.update(lambda orders: frozen(orders, Freeze(0.0, "ann")))
        await asyncio.sleep(1)

    async with a_target_of(seen, quickstart) as (target, provider), once.obeying(seen, [target]):
        provider.limits_ = Limits(20, 100_000)
        provider.faults.append(freeze)
        done, _ = await once.apply(target)
        assert len(provider.batches) == 1
        assert "frozen by ann" in done.frozen
        assert len(done.changes) == len(provider.batches[0].changes)
        await board.update(thawed)
        await asyncio.sleep(1)
        done, _ = await once.apply(target)
        assert len(target.writer.agenda.keys()) == 13


async def test_what_is_ordered_while_much_is_written_counts_for_all_that_is_left(quickstart: Quickstart) -> None:
    board = Board()
    seen = replace(observatory(quickstart), orders=board)

    async def evict(_provider: Flaky, _batch: Batch) -> None:
        await board.update(lambda orders: evicted(orders, ClusterName("eu"), Eviction(0.0)))
        await asyncio.sleep(1)

    async with a_target_of(seen, quickstart) as (target, provider), once.obeying(seen, [target]):
        provider.faults.append(evict)
        await once.apply(target)
        name = target.policy.names.name(NGINX, GLOBAL)
        (world,) = (record for record in target.writer.agenda.published(NGINX) if record.name == name)
        assert EU not in world.values


async def test_deletions_that_are_held_are_told_with_all_that_was_done(quickstart: Quickstart) -> None:
    quickstart.populate(12)
    async with a_target(quickstart) as (target, _):
        assert len((await once.apply(target))[0].changes) == 13 * 7
    for name in ("us", "eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    quickstart.fail("eu")
    async with a_target(quickstart) as (target, _):
        done, _ = await once.apply(target)
        assert [(held.cause, held.count) for held in done.held] == [(Cause.SPECIFICATION, 84)]
        assert len(done.withheld) == 84
        assert {service.key for service in done.services} == {NGINX}
    async with a_target(quickstart, allow_deletions=True) as (target, _):
        done, _ = await once.apply(target)
        assert done.held == ()
        assert [type(change) for change in done.changes] == [Delete] * 84


# --- explain


async def test_an_explanation_knows_what_the_zone_has(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, _):
        await once.apply(target)
    async with a_target(quickstart) as (target, _):
        assert await once.look(target) == ""
        assert target.writer.agenda.published(NGINX) == target.loop.decide(NGINX).records


@pytest.mark.parametrize("count", [1, 1000])
async def test_an_explanation_does_not_wait_long_for_a_zone_that_cannot_be_read(
    quickstart: Quickstart, count: int
) -> None:
    clock: Callable[[], float] = asyncio.get_running_loop().time
    async with a_target(quickstart) as (target, provider):
        provider.read_faults.extend([Unavailable("no route to the server")] * count)
        began = clock()
        assert await once.look(target) == ("" if count == 1 else "no route to the server")
        assert clock() - began <= 6
        assert target.loop.decide(NGINX).records


async def test_a_writer_without_the_right_to_write_is_told_at_once(quickstart: Quickstart) -> None:
    async with a_target(quickstart) as (target, provider):
        provider.faults.append(unauthorized())
        with pytest.raises(Exception, match="who are you"):
            await once.apply(target)
        assert provider.order == ["read", "apply"]
