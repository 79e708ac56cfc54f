"""Why deletions are due, as the agenda of a zone sees it; and that no cause touches the budget of another."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from feddns.model.changes import Batch, Create, Delete, Limits, Replace
from feddns.model.records import AAAA, ADDRESS_TYPES, A, DnsName, RecordSet
from feddns.model.topology import GLOBAL
from feddns.plan.agenda import Agenda
from feddns.plan.budget import Cause
from feddns.plan.diff import applied
from feddns.plan.strays import RecordKey
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_claim, answer, numbered, some_terms

LIMITS = Limits(6, 10_000)
ROOMY = Limits(1000, 100_000)
SERVICES = 6
TERMS = some_terms(share=0.34, at_least=1, window=100.0)


def name(number: int) -> DnsName:
    return FED.name(numbered(number), GLOBAL)


def a_stray(number: int) -> RecordSet:
    return RecordSet(name(number), AAAA, 60, ("2001:db8::66",))


def held(agenda: Agenda) -> dict[Cause, int]:
    return {each.cause: each.count for each in agenda.plan(NOW).held}


def filled(count: int) -> tuple[Agenda, list[RecordSet]]:
    agenda = Agenda(some_terms())
    records = [a_claim(), *(record for number in range(count) for record in answer(number))]
    agenda.read(sort_zone(records, FED))
    for number in range(count):
        agenda.want(numbered(number), answer(number))
    return agenda, records


def carried_out(zone: frozenset[RecordSet], batch: Batch) -> frozenset[RecordSet]:
    fence = batch.fence
    assert fence.expected is not None
    assert fence.desired is not None
    return applied(zone, batch.changes) - {fence.expected} | {fence.desired}


def test_a_name_that_still_stands_without_an_answer_is_lost_to_health() -> None:
    agenda, _ = filled(10)
    for number in range(6):
        agenda.want(numbered(number), (), frozenset({name(number)}))
    assert held(agenda) == {Cause.HEALTH: 6}


def test_a_name_that_nothing_stands_for_is_lost_by_specification() -> None:
    agenda, _ = filled(10)
    for number in range(6):
        agenda.want(numbered(number), (), frozenset({name(9)}))
    assert held(agenda) == {Cause.SPECIFICATION: 6}


def test_what_somebody_put_among_our_names_is_drift() -> None:
    agenda, records = filled(10)
    agenda.read(sort_zone([*records, *map(a_stray, range(8))], FED))
    for number in range(8):
        agenda.want(numbered(number), answer(number), frozenset({name(number)}))
    assert held(agenda) == {Cause.DRIFT: 8}


def test_a_mass_of_deleted_services_does_not_hold_up_what_health_and_drift_ask_for() -> None:
    agenda, records = filled(10)
    agenda.read(sort_zone([*records, a_stray(0)], FED))
    agenda.want(numbered(0), answer(0))
    for number in range(1, 8):
        agenda.want(numbered(number), ())
    agenda.want(numbered(9), (), frozenset({name(9)}))
    draft = agenda.next_draft(ROOMY, NOW)
    assert draft is not None
    assert set(draft.batch.changes) == {Delete(a_stray(0)), Delete(answer(9)[0])}
    assert held(agenda) == {Cause.SPECIFICATION: 7}


def test_what_was_there_before_the_first_reading_is_no_drift() -> None:
    agenda = Agenda(some_terms(share=0.0, at_least=0))
    agenda.read(sort_zone([a_claim(), *answer(1)], FED))
    agenda.want(numbered(1), ())
    assert held(agenda) == {Cause.SPECIFICATION: 1}


@pytest.mark.parametrize("is_wanted", [True, False])
def test_what_we_may_have_written_ourselves_is_no_drift(is_wanted: bool) -> None:  # noqa: FBT001 - drawn from a table
    agenda = Agenda(some_terms(share=0.0, at_least=0))
    agenda.read(sort_zone([a_claim()], FED))
    agenda.want(numbered(1), answer(1))
    assert agenda.next_draft(LIMITS, NOW) is not None
    if not is_wanted:
        agenda.want(numbered(1), ())  # while the batch is on its way, and its outcome never known
    agenda.read(sort_zone([a_claim(seq=8), *answer(1)], FED))
    agenda.want(numbered(1), ())
    assert held(agenda) == {Cause.SPECIFICATION: 1}


def test_what_another_feddns_of_ours_wrote_and_we_want_too_is_no_drift() -> None:
    agenda = Agenda(some_terms(share=0.0, at_least=0))
    agenda.read(sort_zone([a_claim()], FED))
    agenda.read(sort_zone([a_claim(seq=8), *answer(1)], FED))
    agenda.want(numbered(1), answer(1))
    agenda.want(numbered(1), ())
    assert held(agenda) == {Cause.SPECIFICATION: 1}


def test_other_values_of_a_record_set_of_ours_do_not_make_its_end_drift() -> None:
    agenda, _ = filled(10)
    agenda.read(sort_zone([a_claim(), *(answer(number, "203.0.113.66")[0] for number in range(10))], FED))
    for number in range(10):
        agenda.want(numbered(number), (), frozenset({name(number)}))
    assert held(agenda) == {Cause.HEALTH: 10}


@pytest.mark.parametrize("end", ["restarts", "never learns what becomes of its batches"])
def test_a_feddns_that_ends_again_and_again_deletes_no_more_than_one_that_lasts(end: str) -> None:
    agenda, records = filled(40)
    zone, now = frozenset(records), NOW
    for number in range(40):
        agenda.want(numbered(number), ())
        draft = agenda.next_draft(ROOMY, now)
        zone = zone if draft is None else carried_out(zone, draft.batch)
        if end == "restarts":
            agenda = Agenda(some_terms())
        agenda.read(sort_zone(zone, FED))
        for other in range(40):
            agenda.want(numbered(other), () if other <= number else answer(other))
        now += 5.0
    assert len(zone) - 1 == 20
    assert held(agenda) == {Cause.SPECIFICATION: 20}


def test_a_command_that_looks_once_tells_what_a_running_feddns_holds() -> None:
    running, records = filled(10)
    for number in range(5):
        running.want(numbered(number), ())
    draft = running.next_draft(ROOMY, NOW)
    assert draft is not None
    running.done(draft, NOW)
    there = carried_out(frozenset(records), draft.batch)
    once = Agenda(some_terms())
    once.read(sort_zone(there, FED))
    for agenda in (running, once):
        for number in range(5, 8):
            agenda.want(numbered(number), ())
        assert held(agenda) == {Cause.SPECIFICATION: 3}


class Budgets(RuleBasedStateMachine):
    """Services come and go, fall ill, and are meddled with, in a zone of which this holds the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = Agenda(TERMS)
        self.now = NOW
        self.zone: frozenset[RecordSet] = frozenset()
        self.wanted: dict[int, tuple[RecordSet, ...]] = {}
        self.standing: set[int] = set()
        self.strays: set[RecordKey] = set()
        self.spent: list[tuple[float, Cause]] = []

    @initialize()
    def first_reading(self) -> None:
        self.zone = frozenset([a_claim()])
        self._read()

    @rule(
        number=st.integers(0, SERVICES - 1), addresses=st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2"]), min_size=1)
    )
    def has_an_answer(self, number: int, addresses: set[str]) -> None:
        self._want(number, answer(number, *addresses), stands=True)

    @rule(number=st.integers(0, SERVICES - 1))
    def falls_ill(self, number: int) -> None:
        self._want(number, (), stands=True)

    @rule(number=st.integers(0, SERVICES - 1))
    def is_deleted(self, number: int) -> None:
        self._want(number, (), stands=False)

    @rule(number=st.integers(0, SERVICES - 1), kind=st.sampled_from(ADDRESS_TYPES))
    def somebody_adds(self, number: int, kind: str) -> None:
        if any((record.name, record.type) == (name(number), kind) for record in self.zone):
            return
        if kind not in {record.type for record in self.wanted.get(number, ())}:
            self.strays.add((name(number), kind))
        value = "203.0.113.66" if kind == A else "2001:db8::66"
        self.zone |= {RecordSet(name(number), kind, 60, (value,))}
        self._read()

    @rule(number=st.integers(0, SERVICES - 1))
    def somebody_deletes(self, number: int) -> None:
        self._set(frozenset(record for record in self.zone if record.name != name(number)))
        self._read()

    @rule(pause_s=st.floats(0, 120))
    def time_passes(self, pause_s: float) -> None:
        self.now += pause_s

    @rule()
    def an_outcome_stays_unknown(self) -> None:
        draft = self.agenda.next_draft(LIMITS, self.now)
        if draft is not None:
            self._count(draft.batch)
            self._carry_out(draft.batch)
            self._read()

    @rule()
    def another_takes_over(self) -> None:
        self.agenda = Agenda(TERMS)
        self.strays.clear()  # which it cannot tell from ours
        self._read()
        for number, records in self.wanted.items():
            self._want(number, records, stands=number in self.standing)

    @rule()
    def all_is_written(self) -> None:
        while (draft := self.agenda.next_draft(LIMITS, self.now)) is not None:
            self._count(draft.batch)
            self._carry_out(draft.batch)
            self.agenda.done(draft, self.now)
        plan = self.agenda.plan(self.now)
        assert plan.services == ()
        assert {loss.cause for loss in plan.withheld} == {each.cause for each in plan.held}

    @invariant()
    def each_loss_that_waits_is_told_its_cause(self) -> None:
        for service in self.agenda.plan(self.now).withheld:
            assert service.cause is self._cause(service.deletion.current)

    def _want(self, number: int, records: tuple[RecordSet, ...], *, stands: bool) -> None:
        self.wanted[number] = records
        (self.standing.add if stands else self.standing.discard)(number)
        self.strays -= {(record.name, record.type) for record in records}
        self.agenda.want(numbered(number), records, frozenset({name(number)} if stands else ()))

    def _read(self) -> None:
        for key in self.agenda.read(sort_zone(self.zone, FED)):
            number = int(key.name[1:])
            self._want(number, self.wanted.get(number, ()), stands=number in self.standing)

    def _count(self, batch: Batch) -> None:
        """Take note of what a batch deletes, which no budget may have been too small for."""
        lost = self._losses(batch)
        before = self._lately(Cause.HEALTH) + self._lately(Cause.SPECIFICATION)
        for cause, count in Counter(lost).items():
            assert self._lately(cause) + count <= max(1, 0.34 * (self._ours() + before))
        self.spent += [(self.now, cause) for cause in lost]

    def _carry_out(self, batch: Batch) -> None:
        self._set(carried_out(self.zone, batch))

    def _set(self, zone: frozenset[RecordSet]) -> None:
        self.zone = zone
        self.strays &= {(record.name, record.type) for record in zone}

    def _losses(self, batch: Batch) -> list[Cause]:
        """The causes of those deletions whose name gets nothing else."""
        created = {change.name for change in batch.changes if isinstance(change, Create)}
        assert all(isinstance(change, Create | Delete | Replace) for change in batch.changes)
        gone = (change.current for change in batch.changes if isinstance(change, Delete) and change.name not in created)
        return [self._cause(record) for record in gone]

    def _cause(self, record: RecordSet) -> Cause:
        if (record.name, record.type) in self.strays:
            return Cause.DRIFT
        return Cause.HEALTH if record.name in {name(number) for number in self.standing} else Cause.SPECIFICATION

    def _ours(self) -> int:
        return sum(FED.parse(record.name) is not None for record in self.zone) - len(self.strays)

    def _lately(self, cause: Cause) -> int:
        return sum(each is cause for at, each in self.spent if at > self.now - 100.0)


TestBudgets = Budgets.TestCase
TestBudgets.settings = settings(stateful_step_count=30, deadline=None)
