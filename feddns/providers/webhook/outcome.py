"""What an answer's HTTP status means for the one who asked."""

from collections.abc import Mapping

from feddns.errors import ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.model.printable import printable
from feddns.providers.pacing import asked_pause_s


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
        return Throttled(text, asked_pause_s(headers.get("Retry-After", ""), headers.get("Date", "")))
    if status >= 500:
        return Unavailable(text, outcome_unknown=writes)
    if status in {401, 403, 407}:
        return Unauthorized(f"{text}; what it asks for goes into headersFile")
    return Rejected(text + _advice(status, headers))


def _advice(status: int, headers: Mapping[str, str]) -> str:
    if 300 <= status < 400:
        return f"; redirects are not followed, and this one leads to {printable(headers.get('Location', 'nowhere'))}"
    return "; set maxChanges, so that fewer go into one request" if status == 413 else ""
