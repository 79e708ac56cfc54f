"""Which names and values the service takes."""

import functools
import ipaddress
import re
from collections.abc import Callable

import dns.exception
import dns.rdata
import dns.rdataclass

from tests.providers.fakes.route53.errors import Refused

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_USUAL_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+")
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x1f\x7f-\U0010ffff]|\\[0-3][0-7]{2}|\\.)*)"')
_TEXT = re.compile(rf"{_QUOTED.pattern}(?:\s+{_QUOTED.pattern})*")
_TEXT_PIECE = re.compile(r"\\[0-3][0-7]{2}|\\.|.", re.DOTALL)
_LONGEST_NAME = 255


def normal_name(text: str) -> str:
    """A name as the service tells it: lower case, absolute, everything but letters, digits, _ and - escaped.

    Raises:
        Refused: it is no domain name.
    """
    absolute = text.lower() if text.endswith(".") else f"{text.lower()}."
    if _USUAL_NAME.fullmatch(absolute) and len(absolute) <= _LONGEST_NAME:
        return absolute
    if absolute == ".":
        raise Refused(f"FATAL problem: DomainNameEmpty (Domain name is empty) encountered with '{text}'")
    labels = [_OCTAL.sub(_octet, label).lower() for label in absolute.encode("latin-1").split(b".")[:-1]]
    if not all(labels):
        raise Refused(f"FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '{text}'")
    if max(map(len, labels)) > 63:
        raise Refused(f"FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '{text}'")
    if sum(len(label) + 1 for label in labels) > _LONGEST_NAME:
        raise Refused(f"FATAL problem: DomainNameTooLong (Domain name is too long) encountered with '{text}'")
    return "".join("".join(chr(o) if o in _PLAIN else f"\\{o:03o}" for o in label) + "." for label in labels)


@functools.lru_cache(maxsize=1 << 16)
def reversed_labels(name: str) -> tuple[str, ...]:
    """What names are sorted by."""
    return tuple(reversed(name.rstrip(".").split(".")))


def check_value(kind: str, value: str) -> None:
    """Refuse what is no data of a type.

    Raises:
        Refused: with the service's words.
    """
    fault = _CHECKS.get(kind, functools.partial(_presentation, kind))(value)
    if fault:
        raise Refused(f"Invalid Resource Record: 'FATAL problem: {fault} encountered with '{value}''")


def _octet(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 8),))


def _address(version: int, value: str) -> str:
    try:
        if ipaddress.ip_address(value).version == version and "%" not in value:
            return ""
    except ValueError:
        pass
    if " " in value:
        return "ARRDATANotSingleField (Value contains spaces)"
    kind = "A" if version == 4 else "AAAA"
    return f"{kind}RRDATAIllegalIPv{version}Address (Value is not a valid IPv{version} address)"


def _name(value: str) -> str:
    try:
        normal_name(value)
    except Refused as refused:
        return str(refused).removeprefix("FATAL problem: ").partition(" encountered")[0]
    return "DomainNameNotSingleField (Value contains spaces)" if " " in value else ""


def _text(value: str) -> str:
    if not _TEXT.fullmatch(value):
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    if any(len(_TEXT_PIECE.findall(string)) > 255 for string in _QUOTED.findall(value)):
        return "CharacterStringTooLong (Value is too long)"
    return ""


def _presentation(kind: str, value: str) -> str:
    try:
        dns.rdata.from_text(dns.rdataclass.IN, kind, value)
    except (dns.exception.DNSException, ValueError):
        return f"{kind}RRDATAInvalid (Value is not valid)"
    return ""


_CHECKS: dict[str, Callable[[str], str]] = {
    "A": functools.partial(_address, 4),
    "AAAA": functools.partial(_address, 6),
    "CNAME": _name,
    "NS": _name,
    "PTR": _name,
    "TXT": _text,
    "SPF": _text,
}
