"""A zone sorted into what the federation owns in it and what it must not touch."""

from collections.abc import Iterable, Mapping

import msgspec

from feddns.model.records import MANAGED_TYPES, TXT, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.claim import read_claim
from feddns.plan.ownership import Ownership, is_ownership_name, read_ownership


class ZoneContents(msgspec.Struct, frozen=True):
    """What was read from a zone, as far as it concerns the federation.

    Attributes:
        claim: the claim's record set, where there is one.
        services: the record sets of each service's names, its hostnames and their ownerships among them, sorted.
        foreign: types that others keep at names of the federation, its hostnames among them, which feddns neither
            changes nor deletes.
        others: the record sets of all other names, by type.
    """

    claim: RecordSet | None
    services: Mapping[ServiceKey, tuple[RecordSet, ...]]
    foreign: Mapping[DnsName, frozenset[str]]
    others: Mapping[DnsName, Mapping[str, RecordSet]] = {}


EMPTY_ZONE = ZoneContents(None, {}, {})


def sort_zone(record_sets: Iterable[RecordSet], names: Names) -> ZoneContents:
    """Sort the record sets of a whole zone."""
    claim: RecordSet | None = None
    services: dict[ServiceKey, list[RecordSet]] = {}
    foreign: dict[DnsName, frozenset[str]] = {}
    others: dict[DnsName, dict[str, RecordSet]] = {}
    for record_set in record_sets:
        if record_set.name == names.claim and record_set.type == TXT:
            claim = record_set
        elif (parsed := names.parse(record_set.name)) is not None:
            if _is_managed(record_set):
                services.setdefault(parsed[0], []).append(record_set)
            else:
                foreign[record_set.name] = foreign.get(record_set.name, frozenset()) | {record_set.type}
        else:
            others.setdefault(record_set.name, {})[record_set.type] = record_set
    for owned, ownership in _ownerships(others, names, claim):
        services.setdefault(ownership.service, []).append(owned)
        del others[owned.name][TXT]
        at_hostname = others.pop(ownership.hostname, {}).values()
        services[ownership.service].extend(filter(_is_managed, at_hostname))
        types = frozenset(record_set.type for record_set in at_hostname if not _is_managed(record_set))
        if types:
            foreign[ownership.hostname] = types
    return ZoneContents(claim, {key: tuple(sorted(sets)) for key, sets in services.items()}, foreign, others)


def _is_managed(record_set: RecordSet) -> bool:
    return record_set.type in MANAGED_TYPES and bool(record_set.values)


def _ownerships(
    others: Mapping[DnsName, Mapping[str, RecordSet]], names: Names, claim: RecordSet | None
) -> list[tuple[RecordSet, Ownership]]:
    """The ownerships of the federation's hostnames: those of the claim's owner, or of anyone where nobody claims."""
    holder = None if claim is None else read_claim(claim)
    return [
        (by_type[TXT], ownership)
        for name, by_type in others.items()
        if is_ownership_name(name)
        and TXT in by_type
        and (ownership := read_ownership(by_type[TXT])) is not None
        and ownership.federation == names.federation
        and (holder is None or ownership.owner == holder.owner)
        and names.parse(ownership.hostname) is None
    ]


def refusal(contents: ZoneContents, names: Names, owner: str) -> str:
    """Why the federation may not write into the zone at all, for people; empty where it may."""
    if contents.claim is None:
        found = sum(len(sets) for sets in contents.services.values())
        if not found:
            return ""
        example = min(sets[0].name for sets in contents.services.values())
        return (
            f"{names.zone} holds {found} record sets with names of federation {names.federation}, such as {example}, "
            f"and no claim {names.claim}: they are not ours. Delete them, choose another federation name, or take them "
            f"over with `feddns adopt`"
        )
    claim = read_claim(contents.claim)
    if claim is None or claim.federation != names.federation:
        return (
            f"{names.claim} TXT is {contents.claim.values}, which is no claim of federation {names.federation}: "
            f"remove it if it is stale"
        )
    if claim.owner != owner:
        return (
            f'the names of federation {names.federation} in {names.zone} are claimed by owner "{claim.owner}", and '
            f'this is owner "{owner}": stop one of the two, or set `owner: {claim.owner}` if they are one installation'
        )
    return ""
