"""Adoption and departure for people, line by line, and as plain values for JSON and YAML.

The kind of each line is as in `feddns.plan.render`, with `=` for what stays.
"""

from collections.abc import Iterator
from typing import Any

from feddns.handover.departure import Departure
from feddns.handover.findings import Adoption, Found
from feddns.handover.proof import Difference
from feddns.handover.takeover import Takeover
from feddns.plan.claim import read_claim
from feddns.plan.ownership import ExternalDns
from feddns.plan.render import change_lines, change_value, plan_lines, plan_value, record_text, record_value

Line = tuple[str, str]

_MARKS = {"same": "=", "ttl": "=", "replaced": "~", "deleted": "-"}
_FATES = {
    "same": "",
    "ttl": "another TTL afterwards",
    "replaced": "other values afterwards",
    "deleted": "goes afterwards",
}


def adoption_lines(made: Adoption) -> Iterator[Line]:
    """What adopting a zone means."""
    yield from _what_is_there(made)
    if made.changes:
        yield "", "what adopting writes, beside the claim"
        for change in made.changes:
            yield from change_lines(change)
    for record_set in made.unread:
        yield "!", f"unread: {record_text(record_set)} may be an encrypted entry of ExternalDNS: it stays, so stop that"
    yield from _proof(made)
    if made.batches:
        yield "", "what feddns would do then"
        yield from plan_lines(made.afterwards)
    for refusal in made.refusals:
        yield "!", f"refused: {refusal}"
    yield "", _summary(made)


def adoption_value(made: Adoption) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "zone": made.zone,
        "claimed": made.is_ours,
        "services": [
            {"service": str(key), "records": [_found_value(found) for found in record_sets]}
            for key, record_sets in made.services
        ],
        "hostnames": [
            {
                "hostname": takeover.hostname,
                "service": str(takeover.service),
                "found": list(map(record_value, takeover.found)),
                "wanted": list(map(record_value, takeover.wanted)),
                "externalDns": [_said_value(entry.said) for entry in takeover.entries],
            }
            for takeover in made.takeovers
        ],
        "unread": list(map(record_value, made.unread)),
        "changes": list(map(change_value, made.changes)),
        "proof": {"names": made.compared, "differences": list(map(_difference_value, made.differences))},
        "afterwards": plan_value(made.afterwards),
        "refusals": list(made.refusals),
    }


def departure_lines(departure: Departure) -> Iterator[Line]:
    """What leaving a zone means."""
    for record_set in departure.goes:
        yield "-", f"  - {record_text(record_set)}"
    if departure.claim is not None and departure.batches:
        yield "-", f"  - {record_text(departure.claim)}"
    for record_set in departure.stays:
        yield "=", f"  = {record_text(record_set)}"
    for refusal in departure.refusals:
        yield "!", f"refused: {refusal}"
    if departure.refusals:
        yield "", f"{departure.zone} nothing written"
    elif not departure.batches:
        yield "", f"{departure.zone} has no claim: there is nothing to do"
    else:
        stays = f"; {_sets(len(departure.stays))} to leave" if departure.stays else ""
        yield "", f"{departure.zone} {_sets(len(departure.goes) + 1)} to delete, the claim among them{stays}"


def departure_value(departure: Departure) -> dict[str, Any]:
    """The same as plain values."""
    claim = None if departure.claim is None else read_claim(departure.claim)
    return {
        "zone": departure.zone,
        "claim": None if claim is None else {"federation": claim.federation, "owner": claim.owner, "seq": claim.seq},
        "goes": list(map(record_value, departure.goes)),
        "stays": list(map(record_value, departure.stays)),
        "refusals": list(departure.refusals),
    }


def _what_is_there(made: Adoption) -> Iterator[Line]:
    for key, record_sets in made.services:
        yield "", f"{key}"
        for found in record_sets:
            yield _found_line(found)
    for takeover in made.takeovers:
        yield "", f"{takeover.service}: hostname {takeover.hostname}, {_whose(takeover)}"


def _found_line(found: Found) -> Line:
    mark = _MARKS[found.fate]
    notes = filter(None, (_FATES[found.fate], _origin(found.external_dns) if found.external_dns else ""))
    told = "; ".join(notes)
    return mark, f"  {mark} {record_text(found.record_set)}" + (f"  ({told})" if told else "")


def _found_value(found: Found) -> dict[str, Any]:
    said = None if found.external_dns is None else _said_value(found.external_dns)
    return {**record_value(found.record_set), "externalDns": said, "afterwards": found.fate}


def _said_value(said: ExternalDns) -> dict[str, str]:
    return {"owner": said.owner, "resource": said.resource}


def _origin(said: ExternalDns) -> str:
    return f'ExternalDNS of owner "{said.owner}"' + (f", {said.resource}" if said.resource else "")


def _whose(takeover: Takeover) -> str:
    origins = sorted({_origin(entry.said) for entry in takeover.entries})
    return " and ".join(origins) or "which is as feddns would write it"


def _proof(made: Adoption) -> Iterator[Line]:
    for difference in made.differences:
        yield "~" if difference.before else "+", f"answer: {difference.name} {_was(difference)}"
    moved = sum(bool(difference.before) for difference in made.differences)
    if made.batches:
        come = len(made.differences) - moved
        told = f"{moved} resolve to something else" if moved else "all resolve to the same"
        new = f"; {come} had no answer before" if come else ""
        yield "", f"proof: {made.compared} names compared, before and after: {told}{new}"


def _was(difference: Difference) -> str:
    return f"{' '.join(difference.before) or 'nothing'} => {' '.join(difference.after) or 'nothing'}"


def _difference_value(difference: Difference) -> dict[str, Any]:
    return {"name": difference.name, "before": list(difference.before), "after": list(difference.after)}


def _summary(made: Adoption) -> str:
    if made.refusals:
        return f"{made.zone} nothing written"
    if not made.batches:
        return f"{made.zone} {'is claimed already' if made.is_ours else 'holds no such names'}: there is nothing to do"
    count = sum(len(record_sets) for _, record_sets in made.services)
    parts = [] if made.is_ours else [f"{_sets(count)} to adopt"]
    if made.takeovers:
        parts.append(f"{len(made.takeovers)} hostname{'s' * (len(made.takeovers) > 1)} to take over")
    if made.registry:
        parts.append(f"{len(made.registry)} of ExternalDNS' TXT record sets to delete")
    return f"{made.zone} {', '.join(parts)}"


def _sets(count: int) -> str:
    return f"{count} record set{'' if count == 1 else 's'}"
