"""The parts of the reference that are made from the code: `python -m tests.rules.reference` writes them.

A part stands between two marks in its page; what is outside of them is written by people.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from feddns.config.docstrings import attributes, summary
from feddns.config.durations import format_duration
from feddns.config.schema import schema
from feddns.config.settings import Settings
from feddns.config.words import form, unwrap, words
from feddns.model.notices import PROBLEMS, Turn
from feddns.providers.installed import provider_class, provider_names
from feddns.telemetry.events import LogEvent
from feddns.telemetry.metrics import Metric
from feddns.web.openapi import document
from feddns.web.operations import OPERATIONS, PREFIX
from tests.rules.files import ROOT

REFERENCE = ROOT / "docs" / "reference"
SCHEMA = REFERENCE / "feddns.schema.json"
OPENAPI = REFERENCE / "openapi.json"


def made(page: str, part: str) -> str:
    """What the code says for one part of a page."""
    return "".join(f"{line}\n" for line in PARTS[page, part]())


def schema_text() -> str:
    """The schema of `feddns.yaml` as a file."""
    kinds = {name: provider_class(name).Settings for name in provider_names()}
    return json.dumps(schema(kinds), indent=2, ensure_ascii=False) + "\n"


def openapi_text() -> str:
    """The OpenAPI document as a file."""
    return json.dumps(json.loads(msgspec.json.encode(document())), indent=2, ensure_ascii=False) + "\n"


def written(page: str, part: str) -> str:
    """What stands between the marks of a page now."""
    begin, end = _marks(part)
    _, found, rest = (REFERENCE / page).read_text().partition(begin)
    assert found, f"docs/reference/{page} has no mark {begin}"
    return rest.partition(end)[0]


def _marks(part: str) -> tuple[str, str]:
    return f"<!-- begin: {part} -->\n", f"<!-- end: {part} -->\n"


def _all_settings() -> Iterator[str]:
    yield from _settings(Settings, "")


def _provider_settings() -> Iterator[str]:
    for name in provider_names():
        yield from _settings(provider_class(name).Settings, f"dns.provider.{name}")


def _settings(kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    """One section for a struct, and one for each struct in it, in the order of the fields."""
    yield f"\n### {f'`{path}`' if path else 'At the top'}\n"
    yield f"{summary(kind)}\n"
    inner: list[tuple[type[msgspec.Struct], str]] = []
    hints, meanings = get_type_hints(kind, include_extras=True), attributes(kind)
    fields = msgspec.structs.fields(kind)
    if fields:
        yield "| Key | Meaning | Value | Default |\n|---|---|---|---|"
    for field in fields:
        where = f"{path}.{field.encode_name}".removeprefix(".")
        struct, suffix = _struct(hints[field.name])
        if struct is not None:
            inner.append((struct, where + suffix))
        value = f"see `{where}{suffix}`" if struct else _value(hints[field.name])
        yield _row(f"`{field.encode_name}`", meanings[field.name], value, _default(field, hints[field.name]))
    for struct, where in inner:
        yield from _settings(struct, where)


def _struct(kind: Any) -> tuple[type[msgspec.Struct] | None, str]:
    """The struct that a field holds, and `[]` where it holds a list of them."""
    bare, _ = unwrap(kind)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return bare, ""
    for argument in get_args(bare):
        struct, suffix = _struct(argument)
        if struct is not None:
            return struct, f"[]{suffix}" if get_origin(bare) in {tuple, list} else suffix
    return None, ""


def _value(kind: Any) -> str:
    return "a span of time" if form(unwrap(kind)[1]) == "duration" else words(kind)


def _default(field: msgspec.structs.FieldInfo, kind: Any) -> str:
    if field.required:
        return "required"
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if default is None or isinstance(default, msgspec.Struct):
        return "none" if default is None else "see there"
    if form(unwrap(kind)[1]) == "duration":
        return f"`{format_duration(default)}`"
    return f"`{json.dumps(msgspec.to_builtins(default))}`"


def _log() -> Iterator[str]:
    yield "| Event | Level | Meaning |\n|---|---|---|"
    for event in sorted(LogEvent, key=lambda event: event.message):
        yield _row(f"`{event.message}`", logging.getLevelName(event.level).lower(), event.meaning)


def _turns() -> Iterator[str]:
    yield "| Reason | Type | Meaning |\n|---|---|---|"
    for turn in Turn:
        yield _row(f"`{turn.reason}`", turn.type, turn.meaning)


def _problems() -> Iterator[str]:
    yield "| Reason | Meaning |\n|---|---|"
    for reason, meaning in PROBLEMS.items():
        yield _row(f"`{reason}`", meaning)


def _metrics() -> Iterator[str]:
    yield "| Metric | Type | Labels | Meaning |\n|---|---|---|---|"
    for metric in Metric:
        labels = ", ".join(f"`{label}`" for label in metric.label_names)
        yield _row(f"`{metric.full_name}`", metric.kind, labels, metric.meaning)


def _operations() -> Iterator[str]:
    yield "| GET | What it tells | Parameters | Answer |\n|---|---|---|---|"
    for operation in OPERATIONS:
        names = [field.encode_name for field in msgspec.structs.fields(operation.asked)]
        parameters = ", ".join(f"`{name}`" for name in names if f"{{{name}}}" not in operation.path)
        yield _row(f"`{PREFIX}{operation.path}`", operation.summary, parameters, _link(operation.told.__name__))


def _parameters() -> Iterator[str]:
    yield "| Parameter | Of | Meaning | Value |\n|---|---|---|---|"
    for operation in OPERATIONS:
        hints, meanings = get_type_hints(operation.asked, include_extras=True), attributes(operation.asked)
        for field in msgspec.structs.fields(operation.asked):
            value = words(hints[field.name])
            yield _row(f"`{field.encode_name}`", f"`{operation.path}`", meanings[field.name], value)


def _answers() -> Iterator[str]:
    """One section for each form of an answer, or of a part of one, by name."""
    forms = json.loads(msgspec.json.encode(document()))["components"]["schemas"]
    for name, form_of in forms.items():
        yield f"\n### {name}\n"
        yield f"{form_of.get('description', '')}\n"
        if "enum" in form_of:
            yield f"One of {', '.join(f'`{value}`' for value in form_of['enum'])}."
            continue
        yield "| Key | Type | Meaning |\n|---|---|---|"
        for key, part in form_of["properties"].items():
            yield _row(f"`{key}`", _json_type(part), part.get("description", ""))


def _json_type(part: dict[str, Any]) -> str:
    """A JSON Schema in a few words, with links to the forms that it refers to."""
    if "$ref" in part:
        return _link(part["$ref"].rpartition("/")[2])
    if "anyOf" in part:
        return " or ".join(_json_type(choice) for choice in part["anyOf"])
    if "enum" in part:
        return " or ".join("null" if value is None else f"`{value}`" for value in part["enum"])
    if part.get("type") == "array":
        return f"list of {_json_type(part['items'])}"
    return str(part["type"])


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


PARTS: Final = {
    ("config.md", "settings"): _all_settings,
    ("config.md", "providers"): _provider_settings,
    ("events.md", "turns"): _turns,
    ("events.md", "problems"): _problems,
    ("../logs.md", "log"): _log,
    ("metrics.md", "metrics"): _metrics,
    ("api.md", "operations"): _operations,
    ("api.md", "parameters"): _parameters,
    ("api.md", "answers"): _answers,
}
"""What makes a part, by page and mark."""


def main() -> None:
    """Write every part into its page, the schema and the OpenAPI document."""
    for page, part in PARTS:
        path, begin = REFERENCE / page, _marks(part)[0]
        path.write_text(path.read_text().replace(begin + written(page, part), begin + made(page, part)))
    SCHEMA.write_text(schema_text())
    OPENAPI.write_text(openapi_text())


if __name__ == "__main__":
    main()
