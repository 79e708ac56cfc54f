import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.assess import assess
from feddns.health import tracks
from feddns.model.assessments import NO_HISTORY, Assessment
from feddns.model.evidence import Sighting
from feddns.model.probing import Probe, ProbeState, TcpProbe, Track
from feddns.model.topology import ClusterName
from feddns.whatif.probed import Asked, Finding, asked, finding, round_s
from feddns.whatif.scenario import Scenario
from tests.builders import NGINX, NOW
from tests.whatif.playing import EU, FAILING, PASSING, PROBE, US, Play, named, one, shown

NOBODY = Scenario()


def an_asked(probe: Probe = PROBE, track: Track = PASSING, *, falls: bool = True) -> Asked:
    return Asked(ClusterName("eu"), "192.0.2.1", probe, track, falls)


def fallen(probe: Probe = PROBE, track: Track = PASSING, round_s: float = 0.0) -> tuple[Finding, float]:
    """What is found of an address that falls silent, and when it counts as failing."""
    found = finding(an_asked(probe, track), NOW, round_s)
    assert found.fails_at is not None
    return found, found.fails_at


def assessed(*sightings: Sighting) -> Assessment:
    return assess(NGINX, sightings, NO_HISTORY, NOW, Play(one(*sightings), NOBODY).beliefs())


@given(st.floats(1, 300), st.floats(0.1, 60), st.integers(1, 10), st.integers(0, 12))
def test_an_address_fails_after_as_many_failures_in_a_row_as_its_probe_asks_for(
    interval_s: float, timeout_s: float, fall: int, failed_before: int
) -> None:
    probe = Probe(TcpProbe(80), interval_s, timeout_s, fall=fall)
    track = PASSING
    for _ in range(min(failed_before, fall - 1)):
        track = tracks.tested(track, succeeded=False, text="refused", now=NOW - 1, probe=probe)
    found, fails_at = fallen(probe, track)
    failing = found.at(fails_at)
    assert failing.state is ProbeState.FAILING
    pauses = fall - min(failed_before, fall - 1)
    pause_s = max(interval_s * 1.1, timeout_s)
    assert abs(fails_at - (NOW + pauses * pause_s + timeout_s)) < 1e-3
    assert failing.since == failing.tested_at == fails_at
    assert failing.failed_from is not None
    assert failing.failed_from <= fails_at
    assert found.at(fails_at - 0.01) == track


def test_the_first_failure_is_the_one_that_comes_first() -> None:
    found, fails_at = fallen()
    assert fails_at == NOW + 36.0
    assert found.at(fails_at).failed_from == NOW + 11.0 + 3.0


def test_many_silent_addresses_wait_for_each_other() -> None:
    assert fallen(round_s=60.0)[1] == NOW + 3 * 60.0 + 3.0


def test_what_fails_goes_on_failing() -> None:
    found, fails_at = fallen()
    later = found.at(fails_at + 25.0)
    assert later == msgspec.structs.replace(found.at(fails_at), tested_at=fails_at + 22.0)


def test_what_fails_already_is_no_news_and_goes_on_failing() -> None:
    found = finding(an_asked(track=FAILING), NOW, 0.0)
    assert found.fails_at is None
    assert found.at(NOW + 12.0) == msgspec.structs.replace(FAILING, tested_at=NOW + 11.0)


def test_what_had_begun_to_answer_again_fails_at_the_next_question() -> None:
    rising = msgspec.structs.replace(FAILING, succeeded=True, streak=2, failed_from=None)
    found, fails_at = fallen(track=rising)
    assert fails_at == found.at(fails_at).failed_from == NOW + 14.0


def test_what_answers_goes_on_answering() -> None:
    found = finding(an_asked(falls=False), NOW, 60.0)
    assert found.fails_at is None
    assert found.at(NOW + 100.0) == msgspec.structs.replace(PASSING, tested_at=NOW + 99.0)
    untested = Track(hindrance="no route")
    assert finding(an_asked(track=untested, falls=False), NOW, 0.0).at(NOW + 100.0) == untested


def test_an_address_that_another_cluster_has_too_goes_on_answering() -> None:
    both = assessed(shown(EU, "192.0.2.1", "192.0.2.2", probe=PROBE), shown(US, "192.0.2.2", "192.0.2.3", probe=PROBE))
    assert [each.address for each in asked(both, named("eu")) if each.falls] == ["192.0.2.1"]
    assert {each.address for each in asked(both, named("eu", "us")) if each.falls} == {
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
    }


def test_what_our_own_side_cannot_ask_is_not_asked_then_either() -> None:
    hindered = shown(EU, "192.0.2.1", probe=PROBE, track=Track(hindrance="no route"))
    (found,) = asked(assessed(hindered, shown(US, "192.0.2.2")), named("eu", "us"))
    assert not found.falls


def test_a_round_takes_as_long_as_the_time_limits_of_all_over_the_places_that_they_may_have() -> None:
    every = [msgspec.structs.replace(an_asked(), address=f"192.0.2.{number}") for number in range(200)]
    assert round_s(every, 4) == 200 * 3.0 / 3
    assert round_s([*every, *every], 4) == round_s(every, 4)
    assert round_s([msgspec.structs.replace(each, falls=False) for each in every], 4) == 0
