import asyncio
import math
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.config.settings import WriteSettings
from feddns.errors import Conflict, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.changes import Batch, Create, Delete, Fence, Limits, Replace
from feddns.model.records import CNAME, TXT, DnsName, RecordSet
from feddns.telemetry.events import LogEvent
from tests.builders import FED, a_claim, answer, numbered, some_terms
from tests.providers.flaky import (
    Fault,
    Scene,
    away,
    conflict_on,
    held_by,
    lost,
    nothing,
    overtaken,
    raising,
    rival_writes,
    throttled,
    unauthorized,
)
from tests.virtual import virtually

pytestmark = pytest.mark.looptime

LONG_S = 200.0
"""Virtual seconds in which everything settles, and fewer than from one reading of the zone to the next."""
MOVED = ("192.0.2.99",)
FOREIGN = (
    RecordSet(DnsName("www.example.com."), "A", 77, ("192.0.2.200",)),
    RecordSet(DnsName("www.example.com."), TXT, 300, ('"not; yours" "second"',)),
    RecordSet(DnsName("s1.shop.otherfed.svc.example.com."), "A", 60, ("192.0.2.201",)),
    RecordSet(DnsName("_feddns.otherfed.svc.example.com."), TXT, 60, ("heritage=feddns,federation=otherfed",)),
    RecordSet(DnsName("*.wild.example.com."), CNAME, 60, ("www.example.com.",)),
    RecordSet(answer(1)[0].name, "MX", 60, ("10 mail.example.net.",)),
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Scene.set(tmp_path, some_terms(at_least=1000)) as scene:
        yield scene


def told(log: list[Any], event: LogEvent) -> list[Any]:
    return [line for line in log if line["event"] == event.message]


async def settle() -> None:
    await asyncio.sleep(LONG_S)


# --- pace


async def test_one_change_goes_out_at_once(scene: Scene) -> None:
    async with scene.running():
        await settle()
        began = asyncio.get_running_loop().time()
        scene.want(1)
        await settle()
        assert [at for at, batch in scene.provider.calls if batch] == [pytest.approx(began, abs=0.001)]
        assert await scene.ours() == frozenset(answer(1))


@pytest.mark.servers  # which takes seconds
@pytest.mark.parametrize(
    ("limits", "batches"),
    [(Limits(5_000, 2_000_000), 2), (Limits(1_000, 2_000_000), 10), (Limits(5_000, 9_000), 10)],
    ids=["embedded", "changes", "characters"],
)
async def test_ten_thousand_changes_go_out_in_full_batches(scene: Scene, limits: Limits, batches: int) -> None:
    scene.provider.limits_ = limits
    gate = asyncio.Event()
    async with scene.running():
        scene.provider.faults.append(held_by(gate))
        scene.want(0)
        await asyncio.sleep(1)
        for number in range(1, 10_001, 50):  # they come in while the first batch is under way
            scene.want(*range(number, number + 50))
        gate.set()
        await settle()
        assert [len(batch.changes) for batch in scene.provider.batches] == [1] + [10_000 // batches] * batches
        assert await scene.ours() == scene.expected()


async def test_an_urgent_change_goes_before_the_bulk_that_waits(scene: Scene) -> None:
    scene.provider.limits_ = Limits(10, 10_000)
    async with scene.running():
        scene.want(7)
        await settle()
        gate = asyncio.Event()
        scene.provider.faults.append(held_by(gate))
        scene.want(*range(100, 200))
        await asyncio.sleep(1)
        scene.want(7, addresses=MOVED)  # an address leaves an answer
        gate.set()
        await settle()
        _, _, second, *_ = scene.provider.batches
        assert second.changes[0] == Replace(answer(7)[0], answer(7, *MOVED)[0])
        assert await scene.ours() == scene.expected()


async def test_what_becomes_urgent_while_the_next_batch_waits_for_its_turn_is_in_it(scene: Scene) -> None:
    pauses = [4.0, 2.0]
    asked: list[bool] = []

    def pause_s(*, is_full: bool) -> float:
        asked.append(is_full)
        return pauses.pop() if pauses else 0.0

    scene.provider.pause_s = pause_s  # type: ignore[attr-defined]  # which makes it a Paced one
    scene.provider.limits_ = Limits(2, 10_000)
    async with scene.running():
        scene.want(1, 2, 3)
        await asyncio.sleep(5)
        scene.want(0, addresses=["192.0.2.1"])
        await settle()
        (at, first), *_ = ((at, batch) for at, batch in scene.provider.calls if batch)
        assert at == pytest.approx(6, abs=0.1)
        assert asked[0]
        assert len(first.changes) == 2
        assert await scene.ours() == scene.expected()


async def test_what_changed_while_its_batch_was_under_way_is_written_after_it(scene: Scene) -> None:
    gate = asyncio.Event()
    async with scene.running():
        scene.provider.faults.append(held_by(gate))
        scene.want(1)
        await asyncio.sleep(1)
        scene.want(1, addresses=MOVED)
        gate.set()
        await settle()
        assert [batch.changes for batch in scene.provider.batches] == [
            (Create(answer(1)[0]),),
            (Replace(answer(1)[0], answer(1, *MOVED)[0]),),
        ]


async def test_what_goes_back_before_it_goes_out_is_not_written(scene: Scene) -> None:
    async with scene.running():
        scene.want(1)
        scene.want(1, addresses=None)
        await settle()
        assert scene.provider.batches == []


@pytest.mark.parametrize("pace_s", [0.05, 0.5])
async def test_the_zone_is_read_again_in_time_though_changes_never_cease(tmp_path: Path, pace_s: float) -> None:
    drift = Replace(answer(1)[0], answer(1, "203.0.113.66")[0])
    async with Scene.set(tmp_path, settings=WriteSettings(reread=1.0)) as scene, scene.running():
        scene.want(1)
        await asyncio.sleep(0.4)
        await rival_writes(scene.rival, drift, fenced=False)
        for count in range(round(4 / pace_s)):
            scene.want(2, addresses=(f"192.0.2.{count + 10}",))
            await asyncio.sleep(pace_s)
        reads = [at for at, batch in scene.provider.calls if batch is None]
        assert len(reads) >= 4
        assert all(later - earlier == pytest.approx(1.0, abs=pace_s + 0.1) for earlier, later in pairwise(reads))
        assert await scene.ours() == scene.expected()


# --- faults


async def test_a_conflict_has_the_zone_read_and_what_changed_decided_again(scene: Scene, log: list[Any]) -> None:
    drift = Replace(answer(1)[0], answer(1, "203.0.113.66")[0])
    async with scene.running():
        scene.want(1, 2)
        await settle()
        scene.provider.faults.append(overtaken(drift))
        scene.want(2, addresses=MOVED)
        await settle()
        assert scene.provider.order[:4] == ["read", "apply", "apply", "read"]
        assert scene.changed == [numbered(1)]
        assert await scene.ours() == scene.expected()
        (conflict,) = told(log, LogEvent.WRITE_CONFLICT)
        assert conflict["services"] == ["shop/s2"]
        assert told(log, LogEvent.PROVIDER_FAILED) == []


async def test_a_conflict_by_the_fence_alone_is_no_reason_to_decide_again(scene: Scene) -> None:
    async with scene.running():
        scene.want(1)
        await settle()
        scene.provider.faults.append(overtaken())
        scene.want(2)
        await settle()
        assert scene.changed == []
        assert await scene.ours() == scene.expected()


async def test_a_batch_that_conflicts_with_nothing_that_moved_is_refused_like_any_other(scene: Scene) -> None:
    alias = RecordSet(answer(3)[0].name, CNAME, 60, ("lb.cloud.test.",))
    async with scene.running():
        scene.want(*range(3))
        await settle()
        scene.provider.faults.extend([conflict_on(alias.name)] * 20)
        scene.want(*range(4, 8))
        scene.want_exactly(3, alias)
        await settle()
        assert await scene.ours() == scene.expected() - {alias}
        assert [problem.reason for problem in scene.writer.agenda.problems()] == ["Refused"]


@pytest.mark.parametrize("done", [True, False])
async def test_after_an_unknown_outcome_the_zone_is_read_before_anything_is_written(scene: Scene, done: bool) -> None:  # noqa: FBT001 - a table's column
    scene.provider.faults.append(lost(done=done))
    async with scene.running():
        scene.want(1)
        await settle()
        assert scene.provider.order == ["read", "apply", "read"] + ([] if done else ["apply"])
        assert await scene.ours() == scene.expected()


async def test_after_a_failure_that_changed_nothing_the_zone_is_not_read(scene: Scene, log: list[Any]) -> None:
    scene.provider.faults.extend([away(), away()])
    async with scene.running():
        scene.want(1)
        await settle()
        assert scene.provider.order == ["read", "apply", "apply", "apply"]
        failures = told(log, LogEvent.PROVIDER_FAILED)
        assert [line["reason"] for line in failures] == ["no route to the server"] * 2
        assert await scene.ours() == scene.expected()


async def test_a_record_that_a_backend_stumbles_over_is_found_and_the_others_are_written(scene: Scene) -> None:
    poison = answer(3)[0].name

    async def stumbles(_provider: object, batch: Batch) -> None:
        if any(change.name == poison for change in batch.changes):
            raise Unavailable("500 Internal Server Error", outcome_unknown=True)

    scene.provider.faults.extend([stumbles] * 1000)
    async with scene.running():
        scene.want(*range(8))
        async with asyncio.timeout(600):
            while not scene.writer.agenda.problems():  # noqa: ASYNC110 - in virtual time
                await asyncio.sleep(1)
        assert [problem.text for problem in scene.writer.agenda.problems()] == ["shop/s3: 500 Internal Server Error"]
        await settle()
        assert await scene.ours() == scene.expected() - set(answer(3))


async def test_a_short_outage_blames_no_record(scene: Scene) -> None:
    scene.provider.faults.extend([lost(done=False)] * 5)
    async with scene.running():
        scene.want(*range(8))
        await asyncio.sleep(60)
        assert await scene.ours() == scene.expected()


async def test_what_was_blamed_for_a_long_outage_is_written_soon_after_it(scene: Scene) -> None:
    scene.provider.faults.extend([lost(done=False)] * 20)
    async with scene.running():
        scene.want(*range(3))
        await asyncio.sleep(1200)
        assert await scene.ours() == scene.expected()


@pytest.mark.parametrize(("fault", "least_s"), [(throttled(7), 7), (throttled(90), 90), (unauthorized(), 60)])
async def test_a_provider_that_wants_time_gets_it(scene: Scene, fault: Fault, least_s: float) -> None:
    scene.provider.faults.append(fault)
    async with scene.running():
        scene.want(1)
        await settle()
        (first, _), (second, _) = ((at, batch) for at, batch in scene.provider.calls if batch)
        assert least_s <= second - first <= least_s + 1
        assert await scene.ours() == scene.expected()


async def test_what_came_while_the_provider_was_away_goes_out_with_the_rest(scene: Scene) -> None:
    scene.provider.faults.append(throttled(30))
    async with scene.running():
        scene.want(1)
        await asyncio.sleep(10)
        scene.want(2)
        await settle()
        assert len(scene.provider.batches) == 2
        assert await scene.ours() == scene.expected()


@pytest.mark.servers  # which takes seconds
@pytest.mark.parametrize(("bad", "most_batches"), [((613,), 40), (tuple(range(50, 1000, 120)), 200)])
async def test_services_that_are_refused_without_a_name_are_found_and_the_others_are_written(
    scene: Scene, log: list[Any], bad: tuple[int, ...], most_batches: int
) -> None:
    scene.provider.refuses = frozenset(answer(number)[0].name for number in bad)
    async with scene.running():
        scene.want(*range(1000))
        await asyncio.sleep(30)
        assert len(await scene.ours()) == 1000 - len(bad)
        assert len(scene.provider.batches) < most_batches
        refused = {line["service"] for line in told(log, LogEvent.SERVICE_REFUSED)}
        assert refused == {str(numbered(number)) for number in bad}
        problems = [problem.text for problem in scene.writer.agenda.problems()]
        assert problems == sorted(f"{key}: no such thing here" for key in refused)


async def test_services_that_are_refused_by_name_cost_one_batch(scene: Scene, log: list[Any]) -> None:
    scene.provider.refuses = frozenset(answer(number)[0].name for number in (3, 7))
    scene.provider.blames = True
    async with scene.running():
        scene.want(*range(1000))
        await settle()
        assert len(scene.provider.batches) == 2
        assert len(await scene.ours()) == 998
        assert {line["service"] for line in told(log, LogEvent.SERVICE_REFUSED)} == {"shop/s3", "shop/s7"}


async def test_a_refused_service_is_tried_again_when_the_zone_is_read_again(scene: Scene) -> None:
    scene.provider.refuses = frozenset({answer(1)[0].name})
    async with scene.running():
        scene.want(1, 2)
        await settle()
        scene.provider.refuses = frozenset()
        await asyncio.sleep(600)
        assert await scene.ours() == scene.expected()
        assert scene.writer.agenda.problems() == ()


async def test_a_zone_that_takes_nothing_is_not_asked_for_each_service(scene: Scene, log: list[Any]) -> None:
    scene.provider.refuses = frozenset(answer(number)[0].name for number in range(1000))
    async with scene.running():
        scene.want(*range(1000))
        await asyncio.sleep(50)
        asked = len(scene.provider.batches)
        assert asked <= 10 + 5  # halved to one service, and then as many as it takes to see the point
        assert len(told(log, LogEvent.PROVIDER_FAILED)) == 1
        await asyncio.sleep(60)
        assert len(scene.provider.batches) <= asked + 1
        scene.provider.refuses = frozenset()
        await asyncio.sleep(1000)
        assert await scene.ours() == scene.expected()


async def test_another_owners_claim_stops_the_writer_until_it_is_gone(scene: Scene, log: list[Any]) -> None:
    async with scene.running():
        scene.want(1)
        await settle()
        (ours,) = [record for record in await scene.rival.read_zone() if record.name == FED.claim]
        theirs = a_claim("them", 1)
        await scene.rival.apply(Batch((), Fence(ours, theirs)))
        scene.want(2)
        await settle()
        assert await scene.ours() == frozenset(answer(1))
        assert len(told(log, LogEvent.ZONE_REFUSED)) == 1
        reads = scene.provider.reads
        await asyncio.sleep(95)
        assert 3 <= scene.provider.reads - reads <= 4  # sooner than a zone that may be written
        await scene.rival.apply(Batch((), Fence(theirs, a_claim(seq=99))))
        await asyncio.sleep(31)
        assert await scene.ours() == scene.expected()


async def test_a_stream_of_changes_does_not_keep_a_refused_zone_from_being_read_again(scene: Scene) -> None:
    await rival_writes(scene.rival, Create(answer(9)[0]), fenced=False)
    async with scene.running():
        for count in range(400):
            scene.want(1, addresses=(f"192.0.2.{count % 250}",))
            await asyncio.sleep(0.25)
        assert "not ours" in scene.writer.agenda.refusal
        assert 4 <= scene.provider.reads <= 5
        assert scene.provider.batches == []


async def test_an_error_that_nobody_foresaw_ends_the_run_and_the_next_one_reads_first(scene: Scene) -> None:
    scene.provider.faults.append(raising(KeyError("a fault of the provider's")))
    async with scene.running() as task:
        scene.want(1)
        await asyncio.wait([task])
        assert isinstance(task.exception(), KeyError)
    async with scene.running():
        await settle()
        assert scene.provider.order == ["read", "apply", "read", "apply"]
        assert await scene.ours() == scene.expected()


# --- deletions


async def test_held_deletions_are_told_once_and_everything_else_goes_on(tmp_path: Path, log: list[Any]) -> None:
    async with Scene.set(tmp_path) as scene, scene.running():
        scene.want(*range(10))
        await settle()
        scene.want(*range(6), addresses=None)
        await settle()
        scene.want(8, addresses=MOVED)
        await asyncio.sleep(2000)  # with three readings of the zone in it
        assert {record.name for record in await scene.ours()} == {answer(number)[0].name for number in range(10)}
        assert set(answer(8, *MOVED)) <= await scene.ours()
        (line,) = told(log, LogEvent.DELETIONS_HELD)
        assert "feddns apply --allow-deletions" in line["reason"]
        assert line["cause"] == "specification"
        scene.want(*range(5))  # what was missing is back, but for one
        await settle()
        assert await scene.ours() == scene.expected()
        scene.want(*range(6), addresses=None)
        await settle()
        assert len(told(log, LogEvent.DELETIONS_HELD)) == 2


# --- once


@pytest.mark.parametrize(("patience_s", "most_s"), [(math.inf, 60), (5.0, 5)])
async def test_reading_once_gives_up_in_time(scene: Scene, patience_s: float, most_s: float) -> None:
    scene.provider.read_faults.extend([Unavailable("no route to the server")] * 1000)
    with pytest.raises(Unavailable, match="no route"):
        await scene.writer.read(patience_s)
    assert most_s - 25 <= asyncio.get_running_loop().time() <= most_s
    assert scene.provider.reads > 3


@pytest.mark.parametrize("error", [Unauthorized("who are you?"), Rejected("there is no such zone")])
async def test_what_only_a_person_can_mend_is_raised_at_once_where_a_person_waits(
    scene: Scene, error: Exception
) -> None:
    scene.provider.read_faults.append(error)
    with pytest.raises(type(error)):
        await scene.writer.read()
    await scene.writer.read()
    scene.want(1)
    scene.provider.faults.append(unauthorized())
    with pytest.raises(Unauthorized):
        await scene.writer.write_all()
    assert asyncio.get_running_loop().time() < 1


async def test_each_batch_has_the_deadline_for_itself(scene: Scene) -> None:
    scene.provider.limits_ = Limits(1, 1_000)
    scene.provider.faults.extend([throttled(50), nothing, throttled(50)])
    await scene.writer.read()
    scene.want(1, 2)
    await scene.writer.write_all()
    assert await scene.ours() == scene.expected()
    assert asyncio.get_running_loop().time() >= 100


async def test_a_batch_that_takes_longer_than_its_deadline_is_given_up_before_another_pause(scene: Scene) -> None:
    scene.provider.faults.extend([throttled(50)] * 2)
    await scene.writer.read()
    scene.want(1)
    with pytest.raises(Throttled):
        await scene.writer.write_all()
    assert 50 <= asyncio.get_running_loop().time() < 60


# --- ends


@pytest.mark.parametrize("after_s", [0, 0.001, 0.01, 5])
@pytest.mark.parametrize("fault", [None, throttled(100), lost(done=True)], ids=["none", "pause", "lost"])
async def test_a_cancelled_writer_leaves_no_task_and_no_half_of_a_batch(
    scene: Scene, fault: Fault | None, after_s: float
) -> None:
    await rival_writes(scene.rival)  # which makes the zone's file
    async with scene.running():
        scene.provider.faults.extend([fault] if fault else [])
        scene.want(*range(50))
        await asyncio.sleep(after_s)
    await asyncio.sleep(1)  # a commit in a thread goes on to its end
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(await scene.ours()) in {0, 50}
    async with scene.running():
        await settle()
        assert await scene.ours() == scene.expected()


# --- all together

FAULTS: dict[str, Callable[[], Fault]] = {
    "throttled": lambda: throttled(3),
    "unauthorized": unauthorized,
    "away": away,
    "lost": lambda: lost(done=False),
    "lost though done": lambda: lost(done=True),
    "overtaken": overtaken,
}
numbers = st.integers(0, 5)
addresses = st.none() | st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2", "192.0.2.3"]), min_size=1)
steps = st.one_of(
    st.tuples(st.just("want"), st.sets(numbers, min_size=1), addresses),
    st.tuples(st.just("fault"), st.sampled_from(sorted(FAULTS))),
    st.tuples(st.just("drift"), numbers, addresses, st.booleans()),
    st.tuples(st.just("refuse"), st.sets(numbers, max_size=2), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.001, 1.0, 30.0])),
    st.tuples(st.just("start again")),
)


@pytest.mark.servers  # which takes seconds
@settings(max_examples=60)
@given(st.lists(steps, max_size=25))
def test_whatever_happens_the_zone_becomes_what_is_wanted_and_nothing_else_is_touched(
    happenings: list[tuple[Any, ...]],
) -> None:
    virtually(_whatever(happenings))


async def _whatever(happenings: list[tuple[Any, ...]]) -> None:
    terms = some_terms(allow_deletions=True)
    with tempfile.TemporaryDirectory() as folder:
        async with Scene.set(Path(folder), terms, WriteSettings(reread=100.0)) as scene:
            scene.provider.limits_ = Limits(4, 1_000)
            await rival_writes(scene.rival, *map(Create, FOREIGN), fenced=False)
            before = await scene.others(), [record for record in await scene.ours() if record.type == "MX"]
            async with scene.running() as task:
                for what, *details in happenings:
                    if what == "start again":
                        task.cancel()
                        await asyncio.wait([task])
                        task = asyncio.create_task(scene.writer.run())  # noqa: PLW2901 - it is the same writer's
                    await happen(scene, what, *details)
                scene.provider.faults.clear()
                scene.provider.refuses = frozenset()
                await asyncio.sleep(500)
                task.cancel()
                await asyncio.wait([task])
            mine = frozenset(record for record in await scene.ours() if record.type != "MX")
            assert mine == scene.expected()
            assert (await scene.others(), [record for record in await scene.ours() if record.type == "MX"]) == before
            assert asyncio.all_tasks() == {asyncio.current_task()}


async def happen(scene: Scene, what: str, *details: Any) -> None:
    match what, details:
        case "want", (numbers_, addresses_):
            scene.want(*numbers_, addresses=addresses_)
        case "fault", (name,):
            scene.provider.faults.append(FAULTS[name]())
        case "refuse", (numbers_, blames):
            scene.provider.refuses = frozenset(answer(number)[0].name for number in numbers_)
            scene.provider.blames = blames
        case "drift", (number, addresses_, fenced):
            with suppress(Conflict):  # the writer was faster
                await drift(scene, number, addresses_, fenced=fenced)
        case "wait", (seconds,):
            await asyncio.sleep(seconds)
        case _:
            assert what == "start again"


async def drift(scene: Scene, number: int, addresses_: set[str] | None, *, fenced: bool) -> None:
    """Another process changes a service's record, once there is a claim to show that such names are ours."""
    zone = await scene.rival.read_zone()
    if not any(record.name == FED.claim for record in zone):
        return
    current = next((record for record in zone if (record.name, record.type) == (answer(number)[0].name, "A")), None)
    desired = None if addresses_ is None else answer(number, *addresses_)[0]
    if current and desired:
        await rival_writes(scene.rival, Replace(current, desired), fenced=fenced)
    elif current:
        await rival_writes(scene.rival, Delete(current), fenced=fenced)
    elif desired:
        await rival_writes(scene.rival, Create(desired), fenced=fenced)
