"""Record data between their canonical text and the wire.

The types that feddns writes are done here, quickly; all others by dnspython.
"""

import functools
import ipaddress
import socket
from typing import Final

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from feddns.providers.canonical import PLAIN_TEXT, canonical_value
from feddns.providers.rfc2136.message import MalformedMessage, Message, Record
from feddns.providers.rfc2136.names import encode_name

LONGEST_STRING: Final = 255
"""Octets of one character-string (RFC 1035 section 3.3)."""


@functools.cache
def type_number(mnemonic: str) -> int:
    """The number of a record type.

    Raises:
        ValueError: there is no such type.
    """
    try:
        return int(dns.rdatatype.from_text(mnemonic))
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f'"{mnemonic}" is no record type') from error


@functools.cache
def type_mnemonic(number: int) -> str:
    """The mnemonic of a record type, or its form of RFC 3597 where it has none."""
    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def encode_rdata(mnemonic: str, value: str) -> bytes:
    """One record's data on the wire, uncompressed.

    Raises:
        ValueError: the text is no data of this type.
    """
    match mnemonic:
        case "A":
            return _encode_address(socket.AF_INET, value)
        case "AAAA":
            return _encode_address(socket.AF_INET6, value)
        case "CNAME":
            return encode_name(value)
        case "TXT" if not value.startswith('"'):
            return _encode_plain(value)
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, mnemonic, value, relativize=False).to_wire() or b""
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f'"{value}" is no data of type {mnemonic}: {error}') from error


def decode_rdata(message: Message, record: Record) -> str:
    """One record's data as canonical text.

    Raises:
        MalformedMessage: the octets are no data of the record's type.
    """
    try:
        return _decode(message, record)
    except IndexError as error:
        text = f"the data of {record.name} {type_mnemonic(record.type)} end in the middle"
        raise MalformedMessage(text) from error


def _decode(message: Message, record: Record) -> str:
    start, end = record.start, record.end
    match record.type:
        case dns.rdatatype.A if end - start == 4:
            return socket.inet_ntoa(message.wire[start:end])
        case dns.rdatatype.AAAA if end - start == 16:
            return str(ipaddress.IPv6Address(message.wire[start:end]))
        case dns.rdatatype.CNAME:
            name, after = message.name_at(start)
            if after == end:
                return name
        case dns.rdatatype.TXT if end - start == 1 + message.wire[start]:
            text = message.wire[start + 1 : end].decode("latin-1")
            if PLAIN_TEXT.fullmatch(text):
                return text
    return _decode_other(message, record)


def _encode_address(family: socket.AddressFamily, value: str) -> bytes:
    try:
        return socket.inet_pton(family, value)
    except OSError as error:
        raise ValueError(f'"{value}" is no IPv{4 if family == socket.AF_INET else 6} address') from error


def _encode_plain(text: str) -> bytes:
    if not PLAIN_TEXT.fullmatch(text):
        raise ValueError(f"{text!r} must stand in quotes, with backslashes before quotes and backslashes")
    if len(text) > LONGEST_STRING:
        raise ValueError(
            f"a text of {len(text)} octets does not fit one string of {LONGEST_STRING}: "
            f'split it into several, each in quotes: "first" "second"'
        )
    return bytes((len(text),)) + text.encode()


def _decode_other(message: Message, record: Record) -> str:
    kind = dns.rdatatype.RdataType.make(record.type)
    try:
        data = dns.rdata.from_wire(dns.rdataclass.IN, kind, message.wire, record.start, record.end - record.start)
        return canonical_value(data)
    except (dns.exception.DNSException, ValueError) as error:
        raise MalformedMessage(f"the data of {record.name} {type_mnemonic(record.type)} are malformed") from error
