"""What the docstring of a settings struct says of each field, so that errors, schema and reference tell the same."""

import functools
import inspect
import re
from typing import Final

import msgspec

_FIELD: Final = re.compile(r"^    (\w+): (.*?)(?=^    \w+: |^\S|\Z)", re.MULTILINE | re.DOTALL)


def summary(kind: type[msgspec.Struct]) -> str:
    """The first paragraph of the docstring, on one line."""
    return _one_line(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0])


@functools.cache
def attributes(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The `Attributes:` of the docstring by field name, each on one line and without a final full stop.

    Those of the structs that `kind` is derived from are among them, first.
    """
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        listed = inspect.cleandoc(base.__dict__.get("__doc__") or "").partition("Attributes:\n")[2]
        found |= {match[1]: _one_line(match[2]).removesuffix(".") for match in _FIELD.finditer(listed)}
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
