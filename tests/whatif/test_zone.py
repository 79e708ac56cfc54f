from feddns.assess import assess
from feddns.config.health import DeletionBudget
from feddns.model.assessments import Assessment
from feddns.model.changes import Limits
from feddns.model.evidence import Sighting
from feddns.model.records import MANAGED_TYPES
from feddns.model.topology import GLOBAL
from feddns.plan.agenda import Agenda, Terms
from feddns.plan.zone import EMPTY_ZONE
from feddns.whatif.rhythm import Rhythm
from feddns.whatif.scenario import Scenario
from feddns.whatif.zone import Zone
from tests.builders import NOW, a_policy, numbered
from tests.whatif.playing import EU, US, Play, one, shown

POLICY = a_policy("fed")


def a_zone(changes: int = 1_000, deletions: DeletionBudget | None = None, frozen: str = "", **rhythm: float) -> Zone:
    agenda = Agenda(Terms(POLICY.names, "me", deletions or DeletionBudget()))
    agenda.read(EMPTY_ZONE)
    agenda.frozen = frozen
    return Zone(POLICY, agenda, {}, Rhythm(Limits(changes, 100_000), **rhythm))  # type: ignore[arg-type]  # tests name them


def believed(number: int, *sightings: Sighting, before: Assessment | None = None, now: float = NOW) -> Assessment:
    play = Play(one(*sightings), Scenario())
    history = play.assessments[numbered(0)].history if before is None else before.history
    return assess(numbered(number), sightings, history, now, play.beliefs())


def test_a_change_is_in_the_zone_when_its_batch_is_done() -> None:
    zone = a_zone(batch_s=2.0)
    zone.decide(believed(0, shown(US, "192.0.2.1")), NOW)
    zone.turn(NOW)
    assert zone.next_at == NOW + 2.0
    assert zone.agenda.published(numbered(0)) == ()
    zone.turn(NOW + 2.0)
    name = POLICY.names.name(numbered(0), GLOBAL)
    before, after = zone.stories[name].versions
    assert before.records == ()
    assert (after.decided_at, after.written_at) == (NOW, NOW + 2.0)
    assert [each.values for each in after.records] == [("192.0.2.1",)]
    assert zone.next_at is None


def test_what_does_not_fit_into_one_batch_goes_into_the_next() -> None:
    zone = a_zone(changes=3, batch_s=1.0)  # a service in one zone of one region has three names
    for number in range(3):
        zone.decide(believed(number, shown(US, f"192.0.2.{number}", number=number)), NOW)
    now: float | None = NOW
    while now is not None:
        zone.turn(now)
        now = zone.next_at
    written = [story.versions[-1].written_at - NOW for story in zone.stories.values()]
    assert sorted(written) == [1.0] * 3 + [2.0] * 3 + [3.0] * 3


def test_a_decision_that_comes_while_a_batch_is_on_its_way_goes_into_the_next() -> None:
    zone = a_zone(batch_s=1.0)
    first = believed(0, shown(US, "192.0.2.1"))
    zone.decide(first, NOW)
    zone.turn(NOW)
    zone.decide(believed(0, shown(US, "192.0.2.1", "192.0.2.2"), before=first, now=NOW + 0.5), NOW + 0.5)
    zone.turn(NOW + 0.5)
    assert zone.next_at == NOW + 1.0
    zone.turn(NOW + 1.0)
    zone.turn(NOW + 2.0)
    versions = zone.stories[POLICY.names.name(numbered(0), GLOBAL)].versions
    assert [(each.decided_at - NOW, each.written_at - NOW) for each in versions[1:]] == [(0.0, 1.0), (0.5, 2.0)]


def test_what_is_settled_is_no_story() -> None:
    zone = a_zone()
    zone.decide(believed(0, shown(US, "192.0.2.1")), NOW)
    zone.settle(NOW)
    zone.turn(NOW)
    assert (zone.stories, zone.next_at) == ({}, None)
    assert {each.type for each in zone.agenda.published(numbered(0))} <= MANAGED_TYPES


def test_nothing_is_written_into_a_frozen_zone() -> None:
    zone = a_zone(frozen="frozen by someone")
    zone.decide(believed(0, shown(US, "192.0.2.1")), NOW)
    zone.settle(NOW)
    zone.turn(NOW)
    assert (zone.next_at, list(zone.agenda.keys())) == (None, [])


def test_deletions_that_a_budget_holds_are_looked_at_again_when_the_zone_is_read() -> None:
    zone = a_zone(deletions=DeletionBudget(share=0.0, at_least=2), reread_s=600.0)
    first = believed(0, shown(US, "192.0.2.1"), shown(EU, "192.0.2.2"))
    zone.decide(first, NOW)
    zone.settle(NOW)
    zone.decide(believed(0, Sighting(US, None), Sighting(EU, None), before=first, now=NOW + 1), NOW + 1)
    zone.turn(NOW + 1)
    assert zone.next_at == NOW + 601
    assert zone.agenda.published(numbered(0))
