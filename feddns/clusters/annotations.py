"""The annotations of Services that feddns understands, in one table that reads them and that the docs are held to."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from feddns.config.durations import parse_duration
from feddns.model.services import Problem

PREFIX: Final = "feddns.io/"

_LEAST_TTL: Final = 1
_MOST_TTL: Final = 604_800
_SHOWN: Final = 60  # characters of a refused value that are repeated in a message


def _ttl(text: str) -> int:
    seconds = float(text) if text.isascii() and text.isdecimal() and len(text) < 16 else parse_duration(text)
    if not seconds.is_integer() or not _LEAST_TTL <= seconds <= _MOST_TTL:
        raise ValueError("out of range")
    return int(seconds)


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


class Annotation(msgspec.Struct, frozen=True):
    """One annotation.

    Attributes:
        name: without the prefix; also the field of `Wishes` that holds its value.
        value: what it may be set to, for people.
        meaning: what it does.
        parse: reads a value; raises ValueError or KeyError where it is refused.
    """

    name: str
    value: str
    meaning: str
    parse: Callable[[str], Any]


_FLAG_VALUES: Final = '"true" or "false"'

ANNOTATIONS: Final = (
    Annotation(
        "ttl",
        "whole seconds from 1 to 604800, or a span such as 5m",
        "how long resolvers may keep this service's answers; goes before `dns.ttl`",
        _ttl,
    ),
    Annotation(
        "ignore", _FLAG_VALUES, "true: this Service is not federated, as if this cluster did not have it", _flag
    ),
    Annotation(
        "federate",
        _FLAG_VALUES,
        "true: this Service is federated where `services.select` is `annotated`; false: it is not, whatever that says",
        _flag,
    ),
)

_BY_NAME: Final = {annotation.name: annotation for annotation in ANNOTATIONS}


class Wishes(msgspec.Struct, frozen=True, gc=False):
    """What the annotations of one Service ask for; a refused value counts as not given.

    Attributes:
        ttl: in seconds.
        federate: None where nothing is asked for.
    """

    ttl: int | None = None
    ignore: bool = False
    federate: bool | None = None


NO_WISHES: Final = Wishes()


def read_annotations(annotations: Mapping[str, str] | None, where: str) -> tuple[Wishes, tuple[Problem, ...]]:
    """Read the annotations that begin with `feddns.io/`.

    Args:
        annotations: all annotations of the Service.
        where: which Service in which cluster, to begin the problems' texts with.

    Returns:
        The wishes, and a problem for each annotation that is unknown or has a value that is refused.
    """
    if not annotations:
        return NO_WISHES, ()
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, text in annotations.items():
        if not key.startswith(PREFIX):
            continue
        annotation = _BY_NAME.get(key.removeprefix(PREFIX))
        if annotation is None:
            problems.append(_unknown(key, where))
            continue
        try:
            values[annotation.name] = annotation.parse(text.strip())
        except (ValueError, KeyError):
            problems.append(_refused(key, text, annotation.value, where))
    if not values and not problems:
        return NO_WISHES, ()
    return Wishes(**values), tuple(sorted(problems))


def _refused(key: str, text: str, value: str, where: str) -> Problem:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return Problem("InvalidAnnotation", f"{where}: annotation {key} is {shown!r}, which is ignored; it must be {value}")


def _unknown(key: str, where: str) -> Problem:
    close = difflib.get_close_matches(key.removeprefix(PREFIX)[:_SHOWN], _BY_NAME, 1)
    known = ", ".join(PREFIX + name for name in _BY_NAME)
    hint = f"did you mean {PREFIX}{close[0]}?" if close else f"there are {known}"
    return Problem("UnknownAnnotation", f"{where}: annotation {key[:253]} is not known; {hint}")
