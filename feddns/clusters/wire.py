"""What API servers and manifests say, as structs that hold only the fields in use.

Everything else of an object is skipped while it is parsed, which is what keeps listing thousands of objects cheap.
Fields that Kubernetes may leave out or print as null are optional here too.
"""

from datetime import datetime
from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises for text that is no JSON, or not of the right shape, or nested deeper than anyone needs."""


class Wire(msgspec.Struct, gc=False, rename="camel"):
    """The common form of all that is decoded here."""


class Metadata(Wire):
    """The part of `ObjectMeta` in use."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class Ingress(Wire):
    """One point where a load balancer takes traffic in."""

    ip: str | None = None
    hostname: str | None = None


class LoadBalancerStatus(Wire):
    """What the cloud has given to a Service of type LoadBalancer."""

    ingress: list[Ingress] | None = None


class ServicePort(Wire):
    """One port of a Service; one without a protocol is of TCP."""

    name: str | None = None
    port: int = 0
    protocol: str | None = None


class ServiceSpec(Wire):
    """The part of `ServiceSpec` in use."""

    type: str | None = None
    ports: list[ServicePort] | None = None


class ServiceStatus(Wire):
    """The part of `ServiceStatus` in use."""

    load_balancer: LoadBalancerStatus | None = None


class Service(Wire):
    """A core/v1 Service."""

    metadata: Metadata
    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class Conditions(Wire):
    """The part of `EndpointConditions` in use."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Wire):
    """One endpoint; its addresses are not decoded, as only their number counts."""

    conditions: Conditions | None = None
    zone: str | None = None


class EndpointSlice(Wire):
    """A discovery.k8s.io/v1 EndpointSlice; one without endpoints is printed with null."""

    metadata: Metadata
    address_type: str = "IPv4"
    endpoints: list[Endpoint] | None = None


class Node(Wire):
    """A core/v1 Node, or its PartialObjectMetadata."""

    metadata: Metadata


WireObject = Service | EndpointSlice | Node


class ListMetadata(Wire):
    """`ListMeta`; its field `continue` is a word of Python."""

    resource_version: str = ""
    continue_token: str = msgspec.field(default="", name="continue")


class ObjectList(Wire):
    """A list of any kind, with its items still to be decoded."""

    metadata: ListMetadata
    items: list[msgspec.Raw] | None = None


class StatusDetails(Wire):
    """The part of `StatusDetails` in use."""

    retry_after_seconds: float | None = None


class Status(Wire):
    """A meta/v1 Status, as API servers answer what they do not do, and as watches end in."""

    code: int | None = None
    reason: str | None = None
    message: str | None = None
    details: StatusDetails | None = None


class WatchEvent(Wire):
    """One line of a watch, with its object still to be decoded."""

    type: str
    object: msgspec.Raw


class Named(Wire):
    """Any object, for telling which one it is when it cannot be decoded as what it should be."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
