"""What the service takes as record data, and how it writes them down."""

import re
import socket
from collections.abc import Callable

import dns.exception
import dns.name
import dns.rdata

LONGEST_TTL = 2**31 - 1
TYPES = frozenset(
    {
        "A",
        "AAAA",
        "ALIAS",
        "CAA",
        "CNAME",
        "DNSKEY",
        "DS",
        "HTTPS",
        "IPSECKEY",
        "MX",
        "NAPTR",
        "NS",
        "PTR",
        "SOA",
        "SPF",
    }
    | {"SRV", "SSHFP", "SVCB", "TLSA", "TXT"}
)
"""https://cloud.google.com/dns/docs/records-overview#supported_dns_record_types."""

_LABEL = re.compile(r"[a-z0-9_/]([a-z0-9_/-]{0,61}[a-z0-9_/])?", re.IGNORECASE)


def is_name(text: str) -> bool:
    """Whether a text is an absolute name: with the final dot, labels of 63 octets at most, 255 altogether."""
    if not text.endswith(".") or len(text) > 254:
        return False
    labels = text[:-1].split(".")
    return all(_LABEL.fullmatch(label) for label in labels[1:]) and bool(
        labels[0] == "*" or _LABEL.fullmatch(labels[0])
    )


def written_down(kind: str, text: str) -> str:
    """Record data as the service lists them.

    Raises:
        ValueError: they are none of this type.
    """
    if kind in _SPECIAL:
        return _SPECIAL[kind](text)
    try:
        data = dns.rdata.from_text("IN", "TXT" if kind == "SPF" else kind, text, origin=None, relativize=False)
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(text) from error
    for part in ("target", "exchange", "mname", "replacement"):
        name = getattr(data, part, None)
        if isinstance(name, dns.name.Name) and not name.is_absolute():
            raise ValueError(text)
    return text


def _address(family: socket.AddressFamily) -> Callable[[str], str]:
    def canonical(text: str) -> str:
        try:
            return socket.inet_ntop(family, socket.inet_pton(family, text))
        except OSError as error:
            raise ValueError(text) from error

    return canonical


def _host(text: str) -> str:
    if not is_name(text):
        raise ValueError(text)
    return text.lower()


def _strings(text: str) -> str:
    """TXT data in quotes; without them each word is a string of its own, and a semicolon begins no comment."""
    try:
        prepared = text if text.startswith('"') else " ".join(f'"{word}"' for word in text.split(" "))
        data = dns.rdata.from_text("IN", "TXT", prepared)
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(text) from error
    return data.to_text()


_SPECIAL: dict[str, Callable[[str], str]] = {
    "A": _address(socket.AF_INET),
    "AAAA": _address(socket.AF_INET6),
    "CNAME": _host,
    "ALIAS": _host,
    "NS": _host,
    "PTR": _host,
    "TXT": _strings,
}
