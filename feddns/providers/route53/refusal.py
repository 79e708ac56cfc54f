"""What Route 53 says when it refuses a change batch, and whom it blames.

The message of an InvalidChangeBatch is a list in brackets of reasons in plain English, which no document promises; so
whatever is not understood here counts as a conflict, which has the zone read before anything else is done.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from feddns.errors import Conflict, Rejected
from feddns.model.records import DnsName
from feddns.providers.route53.names import decode_name

_STALE: Final = re.compile(
    r"but it was not found|do not match the current values|"
    r"resource record set \[name='[^']*', type='[^']*'[^\]]*\] but it already exists"
)
"""The zone is not as the batch expects."""

_NAMED: Final = (
    re.compile(r"\[name='([^']*)'"),
    re.compile(r"RRSet (?:of type +\S+ )?with DNS name ([^\s,\]]+)"),
    re.compile(r"resource record set '(?:CREATE|DELETE|UPSERT) +\S+ +([^\s']+)'"),
)
_BAD_VALUE: Final = re.compile(r"encountered with '(.*?)'(?=[,\]'\s]|$)")
_BAD_TARGET: Final = re.compile(r"alias that targets ([^\s,]+), type (\S+) in zone")
_KNOWN: Final = re.compile(
    r"is not permitted|Invalid Resource Record|FATAL problem|limit of|invalid set of changes|Duplicate"
)


def refusal(message: str, changes: Sequence[Mapping[str, Any]], zone: str) -> Conflict | Rejected:
    """The error that an InvalidChangeBatch means; nothing was changed.

    Args:
        message: what the service said; may be empty.
        changes: what it was asked.
        zone: for people, which zone that was.
    """
    if _STALE.search(message):
        return Conflict(f"the claim or a record set of {zone} is not as it was last read: {message}")
    sets = [change["ResourceRecordSet"] for change in changes]
    names = _blamed(message, sets)
    if names or _KNOWN.search(message):
        return Rejected(f"Route 53 refuses a change of {zone}: {message}", names)
    return Conflict(f"Route 53 refuses a change of {zone} for a reason of its own: {message or 'it gives none'}")


def _blamed(message: str, sets: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The names among those asked for that the message holds, or whose data it holds."""
    told = {_decoded(name) for pattern in _NAMED for name in pattern.findall(message)}
    values = set(_BAD_VALUE.findall(message))
    targets = {(_decoded(target), kind) for target, kind in _BAD_TARGET.findall(message)}
    blamed = set()
    for raw in sets:
        name = decode_name(raw["Name"])
        if name in told or values & set(_values(raw)) or (_alias_target(raw), raw["Type"]) in targets:
            blamed.add(name)
    return frozenset(blamed)


def _values(raw: Mapping[str, Any]) -> Iterable[str]:
    return (record["Value"] for record in raw.get("ResourceRecords", ()))


def _alias_target(raw: Mapping[str, Any]) -> DnsName | None:
    return _decoded(raw["AliasTarget"]["DNSName"]) if "AliasTarget" in raw else None


def _decoded(name: str) -> DnsName | None:
    try:
        return decode_name(name)
    except ValueError:
        return None
