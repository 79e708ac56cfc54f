from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from feddns.model.services import ServiceKey
from feddns.records.cap import cap_values
from tests.strategies import keys

values = st.sets(st.integers(1, 250).map(lambda number: f"192.0.2.{number}"), min_size=1, max_size=20)


@given(keys, values, st.integers(1, 20))
def test_as_many_values_as_may_are_kept_in_order(key: ServiceKey, values_: set[str], most: int) -> None:
    kept = cap_values(key, values_, most)
    assert kept == tuple(sorted(kept))
    assert set(kept) <= values_
    assert len(kept) == min(most, len(values_))


@given(keys, values, st.integers(1, 20), st.data())
def test_one_value_that_goes_moves_at_most_one_other(
    key: ServiceKey, values_: set[str], most: int, data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(sorted(values_)))
    before, after = set(cap_values(key, values_, most)), set(cap_values(key, values_ - {gone}, most))
    assert before - {gone} <= after
    assert len(after - before) <= 1


def test_services_spread_over_the_values() -> None:
    pool = {f"192.0.2.{number}" for number in range(1, 11)}
    counted = Counter(
        value for number in range(1_000) for value in cap_values(ServiceKey("shop", f"s{number}"), pool, 2)
    )
    assert set(counted) == pool
    assert max(counted.values()) < 2 * min(counted.values())


def test_the_choice_is_the_same_on_every_machine_and_after_every_release() -> None:
    pool = {f"192.0.2.{number}" for number in range(1, 11)}
    assert cap_values(ServiceKey("mynamespace", "nginx"), pool, 3) == ("192.0.2.5", "192.0.2.6", "192.0.2.7")
