"""Adoption: names that others have written become the federation's, and no answer changes by it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from feddns.handover.findings import Adoption, Fate, Found, Request
from feddns.handover.objections import objections
from feddns.handover.proof import carried_out, differences
from feddns.handover.registry import Entry, read_registry
from feddns.handover.staging import Group, claiming, stages
from feddns.handover.takeover import Takeover, takeover_groups, takeovers
from feddns.model.changes import Batch, Change, Create, Delete, Replace
from feddns.model.decisions import Decision
from feddns.model.records import MANAGED_TYPES, TXT, RecordSet
from feddns.model.services import ServiceKey
from feddns.naming import Names
from feddns.plan.agenda import Agenda, Terms
from feddns.plan.proposal import Plan
from feddns.plan.zone import ZoneContents, refusal, sort_zone


def adoption(record_sets: Sequence[RecordSet], decisions: Collection[Decision], request: Request) -> Adoption:
    """What adopting a zone means.

    Args:
        record_sets: all of the zone.
        decisions: what every service that a cluster shows or the zone holds should have, decided with what the zone
            holds for it as published.
        request: what is asked for.
    """
    terms, names = request.terms, request.terms.names
    contents = sort_zone(record_sets, names)
    denial = "" if contents.claim is None else refusal(contents, names, terms.owner)
    entries = read_registry(record_sets, request.affixes)
    taken = () if denial else takeovers(decisions, contents, entries)
    registry = _concerned(entries, taken, names)
    groups = [*takeover_groups(taken, record_sets, decisions, terms), *_removals(registry, taken)]
    batches = () if denial else _batches(groups, contents, request)
    after = carried_out(record_sets, batches)
    afterwards = _afterwards(after, decisions, terms)
    made = Adoption(
        zone=names.zone,
        is_ours=contents.claim is not None and not denial,
        services=tuple(_services(contents, entries, afterwards, names)),
        takeovers=taken,
        registry=registry,
        unread=_unread(record_sets, entries, request),
        batches=batches,
        compared=len({each.name for each in (*record_sets, *after) if each.type in MANAGED_TYPES}),
        differences=differences(record_sets, after, names.zone),
        afterwards=afterwards,
        refusals=(denial,),
    )
    return made if denial else msgspec.structs.replace(made, refusals=objections(made, entries, record_sets, request))


def _concerned(entries: Iterable[Entry], taken: Iterable[Takeover], names: Names) -> tuple[Entry, ...]:
    """The entries that speak for the federation's names or for hostnames that are taken over."""
    of_hostnames = {entry.text for takeover in taken for entry in takeover.entries}
    return tuple(
        entry
        for entry in entries
        if entry.text in of_hostnames or names.parse(entry.name) or names.parse(entry.text.name)
    )


def _removals(registry: Iterable[Entry], taken: Iterable[Takeover]) -> Iterator[Group]:
    gone = {entry.text for takeover in taken for entry in takeover.entries}
    for entry in registry:
        if entry.text not in gone:
            yield (Delete(entry.text),)


def _batches(groups: Iterable[Group], contents: ZoneContents, request: Request) -> tuple[Batch, ...]:
    terms = request.terms
    staged = list(stages(groups, request.limits))
    if not staged and contents.claim is None and contents.services:
        staged.append(())
    return claiming(staged, terms.names, terms.owner, contents.claim)


def _afterwards(after: Iterable[RecordSet], decisions: Iterable[Decision], terms: Terms) -> Plan:
    agenda = Agenda(terms)
    agenda.read(sort_zone(after, terms.names))
    for decision in decisions:
        agenda.want(decision.key, decision.records, decision.standing)
    return agenda.plan(0.0)


def _fates(changes: Iterable[Change]) -> Iterator[tuple[RecordSet, Fate]]:
    for change in changes:
        match change:
            case Replace(current, desired):
                yield current, "ttl" if current.values == desired.values else "replaced"
            case Delete(current):
                yield current, "deleted"
            case Create():
                pass


def _services(
    contents: ZoneContents, entries: Iterable[Entry], afterwards: Plan, names: Names
) -> Iterator[tuple[ServiceKey, tuple[Found, ...]]]:
    fates = dict(_fates((*afterwards.changes, *(loss.deletion for loss in afterwards.withheld))))
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    for key, record_sets in sorted(contents.services.items()):
        own = [record_set for record_set in record_sets if names.parse(record_set.name)]
        if own:
            yield key, tuple(_found(each, by_name.get(each.name, ()), fates) for each in own)


def _found(record_set: RecordSet, entries: Iterable[Entry], fates: Mapping[RecordSet, Fate]) -> Found:
    entry = next((entry for entry in entries if entry.covers(record_set)), None)
    return Found(record_set, None if entry is None else entry.said, fates.get(record_set, "same"))


def _unread(record_sets: Iterable[RecordSet], entries: Iterable[Entry], request: Request) -> tuple[RecordSet, ...]:
    """TXT record sets that stand where an entry for a record set of the federation would, and are none."""
    names, known = request.terms.names, {entry.text for entry in entries}
    record_sets = tuple(record_sets)
    there = {(each.name, each.type) for each in record_sets if names.parse(each.name)}
    return tuple(
        each
        for each in record_sets
        if each.type == TXT and each not in known and request.affixes.subject(each.name) in there
    )
