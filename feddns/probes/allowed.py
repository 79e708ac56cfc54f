"""Which addresses may be probed: a Service's status must not make feddns ask what only its own machine may ask.

Whoever may write the status of a Service, or the zone of a load balancer's host name, chooses the addresses that are
probed. A cloud's metadata service gives out credentials to whom it takes for the machine (CWE-918).
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NEVER: Final[tuple[tuple[str, str], ...]] = (
    ("0.0.0.0/8", "an unspecified address"),  # RFC 1122 section 3.2.1.3; Linux connects to itself
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address, where clouds have their metadata services"),  # RFC 3927
    ("192.0.0.0/24", "an address for protocols alone"),  # RFC 6890; Oracle Cloud Classic's metadata: 192.0.0.192
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),  # RFC 1112 section 4, and broadcast
    ("100.100.100.200/32", "Alibaba Cloud's metadata service"),
    ("168.63.129.16/32", "Azure's platform address"),
    ("::/128", "an unspecified address"),
    ("::1/128", "a loopback address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a site-local address, which RFC 3879 has abolished"),
    ("ff00::/8", "a multicast address"),
    ("64:ff9b:1::/48", "an address of local translation, whose IPv4 address cannot be told"),  # RFC 8215
    ("2001::/32", "a Teredo address"),  # RFC 4380: it leads to an IPv4 address that it hides
    ("fd00:ec2::/32", "an address of AWS's platform"),  # metadata, time, DNS and EKS Pod Identity
    ("fd20:ce::254/128", "Google Cloud's metadata service"),
    ("fd00:c1::a9fe:a9fe/128", "Oracle Cloud's metadata service"),
    ("fd00:42::42/128", "Scaleway's metadata service"),
    ("fd00:a9fe:a9fe::1/128", "Akamai's metadata service"),
    ("fd00:100::100:200/128", "Alibaba Cloud's metadata service"),
)
_REFUSED: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ipaddress.ip_network(network), what) for network, what in _NEVER
)

_EMBEDDING: Final[tuple[tuple[Network, int], ...]] = tuple(
    (ipaddress.ip_network(network), octet)
    for network, octet in (
        ("::ffff:0:0/96", 12),  # IPv4-mapped, RFC 4291 section 2.5.5.2
        ("::/96", 12),  # IPv4-compatible, section 2.5.5.1
        ("::ffff:0:0:0/96", 12),  # IPv4-translated, RFC 2765 section 2.1
        ("64:ff9b::/96", 12),  # NAT64, RFC 6052 section 2.1
        ("2002::/16", 2),  # 6to4, RFC 3056 section 2
    )
)
"""Networks of IPv6 addresses that lead to an IPv4 address, and the octet where that begins."""


class Allowed:
    """Tells which addresses may be probed: all that can be a load balancer's, those of RFC 1918 and RFC 4193 included.

    Args:
        allow: networks that may be probed whatever they are.
    """

    def __init__(self, allow: Sequence[Network] = ()) -> None:
        self._allow = tuple(allow)

    def objection(self, address: str) -> str:
        """Why an address may not be probed, for people; empty where it may."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return "it is no IP address"
        if any(parsed in network for network in self._allow):
            return ""
        for leads_to in (parsed, *_embedded(parsed)):
            for network, what in _REFUSED:
                if leads_to in network:
                    return f"it {'is' if leads_to is parsed else f'leads to {leads_to},'} {what}"
        return ""


def _embedded(address: Address) -> Iterator[Address]:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    for network, octet in _EMBEDDING:
        if address in network:
            yield ipaddress.IPv4Address(address.packed[octet : octet + 4])
