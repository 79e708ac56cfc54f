import asyncio
import math
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.controller.touched import Everyone, Touched
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from tests.builders import numbered

US = ClusterName("us")
EVERYTHING = [numbered(number) for number in range(200)]
numbers = st.integers(0, 150)
events = st.one_of(
    st.tuples(st.just(Touched.service), numbers.map(numbered)),
    st.tuples(st.just(Touched.services), st.lists(numbers.map(numbered), max_size=100)),
    st.tuples(st.just(Touched.cluster), st.just(US)),
    st.just((Touched.take, lambda: EVERYTHING)),
)


def everything() -> Iterable[ServiceKey]:
    return EVERYTHING


class Account:
    """What is still to be handed out, kept in the plainest way."""

    def __init__(self) -> None:
        self.single: set[ServiceKey] = set()
        self.others: set[ServiceKey] = set()
        self.all = False

    def note(self, event: Any, argument: Any) -> None:
        if event is Touched.service:
            self.single.add(argument)
        elif event is Touched.services:
            self.others.update(argument)
        else:
            self.all = True

    def check(self, taken: dict[ServiceKey, float]) -> None:
        if self.all and not self.single:  # what there is is asked for when it is its turn
            self.others.update(EVERYTHING)
            self.all = False
        assert len(taken) <= 64
        assert bool(taken) is bool(self.single | self.others)
        if self.single:
            assert set(taken) <= self.single
        assert set(taken) <= self.single | self.others
        self.single.difference_update(taken)
        self.others.difference_update(taken)


@given(st.lists(events, max_size=40))
def test_no_service_is_forgotten_none_comes_twice_and_single_ones_come_first(happened: list[tuple[Any, Any]]) -> None:
    touched, account = Touched(), Account()
    for event, argument in happened:
        result = event(touched, argument)
        if event is Touched.take:
            account.check(result)
        else:
            account.note(event, argument)
    while not touched.is_empty:
        account.check(touched.take(everything))
    assert not account.single | account.others
    assert not account.all
    assert [*touched.take(everything)] == []


def test_services_come_in_the_order_in_which_they_were_touched() -> None:
    touched = Touched()
    for number in (5, 3, 5, 4):
        touched.service(numbered(number))
    assert [*touched.take(everything)] == [numbered(5), numbered(3), numbered(4)]


class Reader:
    """Takes notes of the chunks, as the loop would work on them."""

    def __init__(self, touched: Touched) -> None:
        self.chunks: list[tuple[int, bool]] = []
        self._touched = touched

    async def run(self) -> None:
        async for keys, were_last in self._touched.chunks(everything):
            self.chunks.append((len(keys), were_last))


@pytest.fixture
async def reader() -> Any:
    touched = Touched()
    reader = Reader(touched)
    task = asyncio.create_task(reader.run())
    await asyncio.sleep(0.01)
    yield touched, reader
    task.cancel()
    await asyncio.wait([task])


Reading = tuple[Touched, Reader]


@pytest.mark.looptime
async def test_nothing_comes_while_nothing_is_touched(reader: Reading) -> None:
    touched, notes = reader
    await asyncio.sleep(1000)
    assert notes.chunks == []
    touched.service(numbered(1))
    await asyncio.sleep(0.01)
    assert notes.chunks == [(1, True)]


@pytest.mark.looptime
async def test_what_was_touched_together_is_written_together(reader: Reading) -> None:
    touched, notes = reader
    touched.cluster(US)
    await asyncio.sleep(0.01)
    assert notes.chunks == [(64, False), (64, False), (64, False), (8, True)]


@pytest.mark.looptime
async def test_many_single_changes_at_once_are_written_together_too(reader: Reading) -> None:
    touched, notes = reader
    for key in EVERYTHING:
        touched.service(key)
    await asyncio.sleep(0.01)
    assert notes.chunks == [(64, False), (64, False), (64, False), (8, True)]


@pytest.mark.looptime
async def test_a_single_change_in_the_middle_of_all_comes_next(reader: Reading) -> None:
    touched, notes = reader
    touched.cluster(US)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    before = len(notes.chunks)
    assert 0 < before < 3
    touched.service(numbered(199))
    await asyncio.sleep(0.01)
    assert notes.chunks[before] == (1, False)
    assert sum(count for count, _ in notes.chunks) == 200  # the one was not looked at a second time
    assert [were_last for _, were_last in notes.chunks].index(True) == len(notes.chunks) - 1


@pytest.mark.looptime
async def test_a_cluster_without_services_is_no_trouble() -> None:
    touched = Touched()
    touched.cluster(US)
    chunks = touched.chunks(list[ServiceKey])
    assert await anext(chunks) == ({}, True)
    assert touched.is_empty


def test_everyone_is_told_and_takes_at_their_own_pace() -> None:
    everyone = Everyone()
    quick, slow = Touched(), Touched()
    everyone.tell(quick)
    everyone.tell(slow)
    everyone.service(numbered(1))
    assert [*quick.take(everything)] == [numbered(1)]
    everyone.services(numbered(number) for number in (2, 3))
    assert [*quick.take(everything)] == [numbered(2), numbered(3)]
    assert [*slow.take(everything)] == [numbered(1)]
    assert [*slow.take(everything)] == [numbered(2), numbered(3)]
    everyone.cluster(US)
    assert not quick.is_empty
    assert not slow.is_empty


def test_each_service_is_handed_out_with_the_time_of_its_first_change() -> None:
    now = [10.0]
    touched = Touched(lambda: now[0])
    touched.services([numbered(1), numbered(2)])
    now[0] = 20.0
    touched.service(numbered(1))
    touched.service(numbered(3))
    now[0] = 30.0
    touched.service(numbered(3))
    assert touched.take(everything) == {numbered(1): 10.0, numbered(3): 20.0}
    assert touched.depth == 1
    touched.everything()
    now[0] = 40.0
    touched.everything()
    touched.service(numbered(5))
    assert touched.take(everything) == {numbered(5): 40.0}
    taken = touched.take(everything)
    assert taken[numbered(2)] == 10.0
    assert taken[numbered(0)] == 30.0


def test_nothing_that_was_touched_before_the_beginning_is_a_change_and_all_of_it_is_looked_at() -> None:
    now = [10.0]
    touched = Touched(lambda: now[0])
    touched.service(numbered(1))
    touched.services([numbered(2)])
    touched.everything()
    touched.begin([numbered(3)])
    now[0] = 20.0
    touched.services([numbered(2)])
    touched.service(numbered(4))
    assert touched.take(everything) == {numbered(4): 20.0}
    assert touched.take(everything) == {numbered(1): math.inf, numbered(2): math.inf, numbered(3): math.inf}
    assert touched.is_empty
