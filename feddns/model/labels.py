"""What may stand in a DNS name: the rules for labels and whole names."""

import functools
import re
from typing import Final

LABEL_OCTETS: Final = 63
NAME_OCTETS: Final = 253
"""The longest name as text without its final dot; 255 octets on the wire (RFC 1035 section 2.3.4)."""

_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)


@functools.lru_cache(maxsize=65_536)  # the same labels stand in name after name
def is_label(text: str) -> bool:
    """Whether `text` is a lower-case host label (RFC 1123 section 2.1)."""
    return _LABEL.fullmatch(text) is not None


def is_zone_name(text: str) -> bool:
    """Whether `text` is a lower-case name of host labels, each also with a leading `_`, the final dot optional."""
    bare = text.removesuffix(".")
    return 0 < len(bare) <= NAME_OCTETS and all(is_label(label.removeprefix("_")) for label in bare.split("."))


def is_hostname(text: str) -> bool:
    """Whether `text` is a lower-case name of two or more host labels, the final dot optional (RFC 1123 section 2.1).

    All digits at the end are an address gone wrong.
    """
    labels = text.removesuffix(".").split(".")
    is_short = len(text.removesuffix(".")) <= NAME_OCTETS
    return is_short and len(labels) > 1 and all(map(is_label, labels)) and not labels[-1].isdecimal()


def is_within(name: str, domain: str) -> bool:
    """Whether an absolute lower-case name is `domain`, likewise written, or lies below it."""
    return name == domain or name.endswith("." + domain)


def absolute(text: str) -> str:
    """`text` in the form in which names compare: lower case, with the final dot (RFC 4343)."""
    return text.lower().removesuffix(".") + "."
