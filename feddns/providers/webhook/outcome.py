"""What an answer's HTTP status means for the one who asked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from feddns.errors import ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.printable import printable

LONGEST_PAUSE_S: Final = 3_600.0
"""Nobody is trusted to send us away for longer."""


def failure(status: int, headers: Mapping[str, str], text: str, *, writes: bool) -> ProviderError | None:
    """The error that an answer means; None for success.

    The protocol knows three outcomes: 2xx is done, 5xx may be tried again, and all else is final.

    Args:
        status: the HTTP status.
        headers: of the answer; names in any case.
        text: who answered what, for people.
        writes: whether it is the answer to changes, of which some may have been done before the rest failed.
    """
    if 200 <= status < 300:
        return None
    if status == 429:
        return Throttled(text, retry_after_s(headers))
    if status >= 500:
        return Unavailable(text, outcome_unknown=writes)
    if status in {401, 403, 407}:
        return Unauthorized(f"{text}; what it asks for goes into headersFile")
    return Rejected(text + _advice(status, headers))


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that an answer asks to wait (RFC 9110 section 10.2.3), 0.0 where it does not say."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), LONGEST_PAUSE_S)
    until, now = _date(asked), _date(headers.get("Date", ""))
    # By the server's own clock, which need not be ours.
    return min(max(0.0, (until - now).total_seconds()), LONGEST_PAUSE_S) if until and now else 0.0


def _advice(status: int, headers: Mapping[str, str]) -> str:
    if 300 <= status < 400:
        return f"; redirects are not followed, and this one leads to {printable(headers.get('Location', 'nowhere'))}"
    return "; set maxChanges, so that fewer go into one request" if status == 413 else ""


def _date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or one of hundreds of digits
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
