"""Which addresses may stand in an answer: those that lead clients somewhere else than into their own insides."""

import ipaddress
from typing import Final

_METADATA: Final = frozenset({"fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16"})
"""Clouds' metadata services that are not at link-local addresses: AWS and Google by IPv6, Alibaba, Azure."""


def is_publishable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address may be one of a load balancer: not loopback, link-local (metadata services), multicast...

    Private addresses (RFC 1918, RFC 4193) are those of internal load balancers, so they may.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return False  # an IPv4 address in disguise, which would pass the questions below
    if str(address) in _METADATA:
        return False
    this_network = address.version == 4 and address.packed[0] in {0, 255}  # RFC 1122 section 3.2.1.3, RFC 919
    return not (
        address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified or this_network
    )
