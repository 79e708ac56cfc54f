"""How often something took how long: counts by bucket, cheap enough to keep on the way of every change."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate


class Histogram:
    """Counts observations by the least bound that each fits under.

    Attributes:
        sum: of all that was observed.
    """

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Make one that has observed nothing.

        Args:
            bounds: upper bounds of the buckets, ascending; what is above the last is counted too.
        """
        self.sum = 0.0
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)

    @property
    def count(self) -> int:
        """How often anything was observed."""
        return sum(self._counts)

    def observe(self, value: float) -> None:
        """Count one observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def cumulative(self) -> Iterator[tuple[float, int]]:
        """Each bound, infinity last, and how many observations were not above it, as Prometheus counts."""
        return zip((*self._bounds, float("inf")), accumulate(self._counts), strict=True)
