"""The answer of every scope of one service: addresses of its healthy shards, or a CNAME to the next scope up."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from feddns.config.settings import DnsSettings
from feddns.model.decisions import Reason, ScopeDecision
from feddns.model.records import AAAA, ALIAS, ALIAS_TTL_S, CNAME, A, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import Scope
from feddns.model.verdicts import Health, Verdict
from feddns.naming import Names
from feddns.records.cap import cap_values
from feddns.records.leftovers import Leftover


def no_alias(_: DnsName) -> bool:
    """The answer of a provider that has no aliases."""
    return False


_NOTHING: Final = Leftover()


class Service(msgspec.Struct, frozen=True):
    """All that the answers of one service follow from.

    Attributes:
        names: the federation's names.
        dns: the settings of answers.
        ttl_s: the TTL of all the service's names, in seconds.
        verdicts: one for each cluster that has, or may have, the service.
        leftovers: published answers that stay because a cluster cannot be seen.
        can_alias: whether a name can be an alias of a host name.
    """

    key: ServiceKey
    names: Names
    dns: DnsSettings
    ttl_s: int
    verdicts: tuple[Verdict, ...]
    leftovers: Mapping[Scope, Leftover]
    can_alias: Callable[[DnsName], bool] = no_alias


def answer_scopes(service: Service) -> tuple[ScopeDecision, ...]:
    """Decide every scope that the service has a name in, the global one first.

    No name dangles: a scope leads up only while the global scope has an answer, and it has one while any scope has.

    Raises:
        InvalidNameError: a name of the service cannot be written.
    """
    scopes = {scope for verdict in service.verdicts if verdict.shard is not None for scope in verdict.topology.scopes()}
    return tuple(_answer(service, scope) for scope in sorted(scopes | service.leftovers.keys()))


def _answer(service: Service, scope: Scope) -> ScopeDecision:
    name = service.names.name(service.key, scope)
    concerned = [verdict for verdict in service.verdicts if verdict.shard is not None and _stands_in(verdict, scope)]
    kept = [verdict for verdict in concerned if _contributes(verdict, scope)]
    leftover = service.leftovers.get(scope, _NOTHING)
    records, text = _records(service, scope, name, kept, leftover)
    published = {value for record_set in records for value in record_set.values}
    reasons = tuple(_reason(verdict, scope, published) for verdict in concerned)
    return ScopeDecision(scope, name, records, reasons, text)


def _stands_in(verdict: Verdict, scope: Scope) -> bool:
    topology = verdict.topology
    if not scope.region:
        return True
    return topology.region == scope.region and (not scope.zone or scope.zone in topology.zones)


def _contributes(verdict: Verdict, scope: Scope) -> bool:
    return bool(verdict.addresses or verdict.hostnames) and (not scope.zone or scope.zone in verdict.zones)


def _records(
    service: Service, scope: Scope, name: DnsName, kept: list[Verdict], leftover: Leftover
) -> tuple[tuple[RecordSet, ...], str]:
    addresses = leftover.addresses.union(*(verdict.addresses for verdict in kept))
    hostname = _hostname(service, kept, leftover, addresses)
    if hostname:
        return (_leading_to(service, name, hostname),), "the load balancer here has a host name"
    if addresses:
        return _address_sets(service, name, addresses), _address_text(kept, leftover)
    if scope.parent is None:
        return (), "no healthy shard in any cluster"
    up = service.names.name(service.key, scope.parent)
    return (RecordSet(name, CNAME, service.ttl_s, (up,)),), f"no healthy shard in {scope}: leads to {scope.parent}"


def _hostname(service: Service, kept: list[Verdict], leftover: Leftover, addresses: frozenset[str]) -> str:
    """The host name that the scope leads to by CNAME or ALIAS, or empty.

    One that stands alone goes before the addresses that it resolves to; of several, which no CNAME can hold, the
    addresses are
    used, and one of the names only while none has an address.
    """
    mode = service.dns.load_balancer_hostnames
    hostnames, direct = leftover.hostnames, addresses
    if mode != "resolve":
        every = hostnames.union(*(verdict.hostnames for verdict in kept))
        if mode == "cname" or (len(every) == 1 and _can_alias(service, *every)):
            hostnames = every
            direct = leftover.addresses.union(
                *(verdict.shard.addresses for verdict in kept if verdict.shard is not None)
            )
    alone = len(hostnames) == 1 and not direct
    if hostnames and (alone or not addresses):
        return cap_values(service.key, set(hostnames), 1)[0]
    return ""


def _can_alias(service: Service, hostname: str) -> bool:
    return service.dns.load_balancer_hostnames == "alias" and service.can_alias(DnsName(hostname))


def _leading_to(service: Service, name: DnsName, hostname: str) -> RecordSet:
    if _can_alias(service, hostname):
        return RecordSet(name, ALIAS, ALIAS_TTL_S, (hostname,))
    return RecordSet(name, CNAME, service.ttl_s, (hostname,))


def _address_sets(service: Service, name: DnsName, addresses: frozenset[str]) -> tuple[RecordSet, ...]:
    families = (
        (A, {address for address in addresses if ":" not in address}),
        (AAAA, {address for address in addresses if ":" in address}),
    )
    return tuple(
        RecordSet(name, family, service.ttl_s, cap_values(service.key, values, service.dns.max_values))
        for family, values in families
        if values
    )


def _address_text(kept: list[Verdict], leftover: Leftover) -> str:
    shards = f"addresses of {len(kept)} shard{'' if len(kept) == 1 else 's'}"
    if not leftover.addresses:
        return shards
    return f"{shards}, and {', '.join(sorted(leftover.addresses))} from before, kept while a cluster cannot be seen"


def _reason(verdict: Verdict, scope: Scope, published: set[str]) -> Reason:
    if not _contributes(verdict, scope):
        if verdict.addresses or verdict.hostnames:
            return Reason(verdict.cluster, kept=False, text=f"no ready endpoint in {scope.zone}")
        return Reason(verdict.cluster, kept=False, text=_why_nothing(verdict))
    if not published.intersection(verdict.addresses) and not published.intersection(verdict.hostnames):
        text = "its addresses are beyond the cap of values" if verdict.addresses else "no address known yet"
        return Reason(verdict.cluster, kept=False, text=text)
    if verdict.health is Health.UNKNOWN:
        return Reason(verdict.cluster, kept=True, text="cannot be seen: its last answer stays")
    return Reason(verdict.cluster, kept=True, text="healthy")


def _why_nothing(verdict: Verdict) -> str:
    if verdict.health is Health.UNKNOWN:
        return "cannot be seen, and had no healthy endpoints before"
    return "; ".join(f"{piece.source}: {piece.text}" for piece in verdict.evidence)
