from typing import Any

from feddns.model.changes import Create, Delete, Limits, Replace
from feddns.model.records import CNAME, DnsName, RecordSet
from feddns.model.topology import GLOBAL
from feddns.plan.agenda import Agenda
from feddns.plan.claim import read_claim
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_claim, answer, numbered, some_terms

LIMITS = Limits(100, 10_000)


def an_agenda(**terms: Any) -> Agenda:
    return Agenda(some_terms(**terms))


def write(agenda: Agenda, now: float = NOW, limits: Limits = LIMITS) -> list[str]:
    """Write all that may be written; the names of the services in the order in which they went out."""
    written: list[str] = []
    while (draft := agenda.next_draft(limits, now)) is not None:
        agenda.done(draft, now)
        written.extend(service.key.name for service in draft.services)
    return written


def filled(agenda: Agenda, count: int) -> Agenda:
    agenda.read(sort_zone([a_claim(), *(record for number in range(count) for record in answer(number))], FED))
    for number in range(count):
        agenda.want(numbered(number), answer(number))
    return agenda


def test_the_first_batch_makes_the_claim_and_each_further_one_counts_on() -> None:
    agenda = an_agenda()
    agenda.want(numbered(1), answer(1))
    first = agenda.next_draft(LIMITS, NOW)
    assert first is not None
    assert first.batch.fence.expected is None
    agenda.done(first, NOW)
    agenda.want(numbered(2), answer(2))
    second = agenda.next_draft(LIMITS, NOW)
    assert second is not None
    assert second.batch.fence.expected == first.batch.fence.desired
    assert second.batch.fence.desired is not None
    claimed = read_claim(second.batch.fence.desired)
    assert claimed is not None
    assert (claimed.owner, claimed.seq) == ("me", 2)


def test_what_is_in_the_zone_already_is_not_written_again() -> None:
    assert write(filled(an_agenda(), 3)) == []


def test_records_found_without_a_claim_are_foreign_and_nothing_is_written() -> None:
    agenda = an_agenda()
    agenda.read(sort_zone(answer(1), FED))
    agenda.want(numbered(2), answer(2))
    assert "not ours" in agenda.refusal
    assert agenda.next_draft(LIMITS, NOW) is None
    assert agenda.plan(NOW).services == ()


def test_another_owners_claim_refuses_everything_and_names_the_owner() -> None:
    agenda = an_agenda(owner="me")
    agenda.read(sort_zone([a_claim(owner="them")], FED))
    agenda.want(numbered(1), answer(1))
    assert 'owner "them"' in agenda.refusal
    assert agenda.next_draft(LIMITS, NOW) is None


def test_a_claim_that_was_given_up_under_us_is_not_taken_again() -> None:
    agenda = filled(an_agenda(), 2)
    agenda.read(sort_zone([*answer(0), *answer(1)], FED))
    agenda.want(numbered(2), answer(2))
    assert "not ours" in agenda.refusal
    assert agenda.next_draft(LIMITS, NOW) is None


def test_a_zone_that_was_emptied_under_us_claim_and_all_is_filled_again() -> None:
    agenda = filled(an_agenda(), 2)
    agenda.read(sort_zone([], FED))
    agenda.want(numbered(0), answer(0))
    draft = agenda.next_draft(LIMITS, NOW)
    assert agenda.refusal == ""
    assert draft is not None
    assert draft.batch.fence.expected is None


def test_an_address_that_must_go_is_written_before_what_only_comes() -> None:
    agenda = filled(an_agenda(), 1)
    agenda.want(numbered(5), answer(5))
    agenda.want(numbered(0), answer(0, "192.0.2.2"))
    assert write(agenda, limits=Limits(2, 10_000)) == ["s0", "s5"]


def test_deletions_beyond_the_budget_stay_while_all_else_goes_on() -> None:
    agenda = filled(an_agenda(), 10)
    for number in range(6):
        agenda.want(numbered(number), ())
    agenda.want(numbered(9), answer(9, "192.0.2.77"))
    (held,) = agenda.plan(NOW).held
    assert (held.count, held.limit, held.owned) == (6, 5, 10)
    assert "feddns apply --allow-deletions" in held.text
    assert write(agenda) == ["s9"]


def test_deletions_wait_while_decisions_are_due_and_all_else_goes_on() -> None:
    agenda = filled(an_agenda(), 10)
    agenda.all_decided = False
    agenda.want(numbered(0), ())
    agenda.want(numbered(1), answer(1, "192.0.2.77"))
    assert write(agenda) == ["s1"]
    agenda.all_decided = True
    assert write(agenda) == ["s0"]


def test_deletions_within_the_budget_are_done() -> None:
    agenda = filled(an_agenda(), 10)
    for number in range(5):
        agenda.want(numbered(number), ())
    assert len(write(agenda)) == 5
    assert agenda.owned == 5


def test_deletions_add_up_over_the_window() -> None:
    agenda = filled(an_agenda(), 10)
    for number in range(4):
        agenda.want(numbered(number), ())
    write(agenda, NOW)
    for number in range(4, 7):
        agenda.want(numbered(number), ())
    assert write(agenda, NOW + 10) == []


def test_time_alone_does_not_release_what_the_budget_holds() -> None:
    agenda = filled(an_agenda(), 10)
    for number in range(4):
        agenda.want(numbered(number), ())
    write(agenda, NOW)
    for number in range(4, 7):
        agenda.want(numbered(number), ())
    assert write(agenda, NOW + 10) == []
    assert write(agenda, NOW + 10_000) == []


def test_a_persons_word_releases_what_the_budget_holds() -> None:
    agenda = filled(an_agenda(allow_deletions=True), 10)
    for number in range(10):
        agenda.want(numbered(number), ())
    assert len(write(agenda)) == 10


def test_a_hold_ends_when_what_was_missing_is_back() -> None:
    agenda = filled(an_agenda(), 10)
    for number in range(9):
        agenda.want(numbered(number), ())
    assert write(agenda) == []
    for number in range(8):
        agenda.want(numbered(number), answer(number))
    assert write(agenda) == ["s8"]


def test_a_change_of_type_is_no_deletion_for_the_budget() -> None:
    agenda = filled(an_agenda(), 4)
    for number in range(4):
        name = FED.name(numbered(number), GLOBAL)
        agenda.want(numbered(number), (RecordSet(name, CNAME, 60, ("lb.cloud.test.",)),))
    assert len(write(agenda)) == 4


def test_a_refused_batch_is_halved_until_the_culprit_is_found_and_left_out() -> None:
    agenda = an_agenda()
    for number in range(9):
        agenda.want(numbered(number), answer(number))
    drafts = 0
    written: list[str] = []
    while (draft := agenda.next_draft(LIMITS, NOW)) is not None:
        drafts += 1
        assert drafts < 30
        if any(service.key == numbered(6) for service in draft.services):
            agenda.refused(draft, "no", frozenset())
        else:
            agenda.done(draft, NOW)
            written.extend(service.key.name for service in draft.services)
    assert sorted(written) == [f"s{number}" for number in range(9) if number != 6]
    assert [problem.text for problem in agenda.problems()] == ["shop/s6: no"]


def test_a_refused_service_is_tried_again_when_something_else_is_wanted_for_it() -> None:
    agenda = an_agenda()
    agenda.want(numbered(1), answer(1))
    draft = agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    agenda.refused(draft, "no", frozenset(change.name for change in draft.batch.changes))
    assert write(agenda) == []
    agenda.want(numbered(1), answer(1, "192.0.2.2"))
    assert write(agenda) == ["s1"]


def test_a_name_with_a_foreign_record_cannot_become_a_cname_and_that_is_told() -> None:
    agenda = filled(an_agenda(), 1)
    name = FED.name(numbered(0), GLOBAL)
    agenda.read(sort_zone([a_claim(), *answer(0), RecordSet(name, "MX", 60, ("10 mx.example.com.",))], FED))
    agenda.want(numbered(0), (RecordSet(name, CNAME, 60, ("lb.cloud.test.",)),))
    assert write(agenda) == []
    assert [problem.reason for problem in agenda.problems()] == ["ForeignRecords"]


def test_drift_waits_for_a_new_decision_and_is_then_repaired() -> None:
    agenda = filled(an_agenda(), 2)
    drifted = sort_zone([a_claim(seq=8), *answer(0, "203.0.113.66"), *answer(1)], FED)
    assert agenda.read(drifted) == {numbered(0)}
    assert write(agenda) == []
    agenda.want(numbered(0), answer(0))
    draft = agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    assert draft.batch.changes == (Replace(answer(0, "203.0.113.66")[0], answer(0)[0]),)


def test_records_that_nothing_was_decided_on_are_left_alone() -> None:
    agenda = an_agenda()
    agenda.read(sort_zone([a_claim(), *answer(0)], FED))
    assert write(agenda) == []


def test_a_batch_deletes_before_it_creates_over_all_its_services() -> None:
    agenda = filled(an_agenda(), 2)
    agenda.want(numbered(7), answer(7))
    agenda.want(numbered(0), (RecordSet(DnsName(answer(0)[0].name), CNAME, 60, ("lb.cloud.test.",)),))
    draft = agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    assert [type(change) for change in draft.batch.changes] == [Delete, Create, Create]
