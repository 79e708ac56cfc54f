"""Names and record data between their canonical text and the API's.

The types that feddns writes have one canonical form; the data of all others stay as the API has them.
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Final

import dns.exception
import dns.name
import dns.rdata

from feddns.model.records import AAAA, CNAME, TXT, A

_PLAIN_NAME: Final = re.compile(r"(?:[A-Za-z0-9_*/-]+\.)+")
_PLAIN_TEXT: Final = re.compile(r"[ !#-\[\]-~]{1,255}")
"""Printable ASCII without quote and backslash, in one string: what stands for itself without quotes."""
_PLAIN_WORD: Final = re.compile(r"[!#-\[\]-~]{1,255}")


def canonical_name(text: str) -> str:
    """A name in lower case and escaped where it must be; what is no name stays as it is."""
    if _PLAIN_NAME.fullmatch(text):
        return text.lower()
    try:
        return dns.name.from_text(text).canonicalize().to_text()
    except dns.exception.DNSException:
        return text


def canonical_value(kind: str, text: str) -> str:
    """One record's data in canonical form; what does not fit its type stays as it is."""
    return _CANONICAL[kind](text) if kind in _CANONICAL else text


def api_value(kind: str, value: str) -> str:
    """Canonical data as the API takes them: a text always in quotes, since it would split one that has spaces."""
    return f'"{value}"' if kind == TXT and not value.startswith('"') else value


def _address4(text: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, text))
    except (OSError, ValueError):
        return text


def _address6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return text


def _text(text: str) -> str:
    inner = text[1:-1]
    if text == f'"{inner}"' and _PLAIN_TEXT.fullmatch(inner):
        return inner
    if _PLAIN_WORD.fullmatch(text):
        return text
    try:
        data = dns.rdata.from_text("IN", TXT, text)
    except (dns.exception.DNSException, ValueError):
        return text
    canonical = data.to_text()
    inner = canonical[1:-1]
    return inner if _PLAIN_TEXT.fullmatch(inner) else canonical


_CANONICAL: Final[dict[str, Callable[[str], str]]] = {
    A: _address4,
    AAAA: _address6,
    CNAME: canonical_name,
    TXT: _text,
}
