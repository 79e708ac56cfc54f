"""The JSON Schema of `feddns.yaml`, made from the same types that decode it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from feddns.config.docstrings import attributes, summary
from feddns.config.probing import KINDS
from feddns.config.settings import Settings

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(providers: Mapping[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """The schema, with the settings of `providers` (by name) under every `provider`."""
    root, definitions = _components(Settings, "")
    choices: dict[str, Any] = {}
    for name, kind in providers.items():
        reference, parts = _components(kind, f"{name}.")
        is_optional = all(not field.required for field in msgspec.structs.fields(kind))
        choices[name] = {"anyOf": [reference, {"type": "null"}]} if is_optional else reference
        definitions |= parts
    for holder in ("DnsSettings", "TargetSettings"):
        definitions[holder]["properties"]["provider"] |= {
            "properties": choices,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
    definitions["DnsSettings"]["oneOf"] = [
        {"required": ["zone", "provider"], "properties": {"targets": {"maxItems": 0}}},
        {"required": ["targets"], "properties": {"targets": {"minItems": 1}, "zone": False, "provider": False}},
    ]
    definitions["ProbeSettings"]["oneOf"] = [
        {"required": [kind], "properties": {other: {"type": "object" if other == kind else "null"} for other in KINDS}}
        for kind in KINDS
    ]
    definitions["StateSettings"]["not"] = {
        "required": ["file", "configMap"],
        "properties": {"configMap": {"type": "object"}},
    }
    whole = {"$schema": _DIALECT, "title": "feddns.yaml"} | root | {"$defs": definitions}
    return dict(msgspec.json.decode(msgspec.json.encode(whole)))  # defaults that are tuples become lists


def _components(kind: type[msgspec.Struct], prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A reference to `kind`, and the definitions that it needs, under names that begin with `prefix`."""
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template=f"#/$defs/{prefix}{{name}}")
    structs = {struct.__name__: struct for struct in reachable(kind)}
    for name in definitions.keys() & structs.keys():
        describe(definitions[name], structs[name])
    _allow_spans(definitions)
    return reference, {f"{prefix}{name}": definition for name, definition in definitions.items()}


def _allow_spans(part: Any) -> None:
    """A span of time is a number for msgspec; in the file it may be text, which the pattern beside it describes."""
    if isinstance(part, dict):
        if part.get("type") == "number" and "pattern" in part:
            part["type"] = ["number", "string"]
        for inner in part.values():
            _allow_spans(inner)
    elif isinstance(part, list):
        for inner in part:
            _allow_spans(inner)


def describe(definition: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    """Put each field's own line where msgspec has put the whole docstring."""
    definition["description"] = summary(kind)
    meanings = attributes(kind)
    for field in msgspec.structs.fields(kind):
        if field.name in meanings:
            definition["properties"][field.encode_name]["description"] = meanings[field.name]


def reachable(kind: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """`kind` and every struct in its fields, each once, in the order in which they are met."""
    met: dict[type[msgspec.Struct], None] = {}
    _reach(msgspec.inspect.type_info(kind), met)
    return list(met)


def _reach(info: msgspec.inspect.Type, met: dict[type[msgspec.Struct], None]) -> None:
    match info:
        case msgspec.inspect.StructType(cls=kind, fields=fields) if kind not in met:
            met[kind] = None
            for field in fields:
                _reach(field.type, met)
        case msgspec.inspect.UnionType(types=choices):
            for choice in choices:
                _reach(choice, met)
        case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
            _reach(item, met)
        case msgspec.inspect.DictType(value_type=value):
            _reach(value, met)
        case msgspec.inspect.Metadata(type=inner):
            _reach(inner, met)
        case _:
            pass
