"""The kinds of value that settings are made of, with their bounds, and the form that all parts have in common."""

from typing import Annotated

import msgspec

from feddns.config.durations import DURATION_PATTERN

Seconds = Annotated[
    float,
    msgspec.Meta(
        ge=0.001,
        le=31_536_000,
        extra={"form": "duration"},
        extra_json_schema={"pattern": DURATION_PATTERN},
    ),
]
"""A span of time; written as a number of seconds or as `1h30m`, `10s`, `250ms`: a millisecond to a year."""

Pause = Annotated[
    float,
    msgspec.Meta(
        ge=0,
        le=31_536_000,
        extra={"form": "duration"},
        extra_json_schema={"pattern": DURATION_PATTERN},
    ),
]
"""A span of time that may be none at all."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A part of a whole, between 0 and 1."""

Ttl = Annotated[int, msgspec.Meta(ge=1, le=604_800, extra={"unit": "seconds"})]
"""Seconds that a resolver may keep an answer: a second to a week (RFC 8767 section 4 caps it there)."""

FilePath = Annotated[str, msgspec.Meta(min_length=1, extra={"form": "file"})]
"""Path of a file that must be readable; relative to the configuration file. `feddns check` looks whether it is."""

FolderPath = Annotated[str, msgspec.Meta(min_length=1, extra={"form": "folder"})]
"""Path of a folder that must be readable; relative to the configuration file. `feddns check` looks whether it is."""

Owner = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9._-]{1,63}(?![\s\S])",  # Python's $ would let a newline follow
        extra={"words": "1 to 63 letters, digits, dots, hyphens and underscores"},
    ),
]
"""Text that stands in the claim's TXT record as it is."""


ObjectName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(?![\s\S])",
        extra={"words": "the name of a Kubernetes object: lower-case letters, digits, hyphens and dots"},
    ),
]
"""What Kubernetes calls namespaces and objects (RFC 1123)."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The common form of all parts of the settings."""
