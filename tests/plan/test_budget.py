import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.settings import DeletionBudget
from feddns.model.changes import Create, Delete
from feddns.model.records import ADDRESS_TYPES, RecordSet
from feddns.plan.budget import held_deletions, losses
from feddns.plan.diff import diff
from tests.strategies import zones

budgets = st.builds(DeletionBudget, st.floats(0, 1), st.integers(0, 50))
counts = st.integers(0, 200)


@given(zones(), zones())
def test_a_deletion_counts_unless_its_name_gets_something_else(
    desired: tuple[RecordSet, ...], current: tuple[RecordSet, ...]
) -> None:
    changes = diff(desired, current)
    lost = {deletion.current for deletion in losses(changes)}
    assert lost <= set(current) - set(desired)
    kept = {record.name for record in desired}
    assert {record for record in current if record.name not in kept} <= lost
    for record in lost:
        assert not any(isinstance(change, Create) and change.name == record.name for change in changes)


def test_a_name_that_loses_one_family_of_two_loses_something() -> None:
    name = "x.example.com."
    four, six = (RecordSet(name, kind, 60, ("x",)) for kind in ADDRESS_TYPES)  # type: ignore[arg-type]  # a plain text
    assert losses(diff([four], [four, six])) == (Delete(six),)


@given(counts, counts, counts, budgets, st.booleans())
def test_what_is_held_is_more_than_the_limit_and_what_is_not_held_is_not(
    wanted: int,
    owned: int,
    spent: int,
    budget: DeletionBudget,
    insist: bool,  # noqa: FBT001 - drawn
) -> None:
    held = held_deletions(wanted, owned, spent, budget, insist=insist)
    if held is None:
        assert wanted == 0 or wanted + spent <= max(budget.at_least, budget.share * (owned + spent))
    else:
        assert (held.count, held.owned) == (wanted, owned)
        assert wanted > held.limit >= 0
        assert f"{wanted} of {owned} record sets" in held.text


@given(counts, counts, counts, budgets)
def test_what_waits_already_is_never_let_go_where_it_would_have_been_held_anew(
    wanted: int, owned: int, spent: int, budget: DeletionBudget
) -> None:
    if held_deletions(wanted, owned, spent, budget) is not None:
        assert held_deletions(wanted, owned, spent, budget, insist=True) is not None


@given(counts, counts, budgets)
def test_more_deletions_in_the_window_never_leave_more_room(owned: int, spent: int, budget: DeletionBudget) -> None:
    total = owned + spent  # what was deleted is not owned any more

    def room(gone: int) -> int:
        return sum(held_deletions(wanted, total - gone, gone, budget) is None for wanted in range(1, 60))

    assert all(room(gone + 1) <= room(gone) for gone in range(min(total, 30)))


@pytest.mark.parametrize(("wanted", "is_held"), [(30, False), (31, True)])
def test_a_few_deletions_are_always_allowed(wanted: int, is_held: bool) -> None:  # noqa: FBT001 - a table's column
    assert (held_deletions(wanted, 31, 0, DeletionBudget()) is not None) is is_held


@pytest.mark.parametrize(("wanted", "is_held"), [(340, False), (341, True)])
def test_of_many_records_a_share_may_go(wanted: int, is_held: bool) -> None:  # noqa: FBT001 - a table's column
    assert (held_deletions(wanted, 1000, 0, DeletionBudget()) is not None) is is_held


def test_a_budget_of_nothing_holds_every_deletion() -> None:
    assert held_deletions(1, 1000, 0, DeletionBudget(share=0, at_least=0)) is not None


def test_the_text_tells_the_rule_and_what_releases_it() -> None:
    held = held_deletions(400, 1000, 100, DeletionBudget())
    assert held is not None
    assert held.text == (
        "400 of 1000 record sets would be deleted, and the budget leaves 274 (budget.deletions: 34%, at least 30, in "
        "600 s). They stay until `feddns apply --allow-deletions`, or until what they stand for is back"
    )
