"""The answers at the hostnames of a service's own: each leads to one of the federation's names for it."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.records import ADDRESS_TYPES, ALIAS, ALIAS_TTL_S, CNAME, DnsName, RecordSet, ZoneName, is_address
from feddns.model.services import Problem
from feddns.model.topology import Scope
from feddns.records.permits import Permitted, called
from feddns.records.scopes import Service

_MOST_STEPS: Final = 4
"""A zone's name leads to its region's, that to the global one; what someone has changed could lead in circles."""


class Target(msgspec.Struct, frozen=True):
    """What hostnames of one service can lead to.

    Attributes:
        scopes: those that the service has names in.
        records: what these names have.
    """

    service: Service
    scopes: frozenset[Scope]
    records: Mapping[DnsName, tuple[RecordSet, ...]]


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a hostname has: its record sets, the reason, and what is wrong where something is."""

    records: tuple[RecordSet, ...]
    text: str
    problem: Problem | None = None


def by_name(records: Iterable[RecordSet]) -> dict[DnsName, tuple[RecordSet, ...]]:
    """Record sets grouped by their names."""
    found: dict[DnsName, tuple[RecordSet, ...]] = {}
    for record_set in records:
        found[record_set.name] = (*found.get(record_set.name, ()), record_set)
    return found


def answer_hostname(permitted: Permitted, target: Target) -> Answer:
    """Decide what one hostname has.

    It never dangles: where the name that it would lead to has no records, it has none.
    """
    service, hostname, scope = target.service, permitted.hostname, Scope(permitted.region)
    told = f"{service.key}: hostname {hostname}"
    if scope not in target.scopes:
        text = f"the service has no name in {scope}"
        return Answer((), text, _without_region(told, scope, target))
    name = service.names.name(service.key, scope)
    if name not in target.records:
        return Answer((), f"{name}, which it would lead to, has no records")
    end = _end(target.records, name)
    if any(hostname in record_set.values for record_set in end):
        text = "the service's own load balancer has this host name, so it would lead to itself"
        return Answer((), text, Problem("HostnameLoops", f"{told}: {text}"))
    if str(hostname) == service.names.zone:
        return _at_apex(service, end, called(permitted.region))
    return Answer((RecordSet(hostname, CNAME, service.ttl_s, (name,)),), f"leads to {called(permitted.region)}")


def _without_region(told: str, scope: Scope, target: Target) -> Problem | None:
    if target.service.leftovers:
        return None  # a cluster that cannot be seen may have it there
    regions = sorted({each.region for each in target.scopes} - {""})
    text = f"is to lead to {scope}, where no cluster has the service; it is in {', '.join(regions) or 'no region'}"
    return Problem("HostnameWithoutRegion", f"{told} {text}")


def _at_apex(service: Service, end: tuple[RecordSet, ...], source: str) -> Answer:
    """At the apex no CNAME can stand beside the SOA and NS records (RFC 1034 section 3.6.2)."""
    zone = service.names.zone
    copied = tuple(_copied(zone, record_set) for record_set in end if record_set.type in ADDRESS_TYPES)
    copied = tuple(record_set for record_set in copied if record_set.values)
    if copied:
        return Answer(copied, f"a zone's apex cannot lead on, so it has the addresses of {source}")
    hostname = next((DnsName(each.values[0]) for each in end if each.type in {CNAME, ALIAS}), None)
    if hostname is None:
        return Answer((), f"{source} has no addresses")
    if service.can_alias(hostname):
        alias = RecordSet(DnsName(zone), ALIAS, ALIAS_TTL_S, (hostname,))
        return Answer((alias,), f"a zone's apex cannot lead on, so it is an alias of {hostname}")
    text = f"a zone's apex needs addresses, and {source} leads to {hostname} instead"
    way_out = "with `dns.loadBalancerHostnames: resolve` it would have them"
    return Answer((), text, Problem("ApexNeedsAddresses", f"{service.key}: hostname {zone}: {text}; {way_out}"))


def _end(records: Mapping[DnsName, tuple[RecordSet, ...]], name: DnsName) -> tuple[RecordSet, ...]:
    """What stands where the federation's own names lead, beginning at `name`."""
    found = records[name]
    for _ in range(_MOST_STEPS):
        following = records.get(DnsName(found[0].values[0])) if found[0].type == CNAME else None
        if following is None:
            break
        found = following
    return found


def _copied(zone: ZoneName, record_set: RecordSet) -> RecordSet:
    return RecordSet(DnsName(zone), record_set.type, record_set.ttl, tuple(filter(is_address, record_set.values)))
