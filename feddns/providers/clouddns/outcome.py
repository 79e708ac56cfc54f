"""What a refusal of the API means for the one who asked (https://cloud.google.com/dns/docs/reference/error-messages)."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from feddns.errors import Conflict, ProviderError, Rejected, Throttled, Unauthorized, Unavailable
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.resources import Change

_RATES: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"})
_QUOTA: Final = "quotaExceeded"
_QUOTA_PROJECT: Final = "USER_PROJECT_DENIED"
_PASSING: Final = frozenset({408, 500, 502, 503, 504})
_MOVED: Final = frozenset({404, 409, 412})
"""A deletion of what is not there; an addition of what is; a deletion of what is there otherwise."""
_NOT_ENABLED: Final = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_PLACE: Final = re.compile(r"(additions|deletions)\[([^\]]+)\]")
"""The path of a record set in a change: `additions[3]`, or `additions[www.example.com.][CNAME]`."""


class Cause(msgspec.Struct, frozen=True):
    """One of the reasons that a refusal gives.

    Attributes:
        reason: the code to go by, such as `alreadyExists`.
        domain: `usageLimits` where it is about requests, otherwise `global`.
    """

    reason: str = ""
    message: str = ""
    domain: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """An answer that is no success.

    Attributes:
        status: of HTTP.
        retry_after_s: 0.0 where it does not say.
    """

    status: int
    message: str
    causes: tuple[Cause, ...] = ()
    retry_after_s: float = 0.0


def failure(call: Call, refusal: Refusal, where: str, change: Change | None) -> ProviderError:
    """The error that a refusal means.

    Args:
        call: what was asked.
        refusal: the answer.
        where: project, and who asked.
        change: what was sent, if it was one.
    """
    told = f"Cloud DNS, {where}: {call.method}: {_told(refusal)}"
    if refusal.status == 429 or _is_rate(refusal):
        return Throttled(told, refusal.retry_after_s)
    if refusal.status in _PASSING:
        return Unavailable(told, outcome_unknown=call.writes)
    if refusal.status == 401:
        return Unauthorized(f"{told}; the credentials are not valid, or no longer")
    if refusal.status == 403 and _QUOTA not in _reasons(refusal):
        return Unauthorized(f"{told}; {_remedy(call, refusal)}")
    if call.writes and refusal.status in _MOVED and not _is_zone_missing(refusal):
        return Conflict(f"{told}; the claim or a record set is not as it was last read")
    return Rejected(told, _blamed(refusal, change))


def _reasons(refusal: Refusal) -> set[str]:
    return {cause.reason for cause in refusal.causes}


def _is_rate(refusal: Refusal) -> bool:
    """Whether it is about the number of requests; a quota of that kind has the domain `usageLimits`."""
    return any(
        cause.reason in _RATES or (cause.reason == _QUOTA and cause.domain == "usageLimits") for cause in refusal.causes
    )


def _remedy(call: Call, refusal: Refusal) -> str:
    if _reasons(refusal) & _NOT_ENABLED:
        return "enable the API: gcloud services enable dns.googleapis.com"
    if _QUOTA_PROJECT in _reasons(refusal):
        return (
            "on the quota project it needs serviceusage.services.use, as roles/serviceusage.serviceUsageConsumer has it"
        )
    return f"it needs {' and '.join(call.permissions)}, which a custom role or {call.role} grants"


def _is_zone_missing(refusal: Refusal) -> bool:
    """Whether it is the managed zone or the project that is not there, and not a record set."""
    return refusal.status == 404 and "entity.change" not in "".join(_messages(refusal))


def _messages(refusal: Refusal) -> Iterator[str]:
    yield refusal.message
    for cause in refusal.causes:
        yield cause.message


def _told(refusal: Refusal) -> str:
    """All that was said, each once, with the codes."""
    parts = [f"{cause.message or refusal.message} ({cause.reason})" for cause in refusal.causes if cause.reason]
    return "; ".join(dict.fromkeys(parts)) or f"{refusal.message or 'refused'} (HTTP {refusal.status})"


def _blamed(refusal: Refusal, change: Change | None) -> frozenset[str]:
    """The names of the record sets that a refusal points at."""
    if change is None:
        return frozenset()
    names = set()
    for message in _messages(refusal):
        for side, place in _PLACE.findall(message):
            record_sets = change.additions if side == "additions" else change.deletions
            if not place.isdecimal():
                names.add(place)
            elif int(place) < len(record_sets):
                names.add(record_sets[int(place)].name)
    return frozenset(names)
