"""Domain names between their canonical text and Route 53's, which escapes octets by three octal digits.

See "DNS domain name format" in the Route 53 Developer Guide.
"""

import re
from typing import Final

import dns.exception
import dns.name

from feddns.answers import names
from feddns.model.records import DnsName

_SAME_IN_BOTH: Final = re.compile(r"(?:[a-z0-9_*-]+\.)+|\.")
_PLAIN_OCTETS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-*")
"""Route 53 tells `*` as `\\052`, but takes it as it is, which is how every tool writes it."""
_OCTAL: Final = re.compile(rb"\\([0-3][0-7]{2})")


def decode_name(text: str) -> DnsName:
    """The canonical text of a name that Route 53 tells; the final dot may be missing.

    Raises:
        ValueError: it is no domain name.
    """
    absolute = text.lower() if text.endswith(".") else f"{text.lower()}."
    if _SAME_IN_BOTH.fullmatch(absolute):
        return DnsName(absolute)
    try:
        labels = [_OCTAL.sub(_octet, label).lower() for label in absolute.encode().split(b".")]
        return DnsName(dns.name.Name(labels).to_text())
    except dns.exception.DNSException as error:
        raise ValueError(f'"{text}" is no domain name: {error}') from error


def encode_name(name: str) -> str:
    """A canonical name as Route 53 takes it.

    Raises:
        ValueError: it is no absolute domain name.
    """
    wire = names.encode_name(name)
    if _SAME_IN_BOTH.fullmatch(name):
        return name
    labels = []
    at = 0
    while wire[at]:
        labels.append(wire[at + 1 : at + 1 + wire[at]])
        at += wire[at] + 1
    return "".join(f"{''.join(map(_text, label))}." for label in labels)


def _octet(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 8),))


def _text(octet: int) -> str:
    return chr(octet) if octet in _PLAIN_OCTETS else f"\\{octet:03o}"
