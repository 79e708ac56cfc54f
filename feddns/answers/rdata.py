"""Record sets on the wire: a record's data from its presentation form (RFC 1035 section 5.1) to octets."""

import functools
import ipaddress
import struct
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from feddns.answers.names import encode_name
from feddns.errors import Rejected
from feddns.model.records import RecordSet

A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
PTR: Final = 12
TXT: Final = 16
AAAA: Final = 28
OPT: Final = 41
IXFR: Final = 251
AXFR: Final = 252
ANY: Final = 255
IN: Final = 1

LONGEST_TTL: Final = 2**31 - 1
"""RFC 2181 section 8."""
LARGEST_SET: Final = 32_768
"""Octets of one record set in a message: half of what TCP takes, as more of an answer or a transfer is beside."""
_HEAD: Final = 12
"""Octets of a record before its data: a pointer to its name, type, class, TTL and length (RFC 1035 section 4.1.3)."""
LONGEST_STRING: Final = 255

UNSUPPORTED: Final = frozenset(
    {"SOA", "NS", "DNAME", "DS", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "OPT", "TSIG", "ANY"}
)
"""Types that change what a server must do with a zone (delegations, renamed subtrees, signatures), or that none has."""

_NAMES: Final = frozenset({NS, CNAME, PTR})
"""Types whose data are one name, which may be compressed (RFC 3597 section 4)."""


class Rdata(msgspec.Struct, frozen=True, gc=False):
    """One record's data.

    Attributes:
        names: names in front that may be compressed.
        octets: what follows them.
    """

    names: tuple[bytes, ...]
    octets: bytes


class RRset(msgspec.Struct, frozen=True, gc=False):
    """All records of one name and type, ready to be put into messages.

    Attributes:
        type: the type's number.
        ttl: in seconds.
        rdatas: each record's data.
    """

    type: int
    ttl: int
    rdatas: tuple[Rdata, ...]


def encode_set(record_set: RecordSet) -> RRset:
    """A record set as it goes on the wire.

    Raises:
        Rejected: it cannot be served; says why.
    """
    try:
        return _encode_set(record_set)
    except ValueError as error:
        text = f"{record_set.name} {record_set.type} cannot be served: {error}"
        raise Rejected(text, frozenset({record_set.name})) from error


def name_set(type_: int, ttl: int, names: Iterable[bytes]) -> RRset:
    """A record set whose data are names, such as NS."""
    return RRset(type_, ttl, tuple(Rdata((name,), b"") for name in names))


def soa_set(ttl: int, primary: bytes, hostmaster: bytes, serial: int, negative_ttl_s: int) -> RRset:
    """An SOA record (RFC 1035 section 3.3.13).

    Secondaries get no NOTIFY, so they ask every few minutes; without an answer they go on for a week.
    """
    times = struct.pack("!5I", serial, 300, 60, 604_800, negative_ttl_s)
    return RRset(SOA, ttl, (Rdata((primary, hostmaster), times),))


def type_number(mnemonic: str) -> int:
    """The number of a type's mnemonic, `TYPE65280` included.

    Raises:
        ValueError: there is no such type.
    """
    known = _COMMON.get(mnemonic)
    return known[0] if known else _uncommon_number(mnemonic)


def _encode_set(record_set: RecordSet) -> RRset:
    if record_set.type in UNSUPPORTED:
        raise ValueError("the embedded server has no records of this type besides its own")
    if not 0 <= record_set.ttl <= LONGEST_TTL:
        raise ValueError(f"its TTL is {record_set.ttl}, but a TTL has 31 bits")
    if not record_set.values or (record_set.type == "CNAME" and len(record_set.values) > 1):
        raise ValueError(f"it has {len(record_set.values)} values")
    number = type_number(record_set.type)
    encode = _COMMON[record_set.type][1] if record_set.type in _COMMON else functools.partial(_uncommon, number)
    rdatas = tuple(map(encode, record_set.values))
    if sum(map(len, rdatas)) + _HEAD * len(rdatas) > LARGEST_SET:
        raise ValueError(f"its {len(rdatas)} records are larger than {LARGEST_SET} octets")
    return RRset(
        number,
        record_set.ttl,
        tuple([Rdata((rdata,), b"") if number in _NAMES else Rdata((), rdata) for rdata in rdatas]),
    )


@functools.lru_cache(maxsize=1024)  # one load balancer stands in the sets of three scopes
def _address4(text: str) -> bytes:
    return ipaddress.IPv4Address(text).packed


@functools.lru_cache(maxsize=1024)
def _address6(text: str) -> bytes:
    return ipaddress.IPv6Address(text).packed


def _texts(text: str) -> bytes:
    if text.startswith('"') or "\\" in text:
        return _uncommon(TXT, text if text.startswith('"') else f'"{text}"')
    octets = text.encode()
    # A text longer than one string is told as several, which readers put together again (RFC 7208 section 3.3).
    strings = [octets[at : at + LONGEST_STRING] for at in range(0, len(octets) or 1, LONGEST_STRING)]
    return b"".join([bytes((len(string),)) + string for string in strings])


_COMMON: Final[dict[str, tuple[int, Callable[[str], bytes]]]] = {
    "A": (A, _address4),
    "AAAA": (AAAA, _address6),
    "CNAME": (CNAME, encode_name),
    "TXT": (TXT, _texts),
}


def _uncommon_number(mnemonic: str) -> int:
    import dns.exception  # noqa: PLC0415 - a third of the start-up time, and only zones with unusual types need it
    import dns.rdatatype  # noqa: PLC0415 - likewise

    try:
        number = int(dns.rdatatype.from_text(mnemonic))
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f'"{mnemonic}" is no type') from error
    if number == 0 or 128 <= number <= 255 or dns.rdatatype.to_text(dns.rdatatype.RdataType(number)) in UNSUPPORTED:
        raise ValueError("records of this type do not stand in a zone")
    return number


def _uncommon(number: int, text: str) -> bytes:
    import dns.exception  # noqa: PLC0415 - as above
    import dns.rdata  # noqa: PLC0415 - as above
    import dns.rdatatype  # noqa: PLC0415 - as above

    try:
        rdata = dns.rdata.from_text("IN", dns.rdatatype.RdataType(number), text, relativize=False)
        return rdata.to_wire() or b""
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise ValueError(f'"{text}" is no data of this type: {error}') from error
