import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from feddns.telemetry.histogram import Histogram

bounds = st.lists(st.floats(0.001, 100), min_size=1, max_size=8, unique=True).map(sorted)
values = st.lists(st.floats(0, 200), max_size=40)


@given(bounds, values)
def test_each_bucket_has_all_that_is_not_above_its_bound(bounds: list[float], values: list[float]) -> None:
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)
    found = list(histogram.cumulative())
    assert [bound for bound, _ in found] == [*bounds, math.inf]
    assert all(count == sum(value <= bound for value in values) for bound, count in found)
    assert all(one[1] <= other[1] for one, other in pairwise(found))
    assert histogram.count == len(values)
    assert math.isclose(histogram.sum, math.fsum(values), abs_tol=1e-9)
