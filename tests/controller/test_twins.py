import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.settings import WriteSettings
from feddns.controller.loop import Loop
from feddns.controller.problems import ProblemLog
from feddns.controller.targets import Target
from feddns.controller.touched import Touched
from feddns.controller.twins import Lookout, compared, differences, twins
from feddns.model.records import RecordSet
from feddns.plan.zone import sort_zone
from feddns.providers.embedded import Embedded, EmbeddedSettings
from feddns.providers.writer import ZoneWriter
from feddns.telemetry.events import LogEvent
from tests.builders import FED, NOW, a_claim, a_policy, answer, some_terms
from tests.controller.world import World

zones = st.dictionaries(st.integers(0, 4), st.sampled_from(["192.0.2.1", "192.0.2.2"])).map(
    lambda services: tuple(record for number, address in services.items() for record in answer(number, address))
)


def a_target(name: str, *records: RecordSet, is_read: bool = True) -> Target:
    """A target whose zone is known to hold these records."""
    touched, clock = Touched(), (lambda: NOW)
    provider = Embedded.open(EmbeddedSettings(), FED.zone, Path("/nowhere"))
    writer = ZoneWriter(provider, some_terms(), WriteSettings(), clock, touched.services)
    watcher = World().watcher(Touched())
    loop = Loop(watcher.judging, watcher.views, writer, a_policy("fed"), clock, ProblemLog())
    target = Target(name, a_policy("fed"), provider, writer, loop, touched)
    if is_read:
        hold(target, *records)
    return target


def hold(target: Target, *records: RecordSet) -> None:
    """The target's zone turns out to hold these records."""
    target.writer.agenda.read(sort_zone((a_claim(), *records), FED))
    target.writer.known.set()


@given(zones, zones)
async def test_twins_differ_in_as_many_record_sets_as_only_one_of_them_has_so(
    mine: tuple[RecordSet, ...], theirs: tuple[RecordSet, ...]
) -> None:
    one, other = a_target("one", *mine), a_target("other", *theirs)
    count = await differences(one.writer.agenda, other.writer.agenda)
    assert count == await differences(other.writer.agenda, one.writer.agenda)
    assert count == len({record.name for record in set(mine) ^ set(theirs)})
    (found,) = await compared([one, other])
    assert found.record_sets == count


async def test_the_lookout_finds_the_same_and_others_have_their_turn_meanwhile() -> None:
    one = a_target("one", *(record for number in range(1_000) for record in answer(number)))
    other, lookout, turns = a_target("other", *answer(1)), Lookout(), 0
    look = asyncio.create_task(lookout.look([one, other]))
    while not look.done():
        turns += 1
        await asyncio.sleep(0)
    assert list(lookout.found) == await compared([one, other])
    assert turns > 1_000 // 256


def test_only_targets_of_one_zone_are_twins() -> None:
    one, other = a_target("one"), a_target("other")
    assert twins([one]) == ()
    assert twins([one, other]) == ((one, other),)
    elsewhere = Target("elsewhere", a_policy("fed", zone="example.org"), *_parts(one))
    assert twins([one, elsewhere]) == ()


def _parts(target: Target) -> tuple[Any, ...]:
    return target.provider, target.writer, target.loop, target.touched


async def test_a_zone_that_was_not_read_yet_is_not_taken_for_empty() -> None:
    assert await compared([a_target("one", *answer(1)), a_target("other", is_read=False)]) == []


@pytest.mark.looptime
async def test_a_difference_that_lasts_is_told_once_and_so_is_its_end() -> None:
    one, other = a_target("one", *answer(1)), a_target("other", *answer(1))
    steps: list[Callable[[], None]] = [
        lambda: hold(one, *answer(1), *answer(2)),
        lambda: hold(other, *answer(1), *answer(2)),  # in time: a moment is nothing to tell
        lambda: hold(one, *answer(1)),
        lambda: None,
        lambda: None,
        lambda: hold(other, *answer(1)),
    ]
    with structlog.testing.capture_logs() as log:
        work = asyncio.create_task(Lookout().run(lambda: [one, other]))
        for step in steps:
            step()
            await asyncio.sleep(15)
        await asyncio.sleep(30)
        work.cancel()
        await asyncio.wait([work])
    assert [line["event"] for line in log] == [LogEvent.TWINS_DIFFER.message, LogEvent.TWINS_AGREE.message]
    assert (log[0]["twins"], log[0]["record_sets"]) == (("one", "other"), 1)
