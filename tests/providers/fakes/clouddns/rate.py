"""Requests a minute."""

import math
from collections.abc import Callable

from tests.providers.fakes.clouddns.refusal import too_many_requests


class Rate:
    """A token bucket that fills up within a minute.

    Attributes:
        per_minute: how many requests; math.inf for any number.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self.per_minute = math.inf
        self._spent = 0.0

    def take(self) -> None:
        """Count one request.

        Raises:
            Refused: it is one too many; says when there is room again.
        """
        now = self._clock()
        self._spent = max(0.0, self._spent - (now - self._since) * self.per_minute / 60)
        self._since = now
        if self._spent + 1 > self.per_minute:
            raise too_many_requests(math.ceil((self._spent + 1 - self.per_minute) * 60 / self.per_minute))
        self._spent += 1
