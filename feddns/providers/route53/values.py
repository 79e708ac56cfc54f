"""Record data between their canonical text and Route 53's.

Route 53 keeps the text that it was given. TXT data escape octets by three octal digits there, where zone files and the
canonical text have decimal ones (RFC 1035 section 5.1).
"""

import ipaddress
import re
import socket
from typing import Final

from feddns.providers.route53.names import decode_name, encode_name

LONGEST_STRING: Final = 255
"""Octets of one character-string (RFC 1035 section 3.3)."""

_PLAIN_TEXT: Final = re.compile(r"[ !#-\[\]-~]+")
"""Printable ASCII without quote and backslash: what stands for itself without quotes."""
_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*', re.DOTALL)
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_OCTAL_PIECE: Final = re.compile(rb"\\([0-3][0-7]{2})|\\(.)", re.DOTALL)
_DECIMAL_PIECE: Final = re.compile(rb"\\(\d{3})|\\(.)", re.DOTALL)


def decode_value(kind: str, text: str) -> str:
    """The canonical text of one record's data; what makes no sense stays as it is, since others may have written it."""
    try:
        match kind:
            case "AAAA":
                return str(ipaddress.IPv6Address(text))
            case "CNAME" | "NS" | "PTR":
                return decode_name(text)
            case "TXT" | "SPF" if _STRINGS.fullmatch(text):
                return _canonical([_unescape(string, _OCTAL_PIECE, 8) for string in _STRING.findall(text)])
            case _:
                return text
    except ValueError:
        return text


def encode_value(kind: str, value: str) -> str:
    """One record's data as Route 53 takes them.

    Raises:
        ValueError: the text is no data of this type.
    """
    match kind:
        case "A" | "AAAA":
            return _checked_address(kind, value)
        case "CNAME" | "NS" | "PTR":
            return encode_name(value)
        case "TXT" | "SPF":
            return " ".join(f'"{"".join(map(_escaped, string))}"' for string in _strings(value))
        case _:
            return value


def _checked_address(kind: str, value: str) -> str:
    family = socket.AF_INET if kind == "A" else socket.AF_INET6
    try:
        socket.inet_pton(family, value)
    except OSError as error:
        raise ValueError(f'"{value}" is no IPv{4 if kind == "A" else 6} address') from error
    return value


def _strings(value: str) -> list[bytes]:
    """The strings of a canonical TXT value."""
    if _PLAIN_TEXT.fullmatch(value):
        strings = [value.encode()]
    elif _STRINGS.fullmatch(value):
        strings = [_unescape(string, _DECIMAL_PIECE, 10) for string in _STRING.findall(value)]
    else:
        raise ValueError(f"{value!r} must stand in quotes, with backslashes before quotes and backslashes")
    if max(map(len, strings)) > LONGEST_STRING:
        raise ValueError(
            f"a text of {max(map(len, strings))} octets does not fit one string of {LONGEST_STRING}: "
            f'split it into several, each in quotes: "first" "second"'
        )
    return strings


def _canonical(strings: list[bytes]) -> str:
    if len(strings) == 1 and len(strings[0]) <= LONGEST_STRING:
        text = strings[0].decode("latin-1")
        if _PLAIN_TEXT.fullmatch(text):
            return text
    return " ".join(f'"{"".join(map(_decimally_escaped, string))}"' for string in strings)


def _unescape(string: str, piece: re.Pattern[bytes], base: int) -> bytes:
    def octet(match: re.Match[bytes]) -> bytes:
        return bytes((int(match[1], base),)) if match[1] else match[2]

    return piece.sub(octet, string.encode())


def _escaped(octet: int) -> str:
    if octet == ord('"'):
        return '\\"'
    return chr(octet) if 0x20 <= octet < 0x7F and octet != ord("\\") else f"\\{octet:03o}"


def _decimally_escaped(octet: int) -> str:
    if octet in b'"\\':
        return f"\\{chr(octet)}"
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}"
