"""Requests at the pace that an account is allowed, shared by all its writers, and pauses that a service asks for."""

import asyncio
from collections.abc import Hashable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_PAUSE_S: Final = 3_600.0
"""Nobody is trusted to send us away for longer."""


class Pace:
    """A token bucket: so many requests a second for long, and a few more at once after a rest.

    Who comes first goes first. It holds a time only, and so may be shared freely within a process.
    """

    def __init__(self, rate: float, burst: int) -> None:
        """Make a full bucket.

        Args:
            rate: requests a second.
            burst: requests that may go at once after a rest.
        """
        self._interval_s = 1.0 / rate
        self._slack_s = self._interval_s * (burst - 1)
        self._next = float("-inf")

    @property
    def pause_s(self) -> float:
        """Seconds until one more request may go."""
        return max(0.0, self._next - asyncio.get_running_loop().time())

    async def turn(self) -> None:
        """Wait until one more request may go."""
        now = asyncio.get_running_loop().time()
        due = max(self._next, now - self._slack_s)
        self._next = due + self._interval_s
        if due > now:
            await asyncio.sleep(due - now)

    def rest(self, pause_s: float) -> None:
        """Let nothing more go for so many seconds: the account has said that it was too much."""
        self._next = max(self._next, asyncio.get_running_loop().time() + pause_s)


class Gathering:
    """Time for a batch to fill: after one has gone, the next that is not full waits a moment for company.

    A change after a rest goes at once. In a stream of changes a few more go with each request, so that the account's
    requests last for others too.
    """

    def __init__(self, least_s: float) -> None:
        """Nothing has gone yet.

        Args:
            least_s: seconds from a batch to the next that is not full.
        """
        self._least_s = least_s
        self._next = float("-inf")

    def begin(self) -> None:
        """A batch goes now."""
        self._next = asyncio.get_running_loop().time() + self._least_s

    def pause_s(self, *, is_full: bool) -> float:
        """Seconds that the next batch should wait."""
        return 0.0 if is_full else max(0.0, self._next - asyncio.get_running_loop().time())


_paces: dict[tuple[Hashable, float, int], Pace] = {}


def shared_pace(account: Hashable, rate: float, burst: int) -> Pace:
    """The pace of an account: the same one for all who ask for the same account and figures.

    Args:
        account: whatever tells the account from others, with the provider's name.
        rate: requests a second.
        burst: requests that may go at once after a rest.
    """
    return _paces.setdefault((account, rate, burst), Pace(rate, burst))


def asked_pause_s(retry_after: str, date: str) -> float:
    """Seconds that an HTTP answer asks to wait (RFC 9110 section 10.2.3), 0.0 where it does not say.

    Args:
        retry_after: the header of that name; empty for none.
        date: likewise. A date to come back at is by the service's own clock, which need not be ours.
    """
    asked = retry_after.strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), LONGEST_PAUSE_S)
    until, now = _date(asked), _date(date)
    return min(max(0.0, (until - now).total_seconds()), LONGEST_PAUSE_S) if until and now else 0.0


def _date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or one of hundreds of digits
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
