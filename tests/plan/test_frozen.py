from feddns.model.changes import Limits
from feddns.plan.agenda import Agenda
from feddns.plan.proposal import Plan
from feddns.plan.render import plan_lines, plan_value
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_claim, answer, numbered, some_terms

LIMITS = Limits(100, 10_000)
WORD = "frozen by ann since 2026-01-01T10:00:00Z; `feddns thaw` releases it"


def an_agenda() -> Agenda:
    """One service is to come and one to go."""
    agenda = Agenda(some_terms(at_least=1000))
    agenda.read(sort_zone([a_claim(), *answer(0)], FED))
    agenda.want(numbered(0), ())
    agenda.want(numbered(1), answer(1))
    return agenda


def test_nothing_is_written_while_it_is_frozen_and_all_of_it_afterwards() -> None:
    agenda = an_agenda()
    expected = agenda.next_draft(LIMITS, NOW)
    assert expected is not None
    agenda.frozen = WORD
    assert agenda.next_draft(LIMITS, NOW) is None
    agenda.frozen = ""
    assert agenda.next_draft(LIMITS, NOW) == expected


def test_a_batch_that_was_under_way_is_taken_note_of_and_the_zone_is_read_as_ever() -> None:
    agenda = an_agenda()
    draft = agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    agenda.frozen = WORD
    agenda.done(draft, NOW)
    assert (agenda.published(numbered(0)), agenda.published(numbered(1))) == ((), answer(1))
    agenda.read(sort_zone([a_claim(seq=9), *answer(2)], FED))
    assert agenda.published(numbered(2)) == answer(2)


def test_the_plan_shows_what_would_be_done_and_who_holds_it_up() -> None:
    agenda = an_agenda()
    thawed = agenda.plan(NOW)
    agenda.frozen = WORD
    plan = agenda.plan(NOW)
    assert plan.services == thawed.services != ()
    assert list(plan_lines(plan)) == [("!", WORD), *plan_lines(thawed)]
    assert plan_value(plan) == plan_value(thawed) | {"frozen": WORD}
    assert plan_value(thawed)["frozen"] == ""


def test_where_nothing_was_done_for_that_reason_it_is_not_told_as_no_change() -> None:
    assert list(plan_lines(Plan(FED.zone, (), frozen=WORD), done=True))[-1] == ("", "example.com. nothing written")
    assert list(plan_lines(Plan(FED.zone, (), frozen=WORD)))[-1] == ("", "example.com. no change")
