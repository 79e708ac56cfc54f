"""Requests and answers in XML, by the service model that botocore ships."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import botocore.session

from tests.providers.fakes.route53.errors import ApiError, invalid_input

MODEL = botocore.session.Session().get_service_model("route53")
NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
OPERATIONS = (
    "ChangeResourceRecordSets",
    "CreateHostedZone",
    "GetChange",
    "GetHostedZone",
    "ListHostedZones",
    "ListHostedZonesByName",
    "ListResourceRecordSets",
    "ListTagsForResource",
    "ListTagsForResources",
)
_PREFIX = f"{{{NAMESPACE}}}"


class Reader:
    """Reads one shape, strictly, from an element or a text."""

    _readers: dict[str, "Reader"] = {}  # noqa: RUF012  # one for each shape, made when first used

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self.kind = shape.type_name
        self.limits = shape.metadata
        self.pattern = re.compile(self.limits["pattern"]) if "pattern" in self.limits else None
        self.enum = frozenset(self.limits.get("enum", ()))
        if self.kind == "structure":
            self.members = {
                _PREFIX + member.serialization.get("name", name): (name, member)
                for name, member in shape.members.items()
            }
            self.required = frozenset(shape.required_members)
        elif self.kind == "list":
            self.item = _PREFIX + shape.member.serialization.get("name", "member")

    @classmethod
    def of(cls, shape: Any) -> "Reader":
        found = cls._readers.get(shape.name)
        if found is None:
            found = cls._readers[shape.name] = cls(shape)
        return found

    def read(self, element: ET.Element) -> Any:
        if self.kind == "structure":
            return self._structure(element)
        if self.kind == "list":
            return self._list(element)
        if len(element):
            raise invalid_input(f"Invalid XML ; element '{_local(element)}' must have no elements in it")
        return self.text(element.text or "")

    def text(self, text: str) -> Any:
        """A value that is text, wherever it came from."""
        if self.kind == "boolean":
            if text not in {"true", "false"}:
                raise invalid_input(f"Invalid XML ; '{text}' is not a valid value for 'boolean'")
            return text == "true"
        if self.kind in {"integer", "long"}:
            if not re.fullmatch(r"-?\d+", text):
                raise invalid_input(f"Invalid XML ; '{text}' is not a valid value for 'integer'")
            self._check_range(int(text), text)
            return int(text)
        self._check_range(len(text), text)
        if self.enum and text not in self.enum:
            raise invalid_input(f"Invalid XML ; Value '{text}' is not facet-valid with respect to enumeration")
        if self.pattern is not None and not self.pattern.fullmatch(text):
            raise invalid_input(f"1 validation error detected: '{text}' must satisfy {self.pattern.pattern}")
        return text

    def _structure(self, element: ET.Element) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for child in element:
            found = self.members.get(child.tag)
            if found is None or found[0] in values:
                raise invalid_input(
                    f"Invalid XML ; cvc-complex-type.2.4.a: Invalid content was found starting with element "
                    f"'{_local(child)}'"
                )
            values[found[0]] = Reader.of(found[1]).read(child)
        if not self.required <= values.keys():
            missing = ", ".join(sorted(self.required - values.keys()))
            raise invalid_input(
                f"Invalid XML ; cvc-complex-type.2.4.b: The content of element '{_local(element)}' is not complete. "
                f"One of '{missing}' is expected."
            )
        return values

    def _list(self, element: ET.Element) -> list[Any]:
        reader = Reader.of(self.shape.member)
        if any(child.tag != self.item for child in element):
            raise invalid_input(f"Invalid XML ; element '{_local(element)}' has an item of another name")
        values = [reader.read(child) for child in element]
        self._check_range(len(values), _local(element))
        return values

    def _check_range(self, size: int, what: str) -> None:
        if not self.limits.get("min", size) <= size <= self.limits.get("max", size):
            raise invalid_input(f"1 validation error detected: Value '{what[:80]}' failed to satisfy constraint")


class Route:
    """One operation: what its URL looks like, and what it takes and gives."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model = MODEL.operation_model(name)
        self.method = self.model.http["method"]
        path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.model.http["requestUri"].rstrip("/"))
        self.path = re.compile(f"{path}/?")
        members = self.model.input_shape.members.items()
        self.body = {name: shape for name, shape in members if not shape.serialization.get("location")}

    def parameters(self, path: dict[str, str], query: dict[str, str], body: bytes) -> dict[str, Any]:
        """What the request says.

        Raises:
            ApiError: it is no request of this operation.
        """
        values = self._document(body) if self.body else {}
        for name, shape in self.model.input_shape.members.items():
            location, key = shape.serialization.get("location"), shape.serialization.get("name", name)
            source = {"uri": path, "querystring": query}.get(location, {})
            if key in source:
                values[name] = Reader.of(shape).text(
                    source[key].rpartition("/")[2] if location == "uri" else source[key]
                )
        known = {s.serialization.get("name") for s in self.model.input_shape.members.values()}
        if unknown := query.keys() - known - {"x-id"}:
            raise invalid_input(f"unknown parameters: {', '.join(sorted(unknown))}")
        return values

    def answer(self, values: dict[str, Any]) -> bytes:
        """The answer's document; values that the model does not know are an error of the fake's."""
        shape = self.model.output_shape
        inner = "".join(_write_members(shape, values))
        return f'<?xml version="1.0"?>\n<{shape.name} xmlns="{NAMESPACE}">{inner}</{shape.name}>'.encode()

    def _document(self, body: bytes) -> dict[str, Any]:
        try:
            root = ET.fromstring(body)  # noqa: S314  # tests speak to it
        except ET.ParseError as error:
            raise ApiError("MalformedInput", f"Invalid XML ; {error}") from error
        expected = self.model.input_shape.serialization["name"]
        if root.tag != _PREFIX + expected:
            raise ApiError("MalformedInput", f"{_local(root)} is not valid, expected {expected}")
        values: dict[str, Any] = {}
        for child in root:
            name = child.tag.removeprefix(_PREFIX)
            if name not in self.body or name in values:
                raise invalid_input(f"Invalid XML ; Invalid content was found starting with element '{name}'")
            values[name] = Reader.of(self.body[name]).read(child)
        if missing := [name for name in self.model.input_shape.required_members if name in self.body.keys() - values]:
            raise invalid_input(f"Invalid XML ; One of '{missing}' is expected.")
        return values


ROUTES = tuple(map(Route, OPERATIONS))


def route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The operation of a request, and what its path says."""
    for candidate in ROUTES:
        match = candidate.path.fullmatch(path)
        if match is not None and candidate.method == method:
            return candidate, match.groupdict()
    raise ApiError("UnknownOperationException", f"{method} {path} is not in the fake", 404)


def error_document(error: ApiError, request_id: str) -> bytes:
    """The usual form of an error."""
    kind = "Sender" if error.status < 500 else "Receiver"
    return (
        f'<?xml version="1.0"?>\n<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{kind}</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def bare_invalid_batch(message: str) -> bytes:
    """The other form that the API reference shows for an InvalidChangeBatch."""
    return (
        f'<?xml version="1.0"?>\n<InvalidChangeBatch xmlns="{NAMESPACE}"><Messages><Message>{escape(message)}</Message>'
        f"</Messages></InvalidChangeBatch>"
    ).encode()


def _write_members(shape: Any, values: dict[str, Any]) -> Iterator[str]:
    assert values.keys() <= shape.members.keys(), f"{shape.name} has no {values.keys() - shape.members.keys()}"
    assert frozenset(shape.required_members) <= values.keys(), f"{shape.name} lacks a member: {values}"
    for name, member in shape.members.items():
        if name in values and member.serialization.get("location") != "header":
            yield _write(member.serialization.get("name", name), member, values[name])


def _write(tag: str, shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        inner = "".join(_write_members(shape, value))
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        inner = "".join([_write(item, shape.member, each) for each in value])
    elif shape.type_name == "boolean":
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"


def _local(element: ET.Element) -> str:
    return element.tag.removeprefix(_PREFIX)
