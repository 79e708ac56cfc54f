"""What stands in the way of an adoption, for people, with what would be right."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from feddns.handover.findings import Adoption, Request
from feddns.handover.registry import Entry, overlooked
from feddns.model.few import few
from feddns.model.records import MANAGED_TYPES, DnsName, RecordSet

_NAMED: Final = 3
"""So many names are given as examples."""


def objections(
    made: Adoption, entries: Iterable[Entry], record_sets: Iterable[RecordSet], request: Request
) -> tuple[str, ...]:
    """All that stands in the way.

    Args:
        made: the adoption.
        entries: all of ExternalDNS' registry in the zone.
        record_sets: all of the zone.
        request: what is asked for.
    """
    return (
        *_of_others(made.registry, request.registry_owner),
        *_missed(made, entries, record_sets),
        *_changed(made, request),
        *_moved(made, request),
    )


def _of_others(registry: Iterable[Entry], owner: str) -> Iterator[str]:
    others = [entry for entry in registry if owner and entry.said.owner != owner]
    if others:
        owners = ", ".join(sorted({f'"{entry.said.owner}"' for entry in others}))
        yield (
            f"{_few([entry.name or entry.text.name for entry in others])} belong to ExternalDNS of owner {owners}, and "
            f'--txt-owner-id is "{owner}": adopt with that owner, or without the option from all'
        )


def _missed(made: Adoption, entries: Iterable[Entry], record_sets: Iterable[RecordSet]) -> Iterator[str]:
    """Entries for which there is nothing, and that other affixes would make speak for what is adopted."""
    concerned = {entry.text for entry in made.registry}
    there = {record_set.name for record_set in record_sets if record_set.type in MANAGED_TYPES}
    rest = (entry for entry in entries if entry.text not in concerned and entry.name not in there)
    missed = overlooked(rest, [found.record_set.name for _, sets in made.services for found in sets])
    if missed:
        yield (
            f"{_few([entry.text.name for entry in missed])} TXT are ExternalDNS' and seem to speak for names of the "
            f"federation: give its --txt-prefix or --txt-suffix"
        )


def _changed(made: Adoption, request: Request) -> Iterator[str]:
    """Found record sets that feddns would not leave as they are, once the claim makes them its own."""
    found = [found for _, record_sets in made.services for found in record_sets]
    changed = [each.record_set.name for each in found if each.fate in {"replaced", "deleted"}]
    if not changed or made.is_ours:
        return
    text = f"{_few(changed)} would not stay as they are once feddns runs"
    if request.unseen:
        clusters = ", ".join(request.unseen)
        yield f"{text}, and whether they should cannot be told while clusters cannot be seen: {clusters}"
    elif not request.allow_changes:
        yield f"{text}, as the plan above shows: put the difference right, or allow it with --allow-changes"


def _moved(made: Adoption, request: Request) -> Iterator[str]:
    moved = [difference.name for difference in made.differences if difference.before]
    if moved and not request.allow_changes:
        yield (
            f"{_few(moved)} would not resolve to the same: put the difference right, or allow it with --allow-changes"
        )


def _few(names: Sequence[DnsName]) -> str:
    """Some names, and how many more there are."""
    return few(sorted(set(names)), _NAMED)
