"""Record sets in one canonical form, so that two that mean the same are equal."""

from typing import Final, NewType

import msgspec

DnsName = NewType("DnsName", str)
"""An absolute domain name: lower case, with the final dot, without escapes where ASCII needs none."""

ZoneName = NewType("ZoneName", str)
"""The apex of a DNS zone, in the form of a DnsName."""

A: Final = "A"
AAAA: Final = "AAAA"
CNAME: Final = "CNAME"
TXT: Final = "TXT"

ALIAS: Final = "ALIAS"
"""Not a type of DNS: a name that some providers answer with the addresses that its one value, a host name, has at the
time. It holds the place of the name's A and AAAA, and may stand at a zone's apex."""

ALIAS_TTL_S: Final = 60
"""The TTL of every ALIAS: providers give the answers the host name's own, and so take none."""

ADDRESS_TYPES: Final = (A, AAAA)
MANAGED_TYPES: Final = frozenset({A, AAAA, CNAME, ALIAS})
"""The types that a service's names may have; sets of any other type are never feddns' own."""


_NO_ADDRESS: Final = "ALIAS "


def is_address(value: str) -> bool:
    """Whether a value of an A or AAAA set is an address.

    Providers tell of an alias that is not of the form that feddns makes as a value of the type that it answers for:
    `ALIAS` and where it leads. Such a set can be replaced and deleted, and nothing in it is worth keeping.
    """
    return not value.startswith(_NO_ADDRESS)


class RecordSet(msgspec.Struct, frozen=True, order=True, gc=False):
    """All records of one name and type (RFC 2181 section 5).

    Attributes:
        type: the type's mnemonic, such as `A` (RFC 3597 form `TYPE65280` where it has none).
        ttl: in seconds.
        values: presentation form of each record's data, sorted: addresses canonical (RFC 5952), names absolute and
            lower case; a TXT record's text without quotes where it is one string of printable ASCII without quotes and
            backslashes, and quoted and escaped where it is not. None where a provider keeps something else than plain
            records under the type, such as weighted ones: that is never feddns' own.
    """

    name: DnsName
    type: str
    ttl: int
    values: tuple[str, ...]
