"""How long changes take: from the moment that a service changed until the batch with what follows from it is taken."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from feddns.model.services import ServiceKey
from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric


class Delays:
    """The times of one target's changes that wait to be written, and of those that were.

    Attributes:
        histogram: seconds that changes took, of those that were written.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Nothing waits.

        Args:
            clock: tells seconds since the epoch, as the times of changes are told.
        """
        self.histogram = Histogram(Metric.CHANGE_TO_WRITE.bounds)
        self._clock = clock
        self._since: dict[ServiceKey, float] = {}

    def note(self, key: ServiceKey, since: float, *, waits: bool = True) -> None:
        """Take note of a decision.

        Args:
            key: the service that it was made on.
            since: when that changed; infinite where it did not.
            waits: whether there is anything to be written for it now.
        """
        if not waits:
            self._since.pop(key, None)
        elif since < self._since.get(key, math.inf):
            self._since[key] = since

    def forget(self) -> None:
        """Measure nothing of what waits now: it is a freeze, a budget or a refusal that holds it, and not we."""
        self._since.clear()

    @contextmanager
    def sending(self, keys: Iterable[ServiceKey]) -> Iterator[None]:
        """Observe the changes of these services if the batch that is sent inside is taken."""
        sent = {key: self._since.pop(key) for key in keys if key in self._since}
        try:
            yield
        except BaseException:
            for key, since in sent.items():
                self.note(key, since)
            raise
        now = self._clock()
        for since in sent.values():
            self.histogram.observe(max(0.0, now - since))
