"""Plain values made into settings, strictly, with every misfit told in the operator's words.

msgspec is the judge of every single value and of the whole; what stands here walks along, so that all misfits are found
in one go and each can name its line.
"""

import functools
from collections.abc import Collection, Iterator
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from feddns.config.docstrings import attributes
from feddns.config.durations import parse_duration
from feddns.config.lines import Fault, Path, dotted
from feddns.config.words import UNIONS, form, shown, unknown, unwrap, words

T = TypeVar("T")


def shape(value: Any, kind: type[T], path: Path, faults: list[Fault]) -> T | None:
    """Make `value`, which stands at `path`, an instance of the struct `kind`.

    Returns:
        The instance, or None where anything was added to `faults`.
    """
    before = len(faults)
    plain = _fit(value, kind, path, faults)
    return msgspec.convert(plain, kind) if len(faults) == before else None


def _fit(value: Any, kind: Any, path: Path, faults: list[Fault]) -> Any:
    """`value` with its spans of time in seconds and its empty sections filled; what does not fit goes to `faults`."""
    bare, meta = unwrap(kind)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _fit_struct({} if value is None else value, bare, path, faults)
    origin = get_origin(bare)
    if origin in UNIONS:
        return _fit_union(value, bare, path, faults)
    before = len(faults)
    if origin in {tuple, list} and isinstance(value, list):
        value = [_fit(item, get_args(bare)[0], (*path, place), faults) for place, item in enumerate(value)]
    elif origin is dict and isinstance(value, dict):
        value = {key: _fit(item, get_args(bare)[1], (*path, key), faults) for key, item in value.items()}
    if len(faults) > before:
        return value
    try:
        if form(meta) == "duration" and isinstance(value, str):
            value = parse_duration(value)
        msgspec.convert(value, kind)
    except ValueError:  # of which msgspec.ValidationError is one
        faults.append(Fault(path, f"{dotted(path)} must be {words(kind)}, not {shown(value)}"))
    return value


def _fit_union(value: Any, kind: Any, path: Path, faults: list[Fault]) -> Any:
    """Of the unions only `X | None` is used; any other is left to msgspec as a whole."""
    choices = [choice for choice in get_args(kind) if choice is not type(None)]
    if value is None and len(choices) < len(get_args(kind)):
        return None
    if len(choices) == 1:
        return _fit(value, choices[0], path, faults)
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        faults.append(Fault(path, f"{dotted(path)} must be {words(kind)}, not {shown(value)}"))
    return value


def _fit_struct(value: Any, kind: type[msgspec.Struct], path: Path, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(Fault(path, f"{dotted(path)} must be a mapping of settings, not {shown(value)}"))
        return value
    before = len(faults)
    hints, fields = _fields(kind)
    faults.extend(_strangers(value, fields, path))
    meanings = attributes(kind)
    faults.extend(
        Fault(path, f"{dotted((*path, key))} is missing: {meanings.get(field.name, words(hints[field.name]))}")
        for key, field in fields.items()
        if field.required and key not in value
    )
    plain = {
        key: _fit(item, hints[fields[key].name], (*path, key), faults) for key, item in value.items() if key in fields
    }
    if len(faults) == before:
        faults.extend(_own_objection(plain, kind, path))
    return plain


@functools.cache  # settings are read once, but annotations of this shape by the thousand
def _fields(kind: type[msgspec.Struct]) -> tuple[dict[str, Any], dict[str, msgspec.structs.FieldInfo]]:
    """The types of the fields by name, and the fields by the name that they have in the file."""
    return get_type_hints(kind, include_extras=True), {
        field.encode_name: field for field in msgspec.structs.fields(kind)
    }


def _strangers(value: dict[str, Any], fields: Collection[str], path: Path) -> Iterator[Fault]:
    for key in value:
        if key not in fields:
            where = (*path, key)
            yield Fault(where, unknown(f"setting {dotted(where)}", key, fields))


def _own_objection(plain: dict[str, Any], kind: type[msgspec.Struct], path: Path) -> Iterator[Fault]:
    """What the struct itself objects to when it is made, as its `__post_init__` may."""
    try:
        msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        yield Fault(path, f"{dotted(path)}: {str(error).partition(' - at `$')[0]}")


def places(value: msgspec.Struct, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Every file and folder that settings name, as where it stands, `file` or `folder`, and its path."""
    hints = get_type_hints(type(value), include_extras=True)
    for field in msgspec.structs.fields(type(value)):
        yield from _places(getattr(value, field.name), hints[field.name], (*path, field.encode_name))


def _places(value: Any, kind: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    bare, meta = unwrap(kind)
    if isinstance(value, msgspec.Struct):
        yield from places(value, path)
    elif isinstance(value, str) and form(meta) in {"file", "folder"}:
        yield path, form(meta), value
    elif get_origin(bare) in UNIONS:
        for choice in get_args(bare):
            yield from _places(value, choice, path)
    elif get_origin(bare) in {tuple, list} and isinstance(value, tuple | list):
        for place, item in enumerate(value):
            yield from _places(item, get_args(bare)[0], (*path, place))
