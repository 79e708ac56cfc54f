"""One host name asked of the system's resolvers: both address families, what came and for how long it holds."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
import msgspec

from feddns.clusters.publishable import is_publishable
from feddns.model.records import AAAA, ADDRESS_TYPES, A

LIFETIME_S: Final = 5.0
"""How long one question may take, all name servers and repetitions included."""

_FAMILIES: Final = {A: dns.rdatatype.A, AAAA: dns.rdatatype.AAAA}


class FamilyFound(msgspec.Struct, frozen=True, gc=False):
    """What one address family of a host name gave.

    Attributes:
        addresses: in canonical form, sorted; None where the question was not answered.
        ttl_s: seconds that the answer holds, the shortest along its chain of CNAMEs.
        trouble: why there is no answer, or what was wrong with it; empty where all is well.
    """

    addresses: tuple[str, ...] | None
    ttl_s: float = 0.0
    trouble: str = ""


Found = dict[str, FamilyFound]
"""By record type, `A` and `AAAA`."""

Lookup = Callable[[str], Awaitable[Found]]
"""Asks for one absolute host name; never raises for what the network or a server does."""


def system_lookup(resolver: dns.asyncresolver.Resolver | None = None, lifetime_s: float = LIFETIME_S) -> Lookup:
    """The lookup through `resolver`; by default through the name servers of `/etc/resolv.conf`.

    Search domains never apply: a load balancer's host name is a whole one, and must not become another in our domain.
    """

    async def lookup(name: str) -> Found:
        asked = resolver or _system_resolver()
        if asked is None:
            return dict.fromkeys(ADDRESS_TYPES, FamilyFound(None, trouble="/etc/resolv.conf names no name server"))
        families = await asyncio.gather(*(_family(asked, name, kind, lifetime_s) for kind in ADDRESS_TYPES))
        return dict(zip(ADDRESS_TYPES, families, strict=True))

    return lookup


def _system_resolver() -> dns.asyncresolver.Resolver | None:
    try:
        return dns.asyncresolver.get_default_resolver()
    except dns.resolver.NoResolverConfiguration:
        return None


async def _family(resolver: dns.asyncresolver.Resolver, name: str, kind: str, lifetime_s: float) -> FamilyFound:
    try:
        answer = await resolver.resolve(
            name, _FAMILIES[kind], search=False, lifetime=lifetime_s, raise_on_no_answer=False
        )
    except dns.resolver.NXDOMAIN:
        return FamilyFound(None, trouble="there is no such name (NXDOMAIN)")
    except dns.exception.Timeout:
        return FamilyFound(None, trouble=f"no name server answered within {lifetime_s:g} s")
    except dns.resolver.NoNameservers:
        return FamilyFound(None, trouble="every name server failed or refused to answer")
    except (dns.exception.DNSException, OSError) as error:
        return FamilyFound(None, trouble=str(error) or type(error).__name__)
    return _judge([rdata.address for rdata in answer.rrset or ()], answer.chaining_result.minimum_ttl)


def _judge(addresses: list[str], ttl_s: float) -> FamilyFound:
    """Leave out what must not be published: whoever controls the host name could lead clients to their own insides."""
    parsed = [ipaddress.ip_address(address) for address in addresses]
    refused = sorted(str(address) for address in parsed if not is_publishable(address))
    kept = tuple(sorted(str(address) for address in parsed if is_publishable(address)))
    trouble = f"it leads to {', '.join(refused)}, which is never published" if refused else ""
    return FamilyFound(kept, ttl_s, trouble)
