"""Record data between their canonical text and the targets of endpoints, which ExternalDNS' providers write freely.

ExternalDNS takes the final dot from names, and puts TXT data into quotes or not.
"""

import ipaddress
import re
from typing import Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from feddns.model.records import DnsName
from feddns.providers.canonical import PLAIN_TEXT, canonical_name, canonical_value

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_*/-]{1,63}(?:\.[A-Za-z0-9_*/-]{1,63})*\.?")
_LONGEST_NAME: Final = 254
"""Characters of a name with its final dot, where nothing is escaped."""

_INSIDE_QUOTES: Final = re.compile(r'(?:[^"\\]|\\\d{3}|\\\D)*', re.DOTALL)
_LONGEST_STRING: Final = 255
"""Octets of one character-string (RFC 1035 section 3.3)."""

_ONE_NAME: Final = frozenset({"CNAME", "DNAME", "NS", "PTR"})


def name_of(text: str) -> DnsName:
    """An endpoint's name in canonical form.

    Raises:
        ValueError: it is no domain name.
    """
    if len(text) < _LONGEST_NAME and _PLAIN_NAME.fullmatch(text):
        return DnsName(text.lower().removesuffix(".") + ".")
    return canonical_name(text)


def value_of(kind: str, target: str) -> str:
    """One record's data in canonical form.

    Args:
        kind: the record type.
        target: what an endpoint has as one of its targets.

    Raises:
        ValueError: it is no data of this type, such as a host name where an address should be.
    """
    if kind == "A":
        return str(ipaddress.IPv4Address(target))
    if kind == "AAAA":
        return _ipv6_of(target)
    if kind == "TXT":
        return _text_of(target)
    return name_of(target) if kind in _ONE_NAME else _data_of(kind, target)


def target_of(kind: str, value: str) -> str:
    """One record's data as ExternalDNS would send them.

    Raises:
        ValueError: it is no canonical data of this type.
    """
    target = value
    if kind == "TXT" and not value.startswith('"'):
        target = f'"{value}"'
    elif (kind in _ONE_NAME or kind == "MX") and len(value.rpartition(" ")[2]) > 1:
        target = value.removesuffix(".")
    if value_of(kind, target) != value:
        raise ValueError(f'"{value}" is no canonical data of type {kind}')
    return target


def sent_form(kind: str, target: str) -> str:
    """A target that was listed, in the form in which ExternalDNS sends it, so that a provider finds the record again.

    ExternalDNS' own `rfc2136` lists texts without quotes and takes them only with quotes; all else goes as it came.

    Raises:
        ValueError: it is no data of this type.
    """
    return target_of(kind, value_of(kind, target)) if kind == "TXT" or _is_mapped(kind, target) else target


def _is_mapped(kind: str, target: str) -> bool:
    """Whether Go has written an IPv4-mapped IPv6 address as the IPv4 address in it."""
    return kind == "AAAA" and ":" not in target


def _ipv6_of(target: str) -> str:
    if "%" in target:
        raise ValueError(f'"{target}" has a zone index, which is no part of an address')
    mapped = f"::ffff:{ipaddress.IPv4Address(target)}" if _is_mapped("AAAA", target) else target
    return str(ipaddress.IPv6Address(mapped))


def _text_of(target: str) -> str:
    """The texts that a target stands for: as in a zone file where that is possible, else as it is."""
    if PLAIN_TEXT.fullmatch(target) and len(target) <= _LONGEST_STRING:
        return target
    try:
        if target.startswith('"'):
            return _text_in(target)
        # Some providers undo the quotes and leave the escapes inside.
        if _INSIDE_QUOTES.fullmatch(target):
            return _text_in(f'"{target}"')
    except (dns.exception.DNSException, ValueError):
        pass
    octets = target.encode()
    strings = [octets[at : at + _LONGEST_STRING] for at in range(0, len(octets) or 1, _LONGEST_STRING)]
    return canonical_value(TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings))


def _text_in(quoted: str) -> str:
    return canonical_value(dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TXT, quoted))


def _data_of(kind: str, target: str) -> str:
    try:
        number = dns.rdatatype.from_text(kind)
        data = dns.rdata.from_text(dns.rdataclass.IN, number, target, origin=dns.name.root, relativize=False)
        return canonical_value(data)
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f'"{target}" is no data of type {kind}: {error}') from error
