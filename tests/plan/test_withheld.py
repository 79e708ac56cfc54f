from feddns.model.services import Problem
from feddns.plan.agenda import Agenda
from feddns.plan.budget import Cause
from feddns.plan.withheld import withheld
from feddns.plan.zone import sort_zone
from tests.builders import FED, a_claim, answer, numbered, some_terms

WORD = "frozen by ann since 2026-01-01T10:00:00Z; `feddns thaw` releases it"


def told(number: int, *held: Cause, frozen: str = "") -> list[Problem]:
    """What is told of a service: 0 goes, 1 comes, 2 stays."""
    agenda = Agenda(some_terms())
    agenda.read(sort_zone([a_claim(), *answer(0), *answer(2)], FED))
    agenda.want(numbered(0), ())
    agenda.want(numbered(1), answer(1))
    agenda.want(numbered(2), answer(2))
    return list(withheld(agenda.waiting.of(numbered(number)), FED.zone, held, frozen))


def test_a_deletion_that_its_budget_holds_is_told_with_its_cause_and_what_releases_it() -> None:
    (problem,) = told(0, Cause.HEALTH, Cause.SPECIFICATION)
    assert problem.reason == "DeletionHeld"
    assert f"{numbered(0)}: records of " in problem.text
    assert "the budget of deletions for specification is used up" in problem.text
    assert problem.text.endswith(Cause.SPECIFICATION.release)


def test_only_what_a_held_cause_would_delete_is_held() -> None:
    assert told(0, Cause.HEALTH) == []
    assert told(1, *Cause) == []
    assert told(0) == []


def test_a_freeze_is_told_to_whoever_has_changes_waiting() -> None:
    for number in (0, 1):
        (problem,) = told(number, frozen=WORD)
        assert problem == Problem(
            "ChangesFrozen", f"{numbered(number)}: changes wait to be written into {FED.zone}: {WORD}"
        )
    assert told(2, frozen=WORD) == []
