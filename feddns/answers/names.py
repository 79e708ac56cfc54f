"""Domain names on the wire (RFC 1035 section 3.1), the form in which the zone is kept and searched.

A name is its labels, each behind its length, and an empty one at the end; the zone's own are in lower case (RFC 4343).
"""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_LABEL: Final = 63
LONGEST_NAME: Final = 255
ROOT: Final = b"\0"

_LENGTHS: Final = [bytes((length,)) for length in range(LONGEST_LABEL + 1)]
_PIECE: Final = re.compile(r"\\(\d{3})|\\([^\d])|([^\\.])|(\.)", re.DOTALL)


def encode_name(text: str) -> bytes:
    """An absolute name as it stands on the wire, uncompressed and in lower case.

    Raises:
        ValueError: it is no absolute domain name.
    """
    if text == ".":
        return ROOT
    try:
        octets = text.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f'"{text}" is no domain name: only ASCII can stand there') from None
    labels = octets.split(b".") if b"\\" not in octets else _unescape(text)
    if labels[-1] or len(labels) == 1:
        raise ValueError(f'"{text}" is no absolute domain name: it lacks the final dot')
    lengths = list(map(len, labels))
    if 0 in lengths[:-1] or max(lengths) > LONGEST_LABEL:
        raise ValueError(f'"{text}" is no domain name: a label has 1 to {LONGEST_LABEL} octets')
    name = b"".join([_LENGTHS[len(label)] + label for label in labels]).lower()
    if len(name) > LONGEST_NAME:
        raise ValueError(f'"{text}" is no domain name: it is longer than {LONGEST_NAME} octets')
    return name


def ancestors(name: bytes) -> Iterator[bytes]:
    """The names above a name, the nearest first and the root last."""
    at = 0
    while name[at]:
        at += name[at] + 1
        yield name[at:]


def is_within(name: bytes, apex: bytes) -> bool:
    """Whether a name is the apex or stands below it."""
    at, above = 0, len(name) - len(apex)
    while at < above:
        at += name[at] + 1
    return at == above and name.endswith(apex)


def _unescape(text: str) -> list[bytes]:
    labels = [b""]
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None or int(match[1] or 0) > 255:
            raise ValueError(
                f'"{text}" is no domain name: after a backslash come three digits up to 255, or one character'
            )
        if match[4]:
            labels.append(b"")
        else:
            labels[-1] += bytes((int(match[1]),)) if match[1] else (match[2] or match[3]).encode("ascii")
        at = match.end()
    return labels
