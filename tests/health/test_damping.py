from hypothesis import given
from hypothesis import strategies as st

from feddns.config.health import HealthSettings
from feddns.health.damping import CALM, STAYS, Move, Step, forgiven, hold_down_s, left, level, step
from feddns.model.assessments import Damper
from tests.builders import NOW

RULES = HealthSettings(hold_down=5, longest_hold_down=300, hold_down_decay=600)
dampers = st.builds(Damper, st.none() | st.floats(NOW - 1000, NOW), st.integers(0, 12), st.floats(NOW - 10_000, NOW))


def stepped(*, stands: bool, wanted: bool, damper: Damper = CALM, settle_s: float = 3.0, now: float = NOW) -> Step:
    return step(stands=stands, wanted=wanted, damper=damper, settle_s=settle_s, now=now, rules=RULES)


def test_what_stands_and_is_wanted_stays() -> None:
    assert stepped(stands=True, wanted=True) is STAYS


def test_what_is_not_wanted_leaves_when_it_has_settled() -> None:
    first = stepped(stands=True, wanted=False)
    assert (first.move, first.since, first.due) == (Move.LEAVES, NOW, NOW + 3)
    later = stepped(stands=True, wanted=False, damper=first.damper, now=NOW + 2)
    assert (later.since, later.due) == (NOW, NOW + 3)


def test_what_is_wanted_again_before_it_settled_begins_anew_the_next_time() -> None:
    first = stepped(stands=True, wanted=False)
    assert stepped(stands=True, wanted=True, damper=first.damper, now=NOW + 2).damper is CALM
    assert stepped(stands=True, wanted=False, now=NOW + 4).due == NOW + 7


def test_what_never_went_comes_at_once() -> None:
    first = stepped(stands=False, wanted=True)
    assert (first.move, first.due) == (Move.RETURNS, NOW)


def test_what_went_waits_for_the_hold_down_without_a_break() -> None:
    gone = left(CALM, NOW, RULES)
    assert gone == Damper(None, 1, NOW)
    waiting = stepped(stands=False, wanted=True, damper=gone, now=NOW + 50)
    assert (waiting.move, waiting.due) == (Move.RETURNS, NOW + 55)
    broken = stepped(stands=False, wanted=False, damper=waiting.damper, now=NOW + 54)
    assert (broken.move, broken.damper.turned_at) == (Move.STAYS_OUT, None)
    assert stepped(stands=False, wanted=True, damper=broken.damper, now=NOW + 60).due == NOW + 65


def test_each_withdrawal_doubles_the_hold_down_up_to_the_longest() -> None:
    damper, waits = CALM, []
    for number in range(9):
        damper = left(damper, NOW + number, RULES)
        waits.append(hold_down_s(damper.level, RULES))
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert hold_down_s(0, RULES) == 0
    assert hold_down_s(10**9, RULES) == 300


def test_one_withdrawal_is_forgiven_in_each_decay() -> None:
    gone = Damper(None, 3, NOW)
    assert [level(gone, NOW + seconds, RULES) for seconds in (0, 599, 600, 1200, 1800, 9999)] == [3, 3, 2, 1, 0, 0]
    assert forgiven(gone, NOW + 1800, RULES) is CALM
    assert forgiven(gone, NOW + 1799, RULES) == gone


@given(dampers, st.floats(0, 1e5))
def test_when_it_returns_is_told_once_and_does_not_move(damper: Damper, later_s: float) -> None:
    first = stepped(stands=False, wanted=True, damper=damper)
    again = stepped(stands=False, wanted=True, damper=first.damper, now=NOW + later_s)
    if first.damper is not CALM:
        assert (again.since, again.due) == (first.since, first.due)


@given(dampers, st.booleans(), st.booleans(), st.floats(0, 1e9))
def test_a_clock_that_goes_back_moves_nothing_sooner(
    damper: Damper,
    stands: bool,  # noqa: FBT001 - drawn
    wanted: bool,  # noqa: FBT001 - drawn
    back_s: float,
) -> None:
    before = stepped(stands=stands, wanted=wanted, damper=damper)
    after = stepped(stands=stands, wanted=wanted, damper=before.damper, now=NOW - back_s)
    assert level(damper, NOW - back_s, RULES) <= damper.level
    if before.damper is not CALM:
        assert after.move is before.move
        assert after.due == before.due
