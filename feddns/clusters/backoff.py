"""How long to wait before the next attempt."""

import random
from typing import Final

_FIRST_S: Final = 0.2
_MOST_RETRY_AFTER_S: Final = 300.0  # a server's word is honoured, but not without end


class Backoff:
    """Pauses that double with each failure up to a longest one, with jitter, so that many watchers spread out.

    Args:
        longest_s: seconds that a pause may last, unless the server itself asks for more.
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many attempts failed in a row."""
        return self._failures

    def succeeded(self) -> None:
        """Begin again with the shortest pause."""
        self._failures = 0

    def failed(self, retry_after_s: float = 0.0) -> float:
        """Count a failure; returns the pause in seconds.

        Args:
            retry_after_s: the least time that the server asked for.
        """
        pause_s = min(self._longest_s, _FIRST_S * 2.0 ** min(self._failures, 30))
        self._failures += 1
        jittered = pause_s * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, keeps no secret
        return max(jittered, min(retry_after_s, _MOST_RETRY_AFTER_S))
