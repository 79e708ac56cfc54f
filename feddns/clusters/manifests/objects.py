"""One file of manifests as the facts about the objects in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from feddns.clusters.decode import NodeFacts, ObjectError, Reader, ServiceFacts, SliceFacts
from feddns.clusters.manifests.documents import Documents, ManifestError, read_json, read_yaml
from feddns.clusters.wire import EndpointSlice, Node, Service
from feddns.model.services import ServiceKey

_MOST_OCTETS: Final = 256 * 2**20
_SLICE_API: Final = "discovery.k8s.io/v1"
_KINDS: Final = frozenset({("v1", "Service"), (_SLICE_API, "EndpointSlice"), ("v1", "Node")})

for _kind in (Service, EndpointSlice, Node):
    # Folders are read in threads, and msgspec 0.22 crashes where two are the first to need what it knows of a type.
    msgspec.json.Decoder(_kind)


class Objects(msgspec.Struct):
    """The objects of one file by identity; None for one that is there and not the federation's.

    Attributes:
        repeated: what stands in the file more than once, for people; the first of each counts.
    """

    services: dict[ServiceKey, ServiceFacts | None] = msgspec.field(default_factory=dict)
    slices: dict[str, SliceFacts | None] = msgspec.field(default_factory=dict)
    nodes: dict[str, NodeFacts | None] = msgspec.field(default_factory=dict)
    repeated: list[str] = msgspec.field(default_factory=list)


def read_objects(file: Path, reader: Reader) -> Objects:
    """Read a file of manifests.

    Lists, as kubectl and the API itself print them, are read item by item; kinds that are of no use here are ignored.

    Raises:
        ManifestError: the file, or an object in it, cannot be read.
    """
    try:
        if file.stat().st_size > _MOST_OCTETS:
            raise ManifestError(str(file), None, f"larger than {_MOST_OCTETS} octets")
        text = file.read_bytes()
    except OSError as error:
        raise ManifestError(str(file), None, f"cannot be read: {error.strerror}") from None
    if file.suffix.lower() != ".json":
        return _collect(read_yaml(text, str(file)), reader)
    try:
        return _collect(read_json(text, str(file)), reader)
    except ManifestError as error:
        if error.line is None:
            _collect(read_yaml(text, str(file)), reader)  # slow, but it knows lines, and fails for the same reason
        raise


def _collect(documents: Documents, reader: Reader) -> Objects:
    objects = Objects()
    for document in documents.values:
        for api_version, kind, value in _each(document, documents):
            if (api_version, kind) in _KINDS:
                try:
                    _add(kind, value, objects, reader)
                except msgspec.ValidationError as error:
                    text, _, path = str(error).partition(" - at `")
                    raise documents.error(value, path.removesuffix("`"), f"{_title(kind, value)}: {text}") from None
                except ObjectError as error:
                    raise documents.error(value, "", f"{_title(kind, value)}: {error}") from None
    return objects


def _each(document: Any, documents: Documents) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each object of a document with its apiVersion and kind; items of a typed list need not repeat theirs."""
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise documents.error(document, "", "not a Kubernetes object: it has no kind")
    api_version, kind = str(document.get("apiVersion")), document["kind"]
    if not kind.endswith("List") or "items" not in document:
        yield api_version, kind, document
        return
    items = document["items"] or []
    if not isinstance(items, list):
        raise documents.error(document, "$.items", "the items of a list must be a list")
    for item in items:
        if not isinstance(item, dict):
            raise documents.error(document, "$.items", "an item of the list is not an object")
        yield str(item.get("apiVersion", api_version)), str(item.get("kind", kind.removesuffix("List"))), item


def _add(kind: str, value: dict[str, Any], objects: Objects, reader: Reader) -> None:
    if kind == "Node":
        _put(objects.nodes, reader.node(msgspec.convert(value, Node, strict=False)), kind, objects)
    elif kind == "Service":
        service = msgspec.convert(value, Service, strict=False)
        _default_namespace(service)
        _put(objects.services, reader.service(service), kind, objects)
    else:
        endpoint_slice = msgspec.convert(value, EndpointSlice, strict=False)
        _default_namespace(endpoint_slice)
        _put(objects.slices, reader.endpoint_slice(endpoint_slice), kind, objects)


def _default_namespace(found: Service | EndpointSlice) -> None:
    """Manifests that are written by hand often leave the namespace out, and kubectl then takes this one."""
    found.metadata.namespace = found.metadata.namespace or "default"


def _put(known: dict[Any, Any], found: tuple[Any, Any], kind: str, objects: Objects) -> None:
    ident, facts = found
    if ident in known:
        objects.repeated.append(f"{kind} {ident}")
    else:
        known[ident] = facts


def _title(kind: str, value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{kind} {name}" if isinstance(name, str) else kind
