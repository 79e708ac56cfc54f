"""The OpenAPI document, made from the same types that questions are read by and answers are written from."""

import functools
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from feddns.config.docstrings import attributes
from feddns.config.schema import describe, reachable
from feddns.web.operations import OPERATIONS, PREFIX, Operation, ProblemDetails

_VERSION: Final = "1.0.0"
"""Of this interface: the first number is that of its path, and what is added to answers raises the second."""

_REFUSALS: Final = {"400": "A parameter is not as it must be.", "404": "There is no such thing."}


@functools.cache
def document() -> dict[str, Any]:
    """The document, as OpenAPI 3.1 has it."""
    kinds: list[type[msgspec.Struct]] = [*(operation.told for operation in OPERATIONS), ProblemDetails]
    references, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    by_kind = dict(zip(kinds, references, strict=True))
    structs = {struct.__name__: struct for kind in kinds for struct in reachable(kind)}
    for name, struct in structs.items():
        describe(schemas[name], struct)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "feddns",
            "summary": "What a running feddns sees, believes and writes.",
            "description": "Read only. Times are seconds since the epoch, by the clock of the replica that is asked.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": _VERSION,
        },
        "servers": [{"url": PREFIX}],
        "security": [],
        "paths": {operation.path: {"get": _operation(operation, by_kind)} for operation in OPERATIONS},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(operation: Operation, by_kind: dict[type[msgspec.Struct], dict[str, Any]]) -> dict[str, Any]:
    refusals = {"400"} | ({"404"} if operation.missing else set())
    problem = {"application/problem+json": {"schema": by_kind[ProblemDetails]}}
    return {
        "operationId": _name(operation),
        "summary": operation.summary,
        "parameters": list(_parameters(operation)),
        "responses": {
            "200": {
                "description": operation.summary,
                "content": {"application/json": {"schema": by_kind[operation.told]}},
            },
            **{code: {"description": _REFUSALS[code], "content": problem} for code in sorted(refusals)},
        },
    }


def _name(operation: Operation) -> str:
    first, *rest = operation.path.strip("/").split("/")
    return first.removesuffix("s") if rest else first


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    """Each field of the question, in the path or in the query."""
    whole = msgspec.json.schema_components([operation.asked])[1][operation.asked.__name__]["properties"]
    meanings = attributes(operation.asked)
    for field in msgspec.structs.fields(operation.asked):
        is_in_path = f"{{{field.encode_name}}}" in operation.path
        yield {
            "name": field.encode_name,
            "in": "path" if is_in_path else "query",
            "description": meanings[field.name],
            "required": is_in_path,
            "schema": whole[field.encode_name],
        }
