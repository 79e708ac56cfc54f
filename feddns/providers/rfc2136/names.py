"""Domain names between their canonical text and the wire, remembered, since a zone's names come again and again."""

import functools
import re
from typing import Final

import dns.name

from feddns.answers import names

_PLAIN_LABEL: Final = re.compile(rb"[A-Za-z0-9_*/-]+")
_REMEMBERED: Final = 65_536


@functools.lru_cache(maxsize=_REMEMBERED)
def encode_name(name: str) -> bytes:
    """An absolute name as it stands on the wire, uncompressed and in lower case.

    Raises:
        ValueError: it is no absolute domain name.
    """
    return names.encode_name(name)


@functools.lru_cache(maxsize=_REMEMBERED)
def decode_label(label: bytes) -> str:
    """The canonical text of one label and its dot: lower case, escaped where it must be (RFC 4343 section 2.1)."""
    if _PLAIN_LABEL.fullmatch(label):
        return label.lower().decode() + "."
    return dns.name.Name((label.lower(),)).to_text() + "."
