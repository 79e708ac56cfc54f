"""What a value must be and what it is instead, in the words of errors and of the reference."""

import difflib
import json
import types
from collections.abc import Callable, Collection
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from feddns.config.durations import format_duration
from feddns.model.printable import printable

UNIONS: Final = frozenset({Union, types.UnionType})
"""The origins of `X | None` in an annotation."""


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """The text for a name that is none of `known`: what was meant, or all that there are."""
    folded = {choice.lower(): choice for choice in known}
    close = difflib.get_close_matches(name.lower(), folded, n=1)
    choices = ", ".join(sorted(known)) or "none"
    guess = f'did you mean "{folded[close[0]]}"? ' if close else ""
    return f"unknown {what}; {guess}there are: {choices}"


def unwrap(kind: Any) -> tuple[Any, msgspec.Meta]:
    """A type without its annotation, and the annotation; an empty one where there is none."""
    if get_origin(kind) is not Annotated:
        return kind, msgspec.Meta()
    bare, *extras = get_args(kind)
    metas = (extra for extra in extras if isinstance(extra, msgspec.Meta))
    return bare, next(metas, msgspec.Meta())


def form(meta: msgspec.Meta) -> str:
    """What a text or number stands for: `duration`, `file`, `folder`, or empty."""
    return str((meta.extra or {}).get("form", ""))


def words(kind: Any) -> str:
    """What a value of `kind` must be."""
    bare, meta = unwrap(kind)
    if meta.extra and "words" in meta.extra:
        return str(meta.extra["words"])
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return "a mapping of settings"
    for choice, text in ((get_origin(bare), _GENERIC), (form(meta), _FORMS), (bare, _PLAIN)):
        if choice in text:
            return text[choice](bare, meta)
    return "any value"


def _either(bare: Any, _: msgspec.Meta) -> str:
    return " or ".join(words(choice) for choice in get_args(bare) if choice is not type(None))


def _list(bare: Any, meta: msgspec.Meta) -> str:
    least = f" of at least {meta.min_length}" if meta.min_length else ""
    most = f" of at most {meta.max_length}" if meta.max_length else ""
    return f"a list{least}{most}, each item {words(get_args(bare)[0])}"


def _span(_: Any, meta: msgspec.Meta) -> str:
    low, high = (format_duration(float(bound or 0)) for bound in (meta.ge, meta.le))
    return f"a number of seconds, or a span such as 1h30m, 10s or 250ms; from {low} to {high}"


def _number(noun: str) -> "Words":
    return lambda _, meta: noun + (f" of {meta.extra['unit']}" if meta.extra else "") + _bounds(meta)


def _text(noun: str) -> "Words":
    return lambda _, meta: noun + _length(meta) + (f" that matches {meta.pattern}" if meta.pattern else "")


Words = Callable[[Any, msgspec.Meta], str]
_GENERIC: Final[dict[Any, Words]] = {
    Union: _either,
    types.UnionType: _either,
    Literal: lambda bare, _: " or ".join(json.dumps(choice) for choice in get_args(bare)),
    tuple: _list,
    list: _list,
    dict: lambda *_: "a mapping",
}
_FORMS: Final[dict[Any, Words]] = {
    "duration": _span,
    "file": _text("the path of a file"),
    "folder": _text("the path of a folder"),
}
_PLAIN: Final[dict[Any, Words]] = {
    bool: lambda *_: "true or false",
    int: _number("a whole number"),
    float: _number("a number"),
    str: _text("text"),
}


def _bounds(meta: msgspec.Meta) -> str:
    parts = [(" from {}", meta.ge), (" above {}", meta.gt), (" to {}", meta.le), (" below {}", meta.lt)]
    if meta.ge is None and meta.gt is None:
        parts[2] = (" of at most {}", meta.le)
    if meta.le is None and meta.lt is None:
        parts[0] = (" of at least {}", meta.ge)
    return "".join(text.format(bound) for text, bound in parts if bound is not None)


def _length(meta: msgspec.Meta) -> str:
    if meta.min_length and meta.max_length:
        return f" of {meta.min_length} to {meta.max_length} characters"
    if meta.max_length:
        return f" of at most {meta.max_length} characters"
    return ", not empty" if meta.min_length else ""


def shown(value: Any) -> str:
    """A value as an error shows it: short, on one line, and never what a mapping or list holds."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list" if value else "an empty list"
        case None:
            return "nothing"
        case bool():
            return f"{json.dumps(value)} (in quotes it would be text)"
        case _:
            pass
    text = printable(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= 60 else f"{text[:57]}..."
