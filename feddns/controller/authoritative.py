"""The authoritative servers of a zone: which there are, and what each answers."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from feddns.clusters.lookup import system_lookup
from feddns.errors import ProviderError
from feddns.model.address import Address, parse_address
from feddns.model.labels import is_within
from feddns.model.records import AAAA, A, DnsName, ZoneName
from feddns.providers.base import Answering, OpenProvider, Serving
from feddns.providers.measured import Calls

_ANSWER_S: Final = 2.0
"""How long one server may take to answer."""

_ROOM: Final = 1_232
"""Octets of an answer that no network fragments (DNS Flag Day 2020)."""

_ANSWERS: Final = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


class Server(NamedTuple):
    """One server.

    Attributes:
        name: what people call it.
        host: its IP address.
        port: where it takes UDP and TCP.
    """

    name: str
    host: str
    port: int


async def servers_of(provider: OpenProvider, calls: Calls, zone: ZoneName, given: Sequence[str]) -> tuple[Server, ...]:
    """The servers that answer for a zone, one address of each; those that cannot be found are left out.

    Args:
        provider: of the zone. One that serves it itself is all there is to be asked; of another one the name servers
            are asked whose names it or its server tells, by the addresses that the system's resolver has for them.
        calls: where what is asked of it is counted.
        zone: the zone's apex.
        given: addresses that a person has given, which are then the only ones.
    """
    if given:
        return tuple(_server(parse_address(text)) for text in given)
    own = await _own(provider)
    if isinstance(provider, Serving):
        return own
    names = await _names_in(zone, own) if own else await _names_told(provider, calls)
    found = await asyncio.gather(*(_resolved(name, zone, own) for name in names))
    servers = {(server.host, server.port): server for server in (*own, *found) if server is not None}
    return tuple(servers.values())


async def ask(server: Server, name: DnsName, type_: str) -> tuple[str, ...] | None:
    """What a server has at a name, in the form of a `RecordSet`'s values; None where it gives no answer of use.

    A server that does not have the zone may point elsewhere with an empty answer (RFC 1034 section 4.3.2), and one that
    remembers may give an old one; so only what is authoritative (AA) tells what the zone has there.
    """
    query = dns.message.make_query(name, type_, use_edns=0, payload=_ROOM)
    query.flags &= ~dns.flags.RD
    try:
        answer, _ = await dns.asyncquery.udp_with_fallback(
            query, server.host, timeout=_ANSWER_S, port=server.port, ignore_unexpected=True
        )
    except (dns.exception.DNSException, OSError, EOFError):
        return None
    if answer.rcode() not in _ANSWERS or not answer.flags & dns.flags.AA:
        return None
    found = answer.get_rrset(answer.answer, dns.name.from_text(name), dns.rdataclass.IN, dns.rdatatype.from_text(type_))
    return tuple(sorted(rdata.to_text().lower() for rdata in found or ()))


async def _own(provider: OpenProvider) -> tuple[Server, ...]:
    """The servers whose addresses the provider knows."""
    addresses = provider.servers if isinstance(provider, Answering) else ()
    found = [await _addressed(parse_address(text)) for text in addresses]
    return tuple(server for server in found if server is not None)


async def _addressed(address: Address) -> Server | None:
    if dns.inet.is_address(address.host):
        return _server(address)
    host = await _first_address(f"{address.host}.", None)
    return None if host is None else Server(address.host, host, address.port)


async def _names_in(zone: ZoneName, own: Iterable[Server]) -> tuple[str, ...]:
    """The names of the zone's name servers, as one of them tells."""
    for server in own:
        names = await ask(server, DnsName(zone), "NS")
        if names:
            return names
    return ()


async def _names_told(provider: OpenProvider, calls: Calls) -> tuple[str, ...]:
    """The same as the provider tells; none of a private zone, which nobody outside of its networks can ask."""
    try:
        with calls.call("zones"):
            zones = await provider.zones()
    except ProviderError:
        return ()
    return next((found.name_servers for found in zones if found.written and not found.private), ())


async def _resolved(name: str, zone: ZoneName, own: Sequence[Server]) -> Server | None:
    """A name server by its name; where that is in the zone, a server of the zone itself knows it best."""
    host = await _first_address(name, own[0] if own and is_within(name, zone) else None)
    return None if host is None else Server(name, host, 53)


async def _first_address(name: str, asked: Server | None) -> str | None:
    """An address of a host, IPv4 before IPv6, which not every pod has a way to."""
    resolver = None
    if asked is not None:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [asked.host], asked.port
    found = await system_lookup(resolver)(name)
    return next((address for family in (A, AAAA) for address in found[family].addresses or ()), None)


def _server(address: Address) -> Server:
    return Server(str(address), address.host, address.port)
