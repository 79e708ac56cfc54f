"""Spans of time as people write them: `1h30m`, `10s`, `250ms`."""

import re
from typing import Final

DURATION_PATTERN: Final = r"^(?=.)(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$"
"""Hours, minutes, seconds and milliseconds, the larger unit first, each at most once, as a JSON Schema may say it."""

_PARTS: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)", re.ASCII)
_WHOLE: Final = re.compile(DURATION_PATTERN, re.ASCII)
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def parse_duration(text: str) -> float:
    """The span that `text` means, in seconds.

    Raises:
        ValueError: `text` is not a span of time.
    """
    if "\n" in text or not _WHOLE.match(text):
        raise ValueError(f"not a span of time such as 1h30m, 10s or 250ms: {text!r}")
    return sum(float(count) * _SECONDS[unit] for count, unit in _PARTS.findall(text))


def format_duration(seconds: float) -> str:
    """`seconds`, not negative and to the millisecond, as `parse_duration` reads it; `0s` for nothing."""
    rest = round(seconds * 1000)
    text = ""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
