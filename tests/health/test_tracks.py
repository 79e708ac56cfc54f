import msgspec
from hypothesis import given
from hypothesis import strategies as st

from feddns.health import tracks as counting  # by its module: pytest would take `tested` for a test
from feddns.model.probing import UNTESTED, Probe, ProbeState, TcpProbe, Track

probes = st.builds(Probe, st.just(TcpProbe(80)), rise=st.integers(1, 5), fall=st.integers(1, 5))
answers = st.lists(st.booleans(), max_size=40)
PROBE = Probe(TcpProbe(80), rise=2, fall=3)


def after(probe: Probe, answers: list[bool], track: Track = UNTESTED, start: float = 100.0) -> list[Track]:
    """The tracks after each answer, one a second."""
    tracks = []
    for number, succeeded in enumerate(answers):
        text = "well" if succeeded else "ill"
        track = counting.tested(track, succeeded=succeeded, text=text, now=start + number, probe=probe)
        tracks.append(track)
    return tracks


def states(probe: Probe, pattern: str) -> str:
    """One letter a state, for answers written as `+` and `-`."""
    return "".join(track.state.value[0] for track in after(probe, [letter == "+" for letter in pattern]))


def test_the_first_success_passes_at_once_and_failures_must_come_in_a_row() -> None:
    assert states(PROBE, "+") == "p"
    assert states(PROBE, "--+") == "uup"
    assert states(PROBE, "---") == "uuf"
    assert states(PROBE, "+--+---") == "ppppppf"
    assert states(PROBE, "---+-++") == "uuffffp"


@given(probes, answers)
def test_a_state_is_entered_only_by_as_many_answers_in_a_row_as_the_probe_wants(
    probe: Probe, answers: list[bool]
) -> None:
    tracks = after(probe, answers)
    for number, (before, now) in enumerate(zip([UNTESTED, *tracks], tracks, strict=False)):
        row = answers[: number + 1]
        if before.state is now.state:
            continue
        if now.state is ProbeState.FAILING:
            assert row[-probe.fall :] == [False] * probe.fall
        elif before.state is ProbeState.FAILING:
            assert row[-probe.rise :] == [True] * probe.rise
        else:
            assert row == [False] * number + [True]


@given(probes, answers)
def test_enough_answers_in_a_row_decide_whatever_was_before(probe: Probe, answers: list[bool]) -> None:
    assert after(probe, [*answers, *[False] * probe.fall])[-1].state is ProbeState.FAILING
    assert after(probe, [*answers, *[True] * probe.rise])[-1].state is ProbeState.PASSING


@given(probes, answers)
def test_since_moves_with_the_state_alone(probe: Probe, answers: list[bool]) -> None:
    for before, now in zip([UNTESTED, *after(probe, answers)], after(probe, answers), strict=False):
        assert now.since == (before.since if before.state is now.state else now.tested_at)


@given(probes, answers.filter(bool))
def test_the_last_row_is_counted_from_its_beginning(probe: Probe, answers: list[bool]) -> None:
    last = after(probe, answers)[-1]
    streak = next((count for count, each in enumerate(reversed(answers)) if each != answers[-1]), len(answers))
    assert (last.streak, last.succeeded, last.text) == (streak, answers[-1], "well" if answers[-1] else "ill")
    assert last.tested_at == 100.0 + len(answers) - 1
    assert last.failed_from == (None if answers[-1] else 100.0 + len(answers) - streak)


def anywhence(track: Track) -> Track:
    """The track without when its row of failures began."""
    return msgspec.structs.replace(track, failed_from=None)


def test_a_row_of_failures_begins_anew_after_a_question_that_could_not_be_asked() -> None:
    failing = after(PROBE, [False, False, False])[-1]
    hindered = counting.hindered(failing, "no route")
    assert [failing.failed_from, hindered.failed_from] == [100.0, 100.0]
    assert [each.failed_from for each in after(PROBE, [False, False], hindered, 160.0)] == [160.0, 160.0]


@given(probes, answers, st.integers(0, 40))
def test_a_question_that_could_not_be_asked_counts_for_nothing(probe: Probe, answers: list[bool], place: int) -> None:
    asked, later = answers[:place], answers[place:]
    before = after(probe, asked)[-1] if asked else UNTESTED
    kept = counting.hindered(before, "no route")
    assert msgspec.structs.replace(kept, hindrance="") == before
    start = 100.0 + len(asked)
    assert [anywhence(each) for each in after(probe, later, kept, start)] == [
        anywhence(each) for each in after(probe, later, before, start)
    ]
