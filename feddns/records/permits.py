"""Which hostnames of its own a service may have: what it asks for, as far as the configuration allows it."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import pairwise

import msgspec

from feddns.config.settings import HostnameSettings
from feddns.model.labels import absolute, is_hostname, is_within
from feddns.model.records import DnsName, ZoneName
from feddns.model.services import HostnameWish, Problem, ServiceKey
from feddns.model.topology import ClusterName
from feddns.naming import Names


class Permits(msgspec.Struct, frozen=True):
    """The rules for hostnames in one zone.

    Attributes:
        names: the federation's names in it.
        zones: all zones that are written; a hostname belongs to the one that is its longest suffix.
        domains: which namespaces may have hostnames in which domains.
    """

    names: Names
    zones: tuple[ZoneName, ...]
    domains: tuple[HostnameSettings, ...]


class Permitted(msgspec.Struct, frozen=True, gc=False):
    """A hostname that the service may have in the zone, unless another has it.

    Attributes:
        region: whose name it leads to; empty for the global one.
        clusters: those whose Services ask for it.
    """

    hostname: DnsName
    region: str
    clusters: tuple[ClusterName, ...]


class Wished(msgspec.Struct, frozen=True, gc=False):
    """What one cluster's Service asks for; the cluster is None for what stays because a cluster cannot be seen."""

    wish: HostnameWish
    cluster: ClusterName | None


def permit(
    key: ServiceKey, wished: Iterable[Wished], regions: Iterable[str], permits: Permits
) -> tuple[tuple[Permitted, ...], tuple[Problem, ...]]:
    """The hostnames that a service may have in the zone, sorted, and what is wrong with the others.

    Args:
        key: the service.
        wished: what its clusters ask for.
        regions: those that it has names in, sorted.
        permits: the rules.
    """
    asked = _asked(wished, tuple(regions))
    permitted: list[Permitted] = []
    problems: list[Problem] = []
    for hostname in sorted(asked):
        zone = _zone(hostname, permits.zones)
        if zone is not None and zone != permits.names.zone:
            continue  # the other zone's own decision tells of it
        objections = list(_objections(key, hostname, permits))
        problems.extend(objections)
        if objections:
            continue
        by_region = asked[hostname]
        region = min(by_region)
        if sum(map(bool, by_region.values())) > 1:
            problems.append(_differ(key, hostname, by_region, region))
        permitted.append(Permitted(hostname, region, tuple(sorted(by_region[region]))))
    return tuple(permitted), tuple(problems)


def _asked(wished: Iterable[Wished], regions: tuple[str, ...]) -> dict[DnsName, dict[str, set[ClusterName]]]:
    """The clusters that ask for each hostname, by the region that they want it to lead to."""
    asked: dict[DnsName, dict[str, set[ClusterName]]] = {}
    for each in wished:
        for hostname, region in each.wish.expanded(regions):
            clusters = asked.setdefault(hostname, {}).setdefault(region, set())
            if each.cluster is not None:
                clusters.add(each.cluster)
    return asked


def _objections(key: ServiceKey, hostname: DnsName, permits: Permits) -> Iterator[Problem]:
    """The one thing that is in the way of a hostname, if any."""
    told = f"{key}: hostname {hostname}"
    if not is_hostname(hostname):
        yield Problem("InvalidHostname", f"{told} is too long, or a label of it is, once the region stands in it")
    elif _zone(hostname, permits.zones) is None:
        yield Problem("HostnameInNoZone", f"{told} is in no zone that is written: {', '.join(permits.zones)}")
    elif _is_federations(hostname, permits.names):
        yield Problem("HostnameReserved", f"{told} is among the names that federation {permits.names.federation} makes")
    elif not any(_allows(entry, key.namespace, hostname) for entry in permits.domains):
        domain = (_zone(hostname, permits.zones) or hostname).removesuffix(".")
        needed = f"{{domain: {domain}, namespaces: [{key.namespace}]}}"
        text = f"is not allowed to namespace {key.namespace}; an entry {needed} under `hostnames` would allow it"
        yield Problem("HostnameNotAllowed", f"{told} {text}")


def _zone(hostname: DnsName, zones: Iterable[ZoneName]) -> ZoneName | None:
    return max((zone for zone in zones if is_within(hostname, zone)), key=len, default=None)


def _is_federations(hostname: DnsName, names: Names) -> bool:
    """Whether a hostname lies where the federation's own names, or their claim, are."""
    labels = hostname.removesuffix(names.zone).split(".")
    return any(pair == (names.federation, "svc") for pair in pairwise(labels))


def _allows(entry: HostnameSettings, namespace: str, hostname: DnsName) -> bool:
    is_theirs = any(fnmatchcase(namespace, pattern) for pattern in entry.namespaces)
    return is_theirs and is_within(hostname, absolute(entry.domain))


def _differ(key: ServiceKey, hostname: DnsName, by_region: Mapping[str, set[ClusterName]], chosen: str) -> Problem:
    told = ", ".join(
        f"{called(region)} ({', '.join(sorted(clusters)) or 'as before'})"
        for region, clusters in sorted(by_region.items())
    )
    return Problem("HostnamesDiffer", f"{key}: hostname {hostname} is to lead to {told}; it leads to {called(chosen)}")


def called(region: str) -> str:
    """The name of a service that a hostname leads to, for people; `region` is empty for the global one."""
    return f"the name in region {region}" if region else "the global name"
