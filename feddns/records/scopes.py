"""The answer of every scope of one service: addresses of its healthy shards, or a CNAME to the next scope up."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from feddns.config.settings import DnsSettings
from feddns.model.decisions import ScopeDecision
from feddns.model.records import AAAA, ALIAS, ALIAS_TTL_S, CNAME, A, DnsName, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import Scope
from feddns.model.verdicts import Verdict
from feddns.naming import Names
from feddns.records.cap import cap_values
from feddns.records.leftovers import Leftover
from feddns.records.reasons import contributes


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
    concerned: dict[Scope, list[Verdict]] = {scope: [] for scope in service.leftovers}
    for verdict in service.verdicts:
        if verdict.shard is not None:
            for scope in verdict.topology.scopes():
                concerned.setdefault(scope, []).append(verdict)
    return tuple([_answer(service, scope, tuple(verdicts)) for scope, verdicts in sorted(concerned.items())])


def _answer(service: Service, scope: Scope, concerned: tuple[Verdict, ...]) -> ScopeDecision:
    name = service.names.name(service.key, scope)
    kept = [verdict for verdict in concerned if contributes(verdict, scope)]
    leftover = service.leftovers.get(scope, _NOTHING)
    records, text = _records(service, scope, name, kept, leftover)
    return ScopeDecision(scope, name, records, concerned, text)


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
    addresses are used, and one of the names only while none has an address.
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
    sixes = {address for address in addresses if ":" in address}
    return tuple(
        [
            RecordSet(name, family, service.ttl_s, cap_values(service.key, values, service.dns.max_values))
            for family, values in ((A, addresses - sixes), (AAAA, sixes))
            if values
        ]
    )


def _address_text(kept: list[Verdict], leftover: Leftover) -> str:
    shards = f"addresses of {len(kept)} shard{'' if len(kept) == 1 else 's'}"
    if not leftover.addresses:
        return shards
    return f"{shards}, and {', '.join(sorted(leftover.addresses))} from before, kept while a cluster cannot be seen"
