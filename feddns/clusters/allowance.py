"""How many Events about one Service may be sent: a token bucket for each, as client-go's spam filter has them.

The numbers are those of EventSourceObjectSpamFilter in k8s.io/client-go/tools/record: 25 at once, then one in five
minutes.
"""

from typing import Final

BURST: Final = 25
REFILL_S: Final = 300.0


class Allowance:
    """The buckets that are not full; `now` is in seconds."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}

    def is_left(self, uid: str, now: float) -> bool:
        """Whether one more may be sent about this object."""
        return self._spent_now(uid, now) <= BURST - 1

    def take(self, uid: str, now: float) -> None:
        """Take note that one was sent."""
        self._spent[uid] = self._spent_now(uid, now) + 1, now

    def tidy(self, now: float) -> None:
        """Forget the buckets that are full again."""
        self._spent = {uid: spent for uid, spent in self._spent.items() if self._spent_now(uid, now) > 0}

    def _spent_now(self, uid: str, now: float) -> float:
        spent, at = self._spent.get(uid, (0.0, now))
        return max(0.0, spent - (now - at) / REFILL_S)
