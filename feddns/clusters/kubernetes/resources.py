"""The kinds of objects as an API server serves them: where they are, and how they get into a view."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from feddns.clusters.decode import LOAD_BALANCER, SERVICE_NAME_LABEL, ObjectError, Reader
from feddns.clusters.sight import Kind
from feddns.clusters.view import ClusterView
from feddns.clusters.wire import UNREADABLE, EndpointSlice, Node, Service, WireObject

_JSON: Final = "application/json"
_METADATA: Final = f"{_JSON};as=PartialObjectMetadata;g=meta.k8s.io;v1,{_JSON}"
_METADATA_LIST: Final = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v1,{_JSON}"


class Resource(msgspec.Struct, frozen=True):
    """One kind of objects of one cluster.

    Identities and facts are of types that belong together within a resource: what `read` gives, `put` and `replace`
    take.

    Attributes:
        path: of its lists and watches.
        query: what always limits them.
        narrowing: what limits them further, to what can be of use; an API server that does not know how may refuse it.
        decode: parses the JSON of one object; raises ObjectError.
        read: identity and facts of a parsed object; raises ObjectError.
        held: identity and facts, as the view has them now, of the object with this namespace and name.
        put: takes one object's facts, or None where it is gone, into the view.
        replace: takes all objects' facts, and the time, into the view.
        list_accept: the media types of its lists.
        watch_accept: the media types of its watches.
    """

    kind: Kind
    path: str
    query: dict[str, str]
    narrowing: dict[str, str]
    decode: Callable[[msgspec.Raw], WireObject]
    read: Callable[[Any], tuple[Any, Any]]
    held: Callable[[str], tuple[Any, Any]]
    put: Callable[[Any, Any], None]
    replace: Callable[[Mapping[Any, Any], float], None]
    list_accept: str = _JSON
    watch_accept: str = _JSON


def resources(view: ClusterView, reader: Reader, clock: Callable[[], float]) -> tuple[Resource, ...]:
    """Those that the view needs."""
    every = (_services(view, reader), _slices(view, reader), _nodes(view, reader, clock))
    return tuple(resource for resource in every if resource.kind in view.kinds)


def _services(view: ClusterView, reader: Reader) -> Resource:
    return Resource(
        kind=Kind.SERVICES,
        path="/api/v1/services",
        query={},
        narrowing={"fieldSelector": f"spec.type={LOAD_BALANCER}"},
        decode=partial(_decode, msgspec.json.Decoder(Service)),
        read=reader.service,
        held=view.held_service,
        put=view.put_service,
        replace=view.replace_services,
    )


def _slices(view: ClusterView, reader: Reader) -> Resource:
    return Resource(
        kind=Kind.SLICES,
        path="/apis/discovery.k8s.io/v1/endpointslices",
        query={"labelSelector": SERVICE_NAME_LABEL},
        narrowing={},
        decode=partial(_decode, msgspec.json.Decoder(EndpointSlice)),
        read=reader.endpoint_slice,
        held=view.held_slice,
        put=view.put_slice,
        replace=view.replace_slices,
    )


def _nodes(view: ClusterView, reader: Reader, clock: Callable[[], float]) -> Resource:
    """Nodes are large, and change often in parts that nobody here reads: their metadata alone is asked for."""
    return Resource(
        kind=Kind.NODES,
        path="/api/v1/nodes",
        query={},
        narrowing={},
        decode=partial(_decode, msgspec.json.Decoder(Node)),
        read=reader.node,
        held=view.held_node,
        put=lambda name, facts: view.put_node(name, facts, clock()),
        replace=view.replace_nodes,
        list_accept=_METADATA_LIST,
        watch_accept=_METADATA,
    )


def _decode(decoder: msgspec.json.Decoder[WireObject], raw: msgspec.Raw) -> WireObject:
    try:
        return decoder.decode(raw)
    except UNREADABLE as error:
        raise ObjectError(str(error)) from None
