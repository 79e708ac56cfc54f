"""The published description of the API, which every request and every answer is held against."""

import functools
import importlib.resources
import json
import re
from collections.abc import Mapping
from typing import Any, Self

import jsonschema
import msgspec

_KEPT = ("type", "enum")
_PARAMETER = re.compile(r"\{\+?(\w+)\}")


class Method(msgspec.Struct, frozen=True):
    """One method of the API.

    Attributes:
        name: such as `changes.create`.
        verb: of HTTP.
        path: matches its paths; the parameters are its groups.
        query: parameters of the query by name, as JSON Schemas.
        request: the schema of the body; empty where it has none.
        response: the schema of the answer; empty where it has none.
    """

    name: str
    verb: str
    path: re.Pattern[str]
    query: dict[str, dict[str, Any]]
    request: str
    response: str


class Discovery:
    """The description that google-api-python-client ships."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = {name: _strict(schema) for name, schema in document["schemas"].items()}
        everywhere = document["parameters"]
        self.methods = tuple(
            _method(f"{resource}.{name}", method, everywhere)
            for resource, group in document["resources"].items()
            for name, method in group["methods"].items()
        )

    @classmethod
    @functools.cache
    def shipped(cls) -> Self:
        folder = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
        return cls(json.loads((folder / "dns.v1.json").read_text()))

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method that a request is for, and the parameters in its path."""
        for method in self.methods:
            match = method.path.fullmatch(path) if method.verb == verb else None
            if match:
                return method, match.groupdict()
        return None

    def faults(self, schema: str, value: Any) -> list[str]:
        """What is wrong with a body; empty where nothing is."""
        return [f"{fault.json_path}: {fault.message}" for fault in self._validator(schema).iter_errors(value)]

    def query_faults(self, method: Method, query: Mapping[str, str]) -> list[str]:
        """What is wrong with a query."""
        return [f"{name}={value}" for name, value in query.items() if not _is_parameter(method.query.get(name), value)]

    @functools.cache  # noqa: B019 - there is one description in a process
    def _validator(self, schema: str) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": self._schemas})


def _method(name: str, method: dict[str, Any], everywhere: dict[str, Any]) -> Method:
    parameters = method.get("parameters", {})
    pieces = _PARAMETER.split("/" + method["path"])
    pattern = "".join(f"(?P<{piece}>[^/]+)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    query = {key: value for key, value in parameters.items() if value["location"] == "query"}
    request, response = (method.get(part, {}).get("$ref", "") for part in ("request", "response"))
    return Method(name, method["httpMethod"], re.compile(pattern), everywhere | query, request, response)


def _is_parameter(description: dict[str, Any] | None, value: str) -> bool:
    if description is None:
        return False
    if description["type"] == "integer":
        return value.isdecimal()
    if description["type"] == "boolean":
        return value in {"true", "false"}
    return value in description.get("enum", [value])


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the description as a JSON Schema that lets nothing unknown pass."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    strict: dict[str, Any] = {key: schema[key] for key in _KEPT if key in schema}
    if "items" in schema:
        strict["items"] = _strict(schema["items"])
    if schema.get("type") == "object":
        strict["properties"] = {key: _strict(value) for key, value in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties")
        strict["additionalProperties"] = _strict(others) if others else False
    if schema.get("format") == "int32":
        strict |= {"minimum": -(2**31), "maximum": 2**31 - 1}
    return strict
