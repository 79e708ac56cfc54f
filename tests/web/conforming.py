"""Answers of the API held against the OpenAPI document that it serves."""

import re
from typing import Any

import aiohttp
import jsonschema
import msgspec

Json = dict[str, Any]


async def fetch(url: str, method: str = "GET") -> tuple[int, str, Any]:
    """Status, media type and body, from JSON."""
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        body = await answer.read()
        return answer.status, answer.content_type, msgspec.json.decode(body) if body else None


class Conforming:
    """Asks, and holds every answer against the document, strictly: no key may be missing or be one more."""

    def __init__(self, url: str, document: Json) -> None:
        self._url = url
        self._paths: Json = document["paths"]
        self._schemas: Json = _strict(document["components"])

    @classmethod
    async def at(cls, url: str) -> "Conforming":
        """By the document that is served there."""
        _, _, document = await fetch(f"{url}/api/v1/openapi.json")
        return cls(url, document)

    @property
    def paths(self) -> list[str]:
        """What can be asked."""
        return list(self._paths)

    async def get(self, path: str, status: int = 200) -> Any:
        """Ask for a path below `/api/v1`, with its query."""
        found, media_type, body = await fetch(f"{self._url}/api/v1{path}")
        assert found == status, body
        schema = self._operation(path)["responses"][str(status)]["content"][media_type]["schema"]
        jsonschema.Draft202012Validator({**schema, "components": self._schemas}).validate(body)
        return body

    def _operation(self, path: str) -> Json:
        for template, operations in self._paths.items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path.partition("?")[0]):
                return dict(operations["get"])
        raise AssertionError(f"the document has no {path}")


def _strict(part: Any) -> Any:
    """The schemas without room for keys that they do not name."""
    if isinstance(part, list):
        return [_strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _strict(value) for key, value in part.items()}
    if "properties" in part and "type" in part:
        inner |= {"additionalProperties": False, "required": list(part["properties"])}
    return inner
