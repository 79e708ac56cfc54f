"""Whether the world is led to the servers that a provider says answer for a zone."""

import asyncio
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import msgspec

from feddns.model.endpoint import Endpoint
from feddns.model.zones import HostedZone

_PATIENCE_S: Final = 2.0
"""How long one name server is waited for."""
_DNS_PORT: Final = 53
_PARENTS: Final = 3
"""So many of the parent's servers are asked at most."""

Verdict = Literal["delegated", "partly", "not delegated", "unknown", "not checked"]


class _Useless(Exception):
    """An answer that tells nothing of the zone."""


class Delegation(msgspec.Struct, frozen=True):
    """What a resolver finds.

    Attributes:
        found: the zone's name servers as it finds them, absolute, sorted.
        text: what the verdict rests on, for people.
    """

    verdict: Verdict
    text: str
    found: tuple[str, ...] = ()


def parse_resolver(text: str) -> Endpoint:
    """Read `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`.

    Raises:
        ValueError: it is none.
    """
    try:
        return Endpoint(str(ipaddress.ip_address(text.strip("[]"))), _DNS_PORT)
    except ValueError:
        return Endpoint.parse(text)


def system_resolvers() -> tuple[Endpoint, ...]:
    """The name servers of `/etc/resolv.conf`; none where it names none or is not there."""
    try:
        found = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return ()
    return tuple(Endpoint(address, _DNS_PORT) for address in found if isinstance(address, str))


async def check(
    zones: Sequence[HostedZone], resolvers: Sequence[Endpoint], port: int = _DNS_PORT
) -> tuple[Delegation, ...]:
    """The delegation of each zone, in their order.

    The parent zone's own servers are asked, since what a resolver knows of a zone's name servers is what the zone says
    of itself; where none of them answers, as behind a firewall, what the resolver knows counts.

    Args:
        zones: as a provider lists them.
        resolvers: asked one after another until one answers. One that is authoritative for the parent is as good: then
            its referral counts.
        port: of the parent's servers.
    """
    return tuple(await asyncio.gather(*(_check(zone, resolvers, port) for zone in zones)))


async def _check(zone: HostedZone, resolvers: Iterable[Endpoint], port: int) -> Delegation:
    if zone.private:
        return Delegation("not checked", "a private zone has no delegation")
    failures: list[str] = []
    for resolver in resolvers:
        try:
            found = await _name_servers(zone.name, resolver)
            told = await asyncio.gather(
                *(_referral(zone.name, server) for server in await _parents(zone.name, resolver, port))
            )
        except (_Useless, dns.exception.DNSException, OSError) as error:
            failures.append(f"{resolver}: {str(error) or type(error).__name__}")
        else:
            return _judge(zone, next((servers for servers in told if servers is not None), found))
    return Delegation("unknown", f"no resolver answered ({'; '.join(failures) or 'there is none'})")


async def _referral(zone: str, server: Endpoint) -> tuple[str, ...] | None:
    """What one of the parent's servers has; None where it does not tell."""
    try:
        return await _name_servers(zone, server)
    except (_Useless, dns.exception.DNSException, OSError):
        return None


async def _parents(zone: str, resolver: Endpoint, port: int) -> list[Endpoint]:
    """Servers of the zone around a zone, as far as the resolver knows them."""
    name = dns.name.from_text(zone)
    try:
        while name != dns.name.root:
            name = name.parent()
            servers = await _answer(name, dns.rdatatype.NS, resolver)
            if servers:
                asked = [
                    _answer(dns.name.from_text(server), dns.rdatatype.A, resolver) for server in servers[:_PARENTS]
                ]
                return [Endpoint(address, port) for found in await asyncio.gather(*asked) for address in found]
    except (dns.exception.DNSException, OSError):
        return []
    return []


async def _answer(name: dns.name.Name, kind: dns.rdatatype.RdataType, resolver: Endpoint) -> list[str]:
    """The data of the records that a resolver answers with."""
    query = dns.message.make_query(name, kind)
    answer, _ = await dns.asyncquery.udp_with_fallback(query, resolver.host, timeout=_PATIENCE_S, port=resolver.port)
    return [
        record.to_text()
        for record_set in answer.answer
        if record_set.name == name and record_set.rdtype == kind
        for record in record_set
    ]


async def _name_servers(zone: str, resolver: Endpoint) -> tuple[str, ...]:
    """The NS records of a zone, of the answer or else of a referral to it; none where it is not there.

    Raises:
        _Useless: the answer tells nothing.
        dns.exception.DNSException: there is no answer, or none that can be read.
        OSError: the resolver cannot be reached.
    """
    query = dns.message.make_query(zone, dns.rdatatype.NS)
    answer, _ = await dns.asyncquery.udp_with_fallback(query, resolver.host, timeout=_PATIENCE_S, port=resolver.port)
    if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise _Useless(f"{dns.rcode.to_text(answer.rcode())} for {zone} NS")
    name = dns.name.from_text(zone)
    servers = (
        record.to_text().lower()
        for record_sets in (answer.answer, answer.authority)
        for record_set in record_sets
        if record_set.name == name and record_set.rdtype == dns.rdatatype.NS
        for record in record_set
    )
    return tuple(sorted(set(servers)))


def _judge(zone: HostedZone, found: tuple[str, ...]) -> Delegation:
    ours, theirs = set(zone.name_servers), set(found)
    if not theirs:
        return Delegation("not delegated", "the parent has no NS records for it")
    there = ", ".join(found)
    if not ours:
        return Delegation("unknown", f"the provider does not say which servers it has; the parent has {there}", found)
    if ours == theirs:
        return Delegation("delegated", f"to {there}", found)
    if ours & theirs:
        missing, foreign = ", ".join(sorted(ours - theirs)), ", ".join(sorted(theirs - ours))
        parts = (f"{missing} missing" * bool(missing), f"{foreign} not the provider's" * bool(foreign))
        return Delegation("partly", f"the parent has {there}: {'; '.join(filter(None, parts))}", found)
    return Delegation("not delegated", f"the parent has {there}", found)
