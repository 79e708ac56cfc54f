from hypothesis import given
from hypothesis import strategies as st

from feddns.model.asked import CountedAsked
from feddns.model.changes import Limits
from feddns.model.pages import Changes
from feddns.plan.agenda import Agenda
from feddns.plan.pages import Paging, service_changes, target_changes, waiting_counts
from feddns.plan.proposal import Plan
from feddns.plan.render import plan_value
from feddns.plan.zone import ZoneContents
from tests.builders import NOW, a_claim, answer, numbered, some_terms

LIMITS = Limits(1_000, 1_000_000)


def an_agenda(written: int, wanted: range) -> Agenda:
    """A zone with some numbered services, of which others are wanted."""
    agenda = Agenda(some_terms())
    agenda.read(ZoneContents(a_claim(), {numbered(number): answer(number) for number in range(written)}, {}))
    for number in {*range(written), *wanted}:
        agenda.want(numbered(number), answer(number) if number in wanted else ())
    return agenda


def page(plans: dict[str, Plan], limit: int, continue_: str = "") -> Changes:
    paging = Paging(CountedAsked(limit=limit, continue_=continue_))
    told = []
    for target, plan in plans.items():
        shown = paging.take(plan)
        changes = [change for service in shown.services for change in service_changes(service)]
        told.append(target_changes(target, plan, shown, changes))
    return Changes(NOW, paging.total, paging.next, tuple(told))


def pages(plans: dict[str, Plan], limit: int) -> list[Changes]:
    found = [page(plans, limit)]
    while found[-1].next:
        found.append(page(plans, limit, found[-1].next))
    return found


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 12), st.integers(1, 7))
def test_all_pages_together_tell_each_change_once_as_plan_does(written: int, first: int, last: int, limit: int) -> None:
    plans = {"one": an_agenda(written, range(first, last)).plan(NOW), "two": an_agenda(last, range(first)).plan(NOW)}
    found = pages(plans, limit)
    for target, plan in plans.items():
        told = [each for page in found for each in page.targets if each.target == target]
        whole = plan_value(plan)
        assert [change.desired and change.desired.name for each in told for change in each.changes] == [
            change["desired"] and change["desired"]["name"] for change in whole["changes"]
        ]
        held = [change.current for each in told for group in each.held for change in group.changes]
        assert len(held) == len(plan.withheld)
        assert all(each.summary.held == len(plan.withheld) for each in told)
    assert all(page.total == found[0].total for page in found)
    sizes = [
        sum(len({c.service for c in each.changes}) + sum(len(g.changes) for g in each.held) for each in page.targets)
        for page in found
    ]
    assert all(size == limit for size in sizes[:-1])
    assert sum(sizes) == found[0].total


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 12))
def test_what_waits_is_counted_as_plan_counts_it(written: int, first: int, last: int) -> None:
    agenda = an_agenda(written, range(first, last))
    counts = waiting_counts(agenda.waiting, agenda.held(NOW))
    summary = plan_value(agenda.plan(NOW))["summary"]
    assert summary == {
        "create": counts.create,
        "replace": counts.replace,
        "delete": counts.delete,
        "held": counts.held,
    }


def test_asking_while_not_all_is_decided_releases_nothing_that_is_held() -> None:
    agenda = Agenda(some_terms(share=0.9, at_least=2))
    agenda.read(ZoneContents(a_claim(), {numbered(number): answer(number) for number in range(10)}, {}))
    for number in range(10):
        agenda.want(numbered(number), ())
    assert [held.count for held in agenda.held(NOW)] == [10]
    agenda.all_decided = False
    for number in range(8):
        agenda.want(numbered(number), answer(number))
    agenda.plan(NOW)
    agenda.want(numbered(0), ())
    agenda.all_decided = True
    assert [held.count for held in agenda.held(NOW)] == [3], "the share would cover them, had they not waited before"
