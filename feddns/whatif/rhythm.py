"""How soon a zone's batches can go out one after another, as far as that is known beforehand."""

from typing import Final

import msgspec

from feddns.model.changes import Limits

BATCH_S: Final = 1.0
"""So long one batch is taken to need: no provider promises anything, and most need less."""


class Rhythm(msgspec.Struct, frozen=True):
    """What the pace of a zone's writer follows from.

    Attributes:
        limits: what one batch may hold.
        batch_s: seconds that one batch needs.
        interval_s: seconds between two requests in the long run, as the account allows them.
        burst: requests that may go at once after a rest.
        gather_s: seconds from a batch to the next that is not full.
        reread_s: seconds after which a writer looks again at what is held.
    """

    limits: Limits
    batch_s: float = BATCH_S
    interval_s: float = 0.0
    burst: int = 1
    gather_s: float = 0.0
    reread_s: float = 600.0


class Beat:
    """Tells when the next batch may begin, as `feddns.providers.pacing` does; `now` is seconds since the epoch."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._allowed_at = 0.0
        self._gathered_at = 0.0

    def next_at(self, now: float, *, is_full: bool) -> float:
        """When a batch may begin.

        Args:
            now: the time.
            is_full: whether more waits than it holds.
        """
        return max(now, self._allowed_at, 0.0 if is_full else self._gathered_at)

    def begin(self, now: float) -> float:
        """Note that a batch begins; returns when it is done."""
        rhythm = self._rhythm
        rested = now - rhythm.interval_s * (rhythm.burst - 1)
        self._allowed_at = max(self._allowed_at, rested) + rhythm.interval_s
        self._gathered_at = now + rhythm.gather_s
        return now + rhythm.batch_s
