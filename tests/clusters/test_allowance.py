from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.allowance import BURST, REFILL_S, Allowance


def sent(allowance: Allowance, uid: str, times: list[float]) -> int:
    """How many may be sent of those that are asked for at these times."""
    count = 0
    for now in times:
        if allowance.is_left(uid, now):
            allowance.take(uid, now)
            count += 1
    return count


def test_some_may_be_sent_at_once_and_then_one_at_a_time() -> None:
    allowance = Allowance()
    assert sent(allowance, "a", [0.0] * 100) == BURST
    assert sent(allowance, "a", [REFILL_S - 1]) == 0
    assert sent(allowance, "a", [REFILL_S + 1] * 2) == 1
    assert sent(allowance, "b", [REFILL_S + 1] * 100) == BURST


@given(st.lists(st.floats(0, 3600), max_size=200).map(sorted))
def test_no_object_gets_more_in_an_hour_than_the_burst_and_what_is_refilled(times: list[float]) -> None:
    assert sent(Allowance(), "a", times) <= BURST + 3600 / REFILL_S


@given(st.lists(st.floats(0, 100_000), max_size=100).map(sorted), st.floats(0, 100_000))
def test_forgetting_full_buckets_changes_nothing(times: list[float], tidied_at: float) -> None:
    tidied, untouched = Allowance(), Allowance()
    early = [now for now in times if now <= tidied_at]
    late = [now for now in times if now > tidied_at]
    for allowance in (tidied, untouched):
        sent(allowance, "a", early)
    tidied.tidy(tidied_at)
    assert sent(tidied, "a", late) == sent(untouched, "a", late)
