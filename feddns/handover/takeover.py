"""Hostnames of a service's own that ExternalDNS has: how they become feddns' in one batch each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from feddns.handover.registry import Entry
from feddns.handover.staging import Group
from feddns.model.changes import Change, Create, Delete
from feddns.model.decisions import Decision, HostnameDecision
from feddns.model.records import MANAGED_TYPES, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Agenda, Terms
from feddns.plan.claim import next_fence
from feddns.plan.ownership import ownership_name
from feddns.plan.zone import ZoneContents, sort_zone


class Takeover(msgspec.Struct, frozen=True):
    """A hostname that others have and a service asks for.

    Attributes:
        found: what is there now.
        wanted: what feddns would have there.
        ownership: the record set that will say whose it is.
        entries: what ExternalDNS' registry says of it; empty where what is there is what feddns would write.
    """

    service: ServiceKey
    hostname: DnsName
    found: tuple[RecordSet, ...]
    wanted: tuple[RecordSet, ...]
    ownership: RecordSet
    entries: tuple[Entry, ...]


def takeovers(decisions: Iterable[Decision], contents: ZoneContents, entries: Iterable[Entry]) -> tuple[Takeover, ...]:
    """The hostnames that can be taken over: all that is there is ExternalDNS', or is what feddns would write anyway.

    Of several services that ask for one, it is the one that ExternalDNS made it for, else the first by name.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    found: dict[DnsName, Takeover] = {}
    for decision in sorted(decisions, key=lambda decision: decision.key):
        for wanted in decision.hostnames:
            made = _takeover(decision.key, wanted, contents, by_name.get(wanted.hostname, ()))
            if made is not None and (wanted.hostname not in found or _is_made_for(made)):
                found[wanted.hostname] = made
    return tuple(found[hostname] for hostname in sorted(found))


def _takeover(
    key: ServiceKey, wanted: HostnameDecision, contents: ZoneContents, entries: Sequence[Entry]
) -> Takeover | None:
    at_hostname = contents.others.get(wanted.hostname, {})
    there = tuple(sorted(at_hostname[kind] for kind in MANAGED_TYPES & at_hostname.keys()))
    is_theirs = all(any(entry.covers(record_set) for entry in entries) for record_set in there)
    if not there or contents.others.get(ownership_name(wanted.hostname)):
        return None
    if not is_theirs and there != wanted.records:
        return None
    return Takeover(key, wanted.hostname, there, wanted.records, wanted.ownership, tuple(entries))


def _is_made_for(takeover: Takeover) -> bool:
    return any(entry.said.resource == f"service/{takeover.service}" for entry in takeover.entries)


def takeover_groups(
    taken: Sequence[Takeover], record_sets: Iterable[RecordSet], decisions: Iterable[Decision], terms: Terms
) -> Iterator[Group]:
    """The changes that take the hostnames over, those of one service together.

    They are what feddns itself would do if the hostnames were its own already; and names of the federation that they
    lead to, and that are not there yet, come with them.
    """
    if not taken:
        return
    gone = {entry.text for takeover in taken for entry in takeover.entries}
    supposed = [each for each in record_sets if each not in gone and each.name != terms.names.claim]
    supposed.extend(takeover.ownership for takeover in taken)
    claim = next_fence(terms.names, terms.owner, None).desired
    agenda = Agenda(msgspec.structs.replace(terms, allow_deletions=True))
    agenda.read(sort_zone([*supposed, *filter(None, (claim,))], terms.names))
    for decision in decisions:
        agenda.want(decision.key, decision.records, decision.standing)
    proposed = {service.key: service.changes for service in agenda.plan(0.0).services}
    by_service: dict[ServiceKey, list[Takeover]] = {}
    for takeover in taken:
        by_service.setdefault(takeover.service, []).append(takeover)
    there = {record_set.name for record_set in supposed if record_set.type in MANAGED_TYPES}
    for own in by_service.values():
        yield tuple(_changes(own, proposed, there))


def _changes(
    own: Sequence[Takeover], proposed: Mapping[ServiceKey, tuple[Change, ...]], there: set[DnsName]
) -> Iterator[Change]:
    hostnames = {takeover.hostname for takeover in own}
    for takeover in own:
        yield from (Delete(entry.text) for entry in takeover.entries)
        yield Create(takeover.ownership)
    for change in proposed.get(own[0].service, ()):
        if change.name in hostnames or change.name not in there:
            yield change
