from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.health import DeletionBudget
from feddns.model.changes import Create, Delete
from feddns.model.records import ADDRESS_TYPES, A, DnsName, RecordSet
from feddns.plan.budget import Cause, Grounds, Held, Holdings, Ledger, Loss, Spent, losses
from feddns.plan.diff import diff
from tests.builders import NOW
from tests.strategies import zones

NAME = DnsName("x.example.com.")
LOST = Delete(RecordSet(NAME, A, 60, ("192.0.2.1",)))

budgets = st.builds(DeletionBudget, st.floats(0, 1), st.integers(0, 50), st.floats(1, 600))
tight = st.builds(DeletionBudget, st.floats(0.1, 0.6), st.integers(0, 3), st.floats(1, 600))
counts = st.integers(0, 200)
causes = st.sampled_from(Cause)


class Zone:
    """A zone whose losses are done as soon as its ledger lets them."""

    def __init__(self, budget: DeletionBudget, owned: int) -> None:
        self.ledger = Ledger(budget)
        self.owned = owned
        self.due = Counter[Cause]()

    def turn(self, now: float) -> dict[Cause, Held]:
        """Do what may be done of what is due; what is held."""
        held = {each.cause: each for each in self.ledger.held(self.due, Holdings(self.owned), now)}
        for cause in self.due.keys() - held.keys():
            count = self.due.pop(cause)
            self.ledger.spend([Loss(LOST, cause)] * count, now)
            self.owned -= 0 if cause is Cause.DRIFT else count
        return held


def held(wanted: int, owned: int, spent: int, budget: DeletionBudget) -> Held | None:
    """What waits where so much was spent a moment ago."""
    ledger = Ledger(budget)
    ledger.spend([Loss(LOST, Cause.HEALTH)] * spent, NOW)
    return next(iter(ledger.held({Cause.HEALTH: wanted}, Holdings(owned), NOW)), None)


@given(zones(), zones())
def test_a_deletion_counts_unless_its_name_gets_something_else(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]
) -> None:
    changes = diff(desired, current)
    lost = {loss.deletion.current for loss in losses(changes)}
    assert lost <= set(current) - set(desired)
    kept = {record.name for record in desired}
    assert {record for record in current if record.name not in kept} <= lost
    for record in lost:
        assert not any(isinstance(change, Create) and change.name == record.name for change in changes)


def test_a_name_that_loses_one_family_of_two_loses_something() -> None:
    four, six = (RecordSet(NAME, kind, 60, ("x",)) for kind in ADDRESS_TYPES)
    assert losses(diff([four], [four, six])) == (Loss(Delete(six), Cause.SPECIFICATION),)


@given(zones(), zones(), st.data())
def test_a_loss_has_one_cause_what_others_put_there_before_what_has_no_answer(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...], data: st.DataObject
) -> None:
    some = st.sets(st.sampled_from(current)) if current else st.just(set())
    standing = frozenset(record.name for record in data.draw(some))
    strays = frozenset((record.name, record.type) for record in data.draw(some))
    changes = diff(desired, current)
    lost = losses(changes, Grounds(standing, strays))
    assert [loss.deletion for loss in lost] == [loss.deletion for loss in losses(changes)]
    for loss in lost:
        record = loss.deletion.current
        if (record.name, record.type) in strays:
            assert loss.cause is Cause.DRIFT
        else:
            assert loss.cause is (Cause.HEALTH if record.name in standing else Cause.SPECIFICATION)


@given(counts, counts, counts, budgets)
def test_what_is_held_is_more_than_the_limit_and_what_is_not_held_is_not(
    wanted: int, owned: int, spent: int, budget: DeletionBudget
) -> None:
    waits = held(wanted, owned, spent, budget)
    if waits is None:
        assert wanted == 0 or wanted + spent <= max(budget.at_least, budget.share * (owned + spent))
    else:
        assert (waits.count, waits.owned) == (wanted, owned)
        assert wanted > waits.limit >= 0
        assert f"{wanted} of {owned} record sets" in waits.text


@given(st.integers(0, 20), st.integers(0, 20), st.integers(10, 40), tight, st.floats(0, 2))
def test_time_alone_lets_go_no_more_than_the_few_that_are_always_allowed(
    spent: int, wanted: int, owned: int, budget: DeletionBudget, windows: float
) -> None:
    ledger = Ledger(budget)
    ledger.spend([Loss(LOST, Cause.HEALTH)] * spent, NOW)
    due = {Cause.HEALTH: wanted}
    if ledger.held(due, Holdings(owned), NOW):
        assert ledger.held(due, Holdings(owned), NOW + windows * budget.window) or wanted <= budget.at_least


@given(counts, st.integers(0, 30), budgets)
def test_more_deletions_in_the_window_never_leave_more_room(owned: int, gone: int, budget: DeletionBudget) -> None:
    total = owned + gone + 1  # what was deleted is not owned any more

    def room(gone: int) -> int:
        return sum(held(wanted, total - gone, gone, budget) is None for wanted in range(1, 60))

    assert room(gone + 1) <= room(gone)


histories = st.lists(st.tuples(causes, st.integers(0, 30), st.floats(0, 300)), min_size=1, max_size=20)


@given(tight, st.integers(20, 200), histories, causes)
def test_the_losses_of_one_cause_never_touch_the_budget_of_another(
    budget: DeletionBudget, owned: int, history: list[tuple[Cause, int, float]], cause: Cause
) -> None:
    """A zone in which other causes lose record sets too lets go and holds exactly what one without them does."""
    busy, quiet, now = Zone(budget, owned), Zone(budget, owned), NOW
    for each, count, pause_s in history:
        now += min(pause_s, budget.window / len(history) / 2)  # all of it stays within the window
        busy.due[each] = count
        if each is cause:
            quiet.due[each] = count
        held, expected = busy.turn(now).get(cause), quiet.turn(now).get(cause)
        assert (held and (held.count, held.limit)) == (expected and (expected.count, expected.limit))


@given(tight, counts, histories)
def test_no_cause_spends_more_in_any_window_than_its_budget(
    budget: DeletionBudget, owned: int, history: list[tuple[Cause, int, float]]
) -> None:
    zone, now = Zone(budget, owned), NOW
    done: list[tuple[float, Cause, int]] = []
    for each, count, pause_s in history:
        now += pause_s
        zone.due[each] = count
        before = Counter(zone.due)
        held = zone.turn(now)
        done += [(now, cause, lost) for cause, lost in before.items() if cause not in held]
    for end, cause, _ in done:
        within = [count for at, each, count in done if each is cause and end - budget.window < at <= end]
        assert sum(within) <= max(budget.at_least, int(budget.share * owned))


@given(budgets, counts, counts, st.integers(1, 200))
def test_what_others_put_there_makes_no_budget_larger(
    budget: DeletionBudget, owned: int, strays: int, wanted: int
) -> None:
    for cause in Cause:
        clean, littered = Ledger(budget), Ledger(budget)
        without = clean.held({cause: wanted}, Holdings(owned), NOW)
        beside = littered.held({cause: wanted}, Holdings(owned + strays, strays), NOW)
        assert [each.limit for each in without] == [each.limit for each in beside]


def test_one_cause_is_held_while_another_goes() -> None:
    ledger = Ledger(DeletionBudget(share=0.5, at_least=2))
    waits = ledger.held({Cause.HEALTH: 6, Cause.SPECIFICATION: 5, Cause.DRIFT: 6}, Holdings(10), NOW)
    assert [(each.cause, each.count, each.limit) for each in waits] == [(Cause.HEALTH, 6, 5), (Cause.DRIFT, 6, 5)]


@pytest.mark.parametrize(("wanted", "is_held"), [(30, False), (31, True)])
def test_a_few_deletions_are_always_allowed(wanted: int, is_held: bool) -> None:  # noqa: FBT001 - a table's column
    assert (held(wanted, 31, 0, DeletionBudget()) is not None) is is_held


@pytest.mark.parametrize(("wanted", "is_held"), [(340, False), (341, True)])
def test_of_many_records_a_share_may_go(wanted: int, is_held: bool) -> None:  # noqa: FBT001 - a table's column
    assert (held(wanted, 1000, 0, DeletionBudget()) is not None) is is_held


def test_a_budget_of_nothing_holds_every_deletion() -> None:
    assert held(1, 1000, 0, DeletionBudget(share=0, at_least=0)) is not None


@pytest.mark.parametrize(
    ("cause", "why", "until"),
    [
        (Cause.HEALTH, "nothing healthy answers for their names", ", or until what they stand for is healthy again"),
        (Cause.SPECIFICATION, "nothing stands for their names any more", ", or until what they stand for is back"),
        (Cause.DRIFT, "others put them among the federation's names", ""),
    ],
)
def test_the_text_tells_the_cause_the_rule_and_what_releases_it(cause: Cause, why: str, until: str) -> None:
    ledger = Ledger(DeletionBudget())
    ledger.spend([Loss(LOST, cause)] * 100, NOW)
    (waits,) = ledger.held({cause: 400}, Holdings(1000), NOW)
    room = 240 if cause is Cause.DRIFT else 274
    assert waits.text == (
        f"400 of 1000 record sets would be deleted, as {why}, and the budget for {cause} leaves {room} "
        f"(budget.deletions: 34%, at least 30, in 600 s). They stay until `feddns apply --allow-deletions`{until}"
    )


@given(tight, histories, st.integers(1, 5))
def test_what_is_told_of_a_budget_is_no_less_than_was_spent_however_often_it_is_passed_on(
    budget: DeletionBudget, history: list[tuple[Cause, int, float]], times: int
) -> None:
    ledger, now = Ledger(budget), NOW
    for cause, count, pause_s in history:
        now += pause_s
        ledger.spend([Loss(LOST, cause)] * count, now)
    told = ledger.account((), now)
    for _ in range(times):
        heir = Ledger(budget)
        heir.recall(told)
        now += budget.window / 20
        told, known = heir.account((), now), ledger.account((), now)
        for cause in Cause:
            assert _count(told, cause) >= _count(known, cause)
    assert heir.account((), now + 2 * budget.window + 1) == (), "but it is over at some time"


def _count(spent: tuple[Spent, ...], cause: Cause) -> int:
    return sum(each.count for each in spent if each.cause is cause)


def test_what_is_told_includes_what_is_about_to_be_deleted_and_is_passed_on_at_the_same_moments() -> None:
    ledger = Ledger(DeletionBudget(window=600.0))
    ledger.spend([Loss(LOST, Cause.HEALTH)] * 3, 1000.0)
    ledger.spend([Loss(LOST, Cause.HEALTH)], 1040.0)
    told = ledger.account([Loss(LOST, Cause.DRIFT)], 1060.0)
    assert told == (Spent(Cause.DRIFT, 1200, 1), Spent(Cause.HEALTH, 1050, 4))
    heir = Ledger(DeletionBudget(window=600.0))
    heir.recall(told)
    assert heir.account([Loss(LOST, Cause.HEALTH)], 1190.0) == (*told, Spent(Cause.HEALTH, 1200, 1))
    assert heir.account((), 1700.0) == (Spent(Cause.DRIFT, 1200, 1),)


def test_a_clock_that_is_ahead_holds_deletions_for_a_window_and_not_for_years() -> None:
    ledger = Ledger(DeletionBudget(window=600.0))
    ledger.recall([Spent(Cause.HEALTH, int(NOW) + 10**9, 30)])
    assert ledger.left(Holdings(30), NOW)[Cause.HEALTH] == 0
    assert ledger.left(Holdings(30), NOW + 601)[Cause.HEALTH] == 30


def test_what_a_person_has_allowed_does_not_count() -> None:
    ledger = Ledger(DeletionBudget(), is_set_aside=True)
    ledger.spend([Loss(LOST, Cause.HEALTH)] * 500, NOW)
    assert ledger.account([Loss(LOST, Cause.HEALTH)] * 500, NOW) == ()
    assert ledger.held({Cause.HEALTH: 500}, Holdings(500), NOW) == ()
