"""What types cannot say: names that are no DNS names, settings that exclude each other, references to nothing."""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from feddns.config.docstrings import attributes
from feddns.config.durations import format_duration
from feddns.config.health import HealthSettings
from feddns.config.host import HostObject, LeaderElectionSettings
from feddns.config.lines import Document, Fault, Path, dotted
from feddns.config.probing import probe_contradictions
from feddns.config.selector import parse_selector
from feddns.config.settings import (
    ClusterSettings,
    DnsSettings,
    NamespaceSettings,
    Settings,
    TargetSettings,
    WatchSettings,
)
from feddns.config.targets import called
from feddns.config.words import shown, unknown
from feddns.model.address import parse_address
from feddns.model.endpoint import Endpoint
from feddns.model.labels import NAME_OCTETS, absolute, is_label, is_within, is_zone_name
from feddns.model.printable import printable

_LABEL_RULE: Final = "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end (RFC 1123)"


def contradictions(settings: Settings, document: Document, providers: Collection[str]) -> Iterator[Fault]:
    """Everything that is wrong with settings whose every value is of the right type."""
    yield from _label(settings.federation, ("federation",))
    yield from _targets(settings, document, providers)
    yield from _watch(settings.watch)
    yield from _visible(settings)
    yield from _selector(settings.services.selector)
    yield from _namespaces(settings.services.namespaces)
    yield from _hostnames(settings)
    yield from _health(settings.health)
    if settings.state.config_map is not None and "file" in document.at(("state",)):
        yield Fault(("state", "file"), "state has file and configMap; keep one of them")
    yield from _host(settings.state.config_map, ("state", "configMap"))
    yield from _host(settings.cluster_secrets, ("clusterSecrets",))
    yield from _election(settings.leader_election, ("leaderElection",))
    yield from _listen(settings.web.listen, ("web", "listen"))
    if not settings.clusters and settings.cluster_secrets is None:
        text = "clusters is empty; a federation needs at least one cluster, or clusterSecrets to find them in"
        yield Fault(("clusters",), text)
    for place, cluster in enumerate(settings.clusters):
        yield from _source(cluster, ("clusters", place))
        yield from _topology(cluster, ("clusters", place))
    yield from _names(settings.clusters, document)


def _label(text: str, path: Path) -> Iterator[Fault]:
    if not is_label(text):
        folded = text.lower()
        guess = f'; "{folded}" would do' if is_label(folded) else ""
        yield Fault(path, f"{dotted(path)} must be a DNS label, not {shown(text)}: {_LABEL_RULE}{guess}")


def _targets(settings: Settings, document: Document, providers: Collection[str]) -> Iterator[Fault]:
    dns, given = settings.dns, document.at(("dns",)) or {}  # no dict where all of it is a comment
    if not dns.targets:
        yield from _one_target(dns, given, settings.federation, providers)
        return
    for key in ("zone", "provider"):
        if key in given:
            yield Fault(("dns", key), f"dns has both {key} and targets; move the {key} into one of the targets")
    for place, target in enumerate(dns.targets):
        path: Path = ("dns", "targets", place)
        yield from _zone(target.zone, (*path, "zone"), settings.federation)
        yield from _provider(target.provider, (*path, "provider"), providers)
    yield from _target_names(dns.targets, document)


def _one_target(dns: DnsSettings, given: Any, federation: str, providers: Collection[str]) -> Iterator[Fault]:
    meanings = attributes(DnsSettings)
    for key in ("zone", "provider"):
        if key not in given:
            yield Fault(("dns",), f"dns.{key} is missing: {meanings[key]}")
    if "zone" in given:
        yield from _zone(dns.zone, ("dns", "zone"), federation)
    if "provider" in given:
        yield from _provider(dns.provider, ("dns", "provider"), providers)


def _target_names(targets: Sequence[TargetSettings], document: Document) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, target in enumerate(targets):
        name = called(target.name, target.zone)
        if name in first:
            line = document.line(("dns", "targets", first[name]))
            text = f"the target on line {line} is called {shown(name)} too; give each its own name"
            yield Fault(("dns", "targets", place), text)
        first.setdefault(name, place)


def _zone(zone: str, path: Path, federation: str) -> Iterator[Fault]:
    faults = [*_dns_name(zone, path)]
    yield from faults
    if not faults and len(f"_feddns.{federation}.svc.{zone.removesuffix('.')}") > NAME_OCTETS:
        text = f"is so long that no name of the federation fits into {NAME_OCTETS} characters"
        yield Fault(path, f"{dotted(path)} {text}")


def _dns_name(text: str, path: Path) -> Iterator[Fault]:
    if not text.isascii():
        yield Fault(path, f"{dotted(path)} must be in ASCII, not {shown(text)}{_punycode(text)}")
    elif not is_zone_name(text.lower()):
        yield Fault(path, f"{dotted(path)} must be a DNS name such as example.com, not {shown(text)}")


def _punycode(zone: str) -> str:
    try:
        return f": write {zone.lower().encode('idna').decode()} (RFC 5891)"
    except UnicodeError:
        return ": write international labels in their xn-- form (RFC 5891)"


def _provider(provider: Collection[str], path: Path, providers: Collection[str]) -> Iterator[Fault]:
    if len(provider) != 1:
        found = printable(", ".join(provider)) or "none"
        choices = ", ".join(sorted(providers))
        text = f"must have exactly one key, the provider's name, not {found}; there are: {choices}"
        yield Fault(path, f"{dotted(path)} {text}")
    for name in provider:
        if name not in providers:
            yield Fault((*path, name), unknown(f"provider {shown(name)}", name, providers))


def _watch(watch: WatchSettings) -> Iterator[Fault]:
    least = watch.silence + watch.connect_timeout
    if watch.lost_after <= least:
        text = (
            f"watch.lostAfter must be longer than silence and connectTimeout together ({format_duration(least)}), not "
            f"{format_duration(watch.lost_after)}: a quiet cluster would be lost before its watch is opened again"
        )
        yield Fault(("watch", "lostAfter"), text)


def _visible(settings: Settings) -> Iterator[Fault]:
    names = [called(target.name, target.zone) for target in settings.dns.targets] or [called("", settings.dns.zone)]
    for place, servers in enumerate(settings.write.visible.servers):
        path: Path = ("write", "visible", "servers", place)
        if servers.target and servers.target not in names:
            yield Fault((*path, "target"), unknown(f"target {shown(servers.target)}", servers.target, names))
        for number, text in enumerate(servers.addresses):
            where = (*path, "addresses", number)
            if not _is_ip_address(text):
                rule = "must be an IP address, with or without a port"
                yield Fault(where, f"{dotted(where)} {rule}, not {shown(text)}")


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(parse_address(text).host)
    except ValueError:
        return False
    return True


def _health(health: HealthSettings) -> Iterator[Fault]:
    if health.probe is not None:
        yield from probe_contradictions(health.probe, ("health", "probe"))
    for place, text in enumerate(health.probing.allow):
        yield from _network(text, ("health", "probing", "allow", place))
    if health.hold_down > health.longest_hold_down:
        text = (
            f"health.holdDown must not be longer than longestHoldDown ({format_duration(health.longest_hold_down)}), "
            f"not {format_duration(health.hold_down)}"
        )
        yield Fault(("health", "holdDown"), text)


def _network(text: str, path: Path) -> Iterator[Fault]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        yield Fault(path, f"{dotted(path)} must be a network such as 10.0.0.0/8 or 2001:db8::/32, not {shown(text)}")
        return
    if "/" in text and str(network.network_address) != str(ipaddress.ip_interface(text).ip):
        yield Fault(path, f"{dotted(path)} is {shown(text)}, which has bits set behind its mask; write {network}")


def _host(given: HostObject | None, path: Path) -> Iterator[Fault]:
    if given is None:
        return
    yield from _label(given.namespace, (*path, "namespace"))
    if given.context is not None and given.kubeconfig is None:
        yield Fault((*path, "context"), f"{dotted(path)} has a context, but no kubeconfig to find it in")


def _election(election: LeaderElectionSettings | None, path: Path) -> Iterator[Fault]:
    if election is None:
        return
    yield from _host(election, path)
    spans = {
        "leaseDuration": election.lease_duration,
        "renewDeadline": election.renew_deadline,
        "retryPeriod": election.retry_period,
    }
    for (longer, long_s), (shorter, short_s) in pairwise(spans.items()):
        if short_s >= long_s:
            text = (
                f"{dotted((*path, shorter))} must be less than {longer} ({format_duration(long_s)}), "
                f"not {format_duration(short_s)}"
            )
            yield Fault((*path, shorter), text)


def _selector(text: str) -> Iterator[Fault]:
    try:
        parse_selector(text)
    except ValueError as error:
        yield Fault(("services", "selector"), f"services.selector: {error}")


def _listen(text: str | None, path: Path) -> Iterator[Fault]:
    try:
        if text is not None:
            Endpoint.parse(text)
    except ValueError as error:
        yield Fault(path, f"{dotted(path)}: {error}")


def _namespaces(namespaces: NamespaceSettings) -> Iterator[Fault]:
    for place, name in enumerate(namespaces.exclude):
        if name in namespaces.include:
            path = ("services", "namespaces", "exclude", place)
            yield Fault(path, f'namespace "{name}" is both included and excluded; leave it out of one of the lists')


def _hostnames(settings: Settings) -> Iterator[Fault]:
    dns = settings.dns
    zones = [absolute(zone) for zone in (dns.zone, *(target.zone for target in dns.targets)) if zone]
    for place, entry in enumerate(settings.hostnames):
        path: Path = ("hostnames", place)
        faults = [*_dns_name(entry.domain, (*path, "domain"))]
        yield from faults
        domain = absolute(entry.domain)
        if not faults and zones and not any(is_within(domain, zone) or is_within(zone, domain) for zone in zones):
            text = f"{dotted((*path, 'domain'))} is {shown(entry.domain)}, which is in no zone that is written"
            yield Fault((*path, "domain"), f"{text}: {', '.join(zone.removesuffix('.') for zone in zones)}")
        if not entry.namespaces:
            text = f'{dotted((*path, "namespaces"))} is empty; name the namespaces, or "*" for all'
            yield Fault((*path, "namespaces"), text)


def _source(cluster: ClusterSettings, path: Path) -> Iterator[Fault]:
    given = {
        "kubeconfig": cluster.kubeconfig is not None,
        "inCluster": cluster.in_cluster,
        "manifests": cluster.manifests is not None,
    }
    used = [key for key, is_used in given.items() if is_used]
    name = shown(cluster.name)
    if not used:
        yield Fault(path, f"cluster {name} needs one of kubeconfig, inCluster: true or manifests")
    elif len(used) > 1:
        yield Fault((*path, used[1]), f"cluster {name} has {' and '.join(used)}; keep one of them")
    if cluster.context is not None and cluster.kubeconfig is None:
        yield Fault((*path, "context"), f"cluster {name} has a context, but no kubeconfig to find it in")


def _topology(cluster: ClusterSettings, path: Path) -> Iterator[Fault]:
    if cluster.region is not None:
        yield from _label(cluster.region, (*path, "region"))
    elif cluster.zones:
        text = f"cluster {shown(cluster.name)} has zones, but no region; a zone's name stands below its region's"
        yield Fault((*path, "zones"), text)
    zones = cluster.zones or ()
    for place, zone in enumerate(zones):
        yield from _label(zone, (*path, "zones", place))
        if zone in zones[:place]:
            yield Fault((*path, "zones", place), f"zone {shown(zone)} stands twice")


def _names(clusters: Sequence[ClusterSettings], document: Document) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, cluster in enumerate(clusters):
        if cluster.name in first:
            line = document.line(("clusters", first[cluster.name], "name"))
            text = f"cluster name {shown(cluster.name)} is taken by the cluster on line {line}; each needs its own"
            yield Fault(("clusters", place, "name"), text)
        first.setdefault(cluster.name, place)
