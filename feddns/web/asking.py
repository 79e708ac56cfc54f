"""A request's path and query made into a question, or into what is wrong with it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from feddns.config.words import unknown, unwrap, words
from feddns.model.asked import Asked

A = TypeVar("A", bound=Asked)


class BadQuestion(Exception):
    """What is wrong with a question, and what would be right."""


def question(kind: type[A], path: Mapping[str, str], query: Iterable[tuple[str, str]]) -> A:
    """Read a question strictly.

    Args:
        kind: its form.
        path: parameters of the path.
        query: parameters of the query, in order.

    Raises:
        BadQuestion: a parameter does not exist, is given twice or has a value that it cannot have.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind) if field.encode_name not in path}
    hints = get_type_hints(kind, include_extras=True)
    given: dict[str, Any] = dict(path)
    for name, value in query:
        if name not in fields:
            raise BadQuestion(unknown(f'parameter "{name}"', name, fields.keys()))
        wanted = hints[fields[name].name]
        if get_origin(unwrap(wanted)[0]) is tuple:
            given.setdefault(name, []).append(_value(name, value, get_args(unwrap(wanted)[0])[0]))
        elif name in given:
            raise BadQuestion(f"the parameter {name} is given more than once")
        else:
            given[name] = _value(name, value, wanted)
    return msgspec.convert(given, kind)


def _value(name: str, value: str, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        raise BadQuestion(f'{name} must be {words(kind)}, not "{value[:100]}"') from None
