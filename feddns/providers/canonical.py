"""The canonical form of names and record data: the same for all texts that mean the same, so that they compare."""

import ipaddress
import re
from typing import Final

import dns.exception
import dns.name
import dns.rdata
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.AAAA import AAAA

from feddns.model.records import DnsName

PLAIN_TEXT: Final = re.compile(r"[ !#-\[\]-~]+")
"""Printable ASCII without quote and backslash: what stands for itself without quotes."""


def canonical_name(text: str) -> DnsName:
    """An absolute name in lower case, with the final dot, escaped only where it must be.

    Raises:
        ValueError: it is no domain name.
    """
    try:
        return DnsName(dns.name.from_text(text).canonicalize().to_text())
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f'"{text}" is no domain name: {error}') from error


def canonical_value(data: dns.rdata.Rdata) -> str:
    """One record's data as text.

    Raises:
        DNSException: the data are damaged.
    """
    if isinstance(data, TXT) and len(data.strings) == 1:
        text = data.strings[0].decode("latin-1")
        if PLAIN_TEXT.fullmatch(text):
            return text
    if isinstance(data, AAAA):
        return str(ipaddress.IPv6Address(data.address))
    # Names inside other data become lower case only by the form that DNSSEC signs (RFC 4034 section 6.2).
    canonical = data.to_digestable()
    return dns.rdata.from_wire(data.rdclass, data.rdtype, canonical, 0, len(canonical)).to_text()
