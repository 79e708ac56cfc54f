"""Record data between feddns' canonical text and that of master files, which leave more than one form for the same."""

import ipaddress
import re
from typing import Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.AAAA import AAAA

from feddns.errors import Rejected
from feddns.model.records import RecordSet

_PLAIN: Final = re.compile(r"[ !#-\[\]-~]+")
"""What feddns writes without quotes: one string of printable ASCII without quotes and backslashes."""

_PLAIN_NAME: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+")

_LONGEST_TTL: Final = 2**31 - 1


def value_of(data: dns.rdata.Rdata) -> str:
    """One record's data as feddns has them: the same for all texts that mean the same."""
    if isinstance(data, TXT) and len(data.strings) == 1:
        text = data.strings[0].decode("latin-1")
        if _PLAIN.fullmatch(text):
            return text
    if isinstance(data, AAAA):
        return str(ipaddress.IPv6Address(data.address))
    # The form that DNSSEC signs (RFC 4034 section 6.2) has names inside in lower case.
    canonical = data.to_digestable()
    return dns.rdata.from_wire(data.rdclass, data.rdtype, canonical, 0, len(canonical)).to_text()


def lines_of(record_set: RecordSet) -> list[str]:
    """The lines of a record set in a master file.

    Raises:
        Rejected: it is no plain record set, or its values are no data of its type.
    """
    name, kind, ttl = record_set.name, record_set.type, record_set.ttl
    count = len(record_set.values)
    if not 0 <= ttl <= _LONGEST_TTL or count == 0 or (kind == "CNAME" and count > 1):
        raise Rejected(f"{name} {kind} cannot be written: {count} values with the TTL {ttl}", frozenset({name}))
    try:
        owner = _owner_of(name)
        return [f"{owner} {ttl} IN {kind} {_data_of(kind, value).to_text()}\n" for value in record_set.values]
    except (dns.exception.DNSException, ValueError) as error:
        raise Rejected(f"{name} {kind} cannot be written: {error}", frozenset({name})) from error


def _owner_of(name: str) -> str:
    """A name that stands for itself alone: with a newline or a `$` in it, it could be a line of its own."""
    if not _PLAIN_NAME.fullmatch(name) and dns.name.from_text(name).canonicalize().to_text() != name:
        raise ValueError("the name is not in canonical form")
    return name


def _data_of(kind: str, value: str) -> dns.rdata.Rdata:
    text = f'"{value}"' if kind == "TXT" and not value.startswith('"') else value
    data = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), text, relativize=False)
    if value_of(data) != value:
        raise ValueError(f'"{value}" is not in canonical form')
    return data
