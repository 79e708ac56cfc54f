"""From the objects of a cluster to the few facts about them that a view keeps."""

import ipaddress
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from feddns.clusters.annotations import PREFIX, Wishes, read_annotations
from feddns.clusters.probes import Probes
from feddns.clusters.publishable import is_publishable
from feddns.clusters.selection import Selection
from feddns.clusters.wire import EndpointSlice, Ingress, Metadata, Node, Service, ServiceSpec
from feddns.errors import ClusterError
from feddns.model.labels import absolute, is_zone_name
from feddns.model.printable import printable
from feddns.model.services import Problem, ServiceKey, Shard
from feddns.model.topology import ClusterName

SERVICE_NAME_LABEL: Final = "kubernetes.io/service-name"
LOAD_BALANCER: Final = "LoadBalancer"

_CHANGE_TIME: Final = "endpoints.kubernetes.io/last-change-trigger-time"
_REGION_LABELS: Final = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE_LABELS: Final = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_MOST_INGRESS: Final = 100
_MOST_NAME: Final = 253  # RFC 1123 subdomain, the longest that Kubernetes lets any object be called
_MOST_UID: Final = 128
_MOST_ZONES: Final = 100  # of one slice; endpoints in further ones count as in none
_NAME: Final = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")


class ObjectError(ClusterError):
    """An object, or what should be one, is not of the shape that Kubernetes promises."""


class ServiceFacts(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a Service that the federation takes, or that someone should put right.

    Attributes:
        uid: the object's own, which an Event about it must name.
        shard: without its endpoints; None where the Service is not taken but has problems.
        problems: what is wrong with it.
    """

    uid: str
    shard: Shard | None
    problems: tuple[Problem, ...]


class SliceFacts(msgspec.Struct, frozen=True, gc=False):
    """What is kept of an EndpointSlice.

    Attributes:
        service: the one that it belongs to.
        family: its address type, such as `IPv4`.
        ready: ready endpoints as (zone folded to lower case or empty, count), sorted.
        not_ready: endpoints that are not ready.
        terminating: those of the not ready ones that still serve while they terminate.
        changed_at: when its newest change took place, in seconds since the epoch, where it tells.
    """

    service: ServiceKey
    family: str
    ready: tuple[tuple[str, int], ...]
    not_ready: int
    changed_at: float | None
    terminating: int = 0


class NodeFacts(msgspec.Struct, frozen=True, gc=False):
    """Where a Node stands: its labels folded to lower case, empty where it has none; not checked yet."""

    region: str
    zone: str


def service_key(namespace: str, name: str) -> ServiceKey:
    """The key of a service; its texts are shared, as every cluster has the same ones.

    Raises:
        ObjectError: a part is missing, or is nothing that Kubernetes lets an object be called; as both parts end up in
            paths of requests, it would be a way to other objects.
    """
    if not _is_object_name(name) or not _is_object_name(namespace):
        told = printable(f"{namespace[:_MOST_NAME]}/{name[:_MOST_NAME]}")
        raise ObjectError(f"an object has no usable namespace and name: {told}")
    return ServiceKey(sys.intern(namespace), sys.intern(name))


def _is_object_name(text: str) -> bool:
    return len(text) <= _MOST_NAME and _NAME.fullmatch(text) is not None


class Reader:
    """Reads the objects of one cluster.

    Args:
        cluster: its name.
        selection: which Services are taken.
        probes: how they are probed; by default as their annotations say, the others not at all.
    """

    def __init__(self, cluster: ClusterName, selection: Selection, probes: Probes | None = None) -> None:
        self._cluster = cluster
        self._selection = selection
        self._probes = probes or Probes(cluster)

    def service(self, service: Service) -> tuple[ServiceKey, ServiceFacts | None]:
        """The facts about a Service; None where it is none of the federation's.

        One that is being deleted is none any more: its load balancer lives on only until the cloud's finalizer has run,
        and clients should be led away before that.

        Raises:
            ObjectError: the object has no usable name.
        """
        meta = service.metadata
        key = service_key(meta.namespace, meta.name)
        if not self._may_be_taken(meta, service.spec):
            return key, None
        where = f"{key} in cluster {self._cluster}"
        wishes, problems = read_annotations(meta.annotations, where)
        if not self._selection.takes(wishes):
            return key, ServiceFacts(meta.uid[:_MOST_UID], None, problems) if problems else None
        return key, self._taken(key, service, wishes, problems)

    def endpoint_slice(self, endpoint_slice: EndpointSlice) -> tuple[str, SliceFacts | None]:
        """The facts about an EndpointSlice; None where its service cannot be one of the federation's.

        Raises:
            ObjectError: the object has no usable name.
        """
        meta = endpoint_slice.metadata
        ident = str(service_key(meta.namespace, meta.name))
        owner = (meta.labels or {}).get(SERVICE_NAME_LABEL, "")
        if not _is_object_name(owner) or not self._selection.has_namespace(meta.namespace):
            return ident, None
        key = service_key(meta.namespace, owner)
        ready: Counter[str] = Counter()
        terminating = 0
        endpoints = endpoint_slice.endpoints or ()
        for endpoint in endpoints:
            conditions = endpoint.conditions
            # No word about readiness means ready (discovery/v1, EndpointConditions.ready). That of a Service with
            # publishNotReadyAddresses is always true, as its slices' controller makes it so.
            if conditions is None or conditions.ready is not False:
                zone = _folded(endpoint.zone)
                ready[zone if zone in ready or len(ready) < _MOST_ZONES else ""] += 1
            elif conditions.serving and conditions.terminating:  # no word means not ready, and not terminating
                terminating += 1
        facts = SliceFacts(
            service=key,
            family=sys.intern(endpoint_slice.address_type[:_MOST_NAME]),
            ready=tuple(sorted(ready.items())),
            not_ready=len(endpoints) - ready.total(),
            changed_at=_change_time(meta.annotations),
            terminating=terminating,
        )
        return ident, facts

    def node(self, node: Node) -> tuple[str, NodeFacts | None]:
        """Where a Node stands.

        Raises:
            ObjectError: the object has no usable name.
        """
        name, labels = node.metadata.name, node.metadata.labels or {}
        if not _is_object_name(name):
            raise ObjectError(f"a Node has no usable name: {printable(name[:_MOST_NAME])}")
        return name, NodeFacts(_first(labels, _REGION_LABELS), _first(labels, _ZONE_LABELS))

    def _may_be_taken(self, meta: Metadata, spec: ServiceSpec | None) -> bool:
        return (
            spec is not None
            and spec.type == LOAD_BALANCER
            and meta.deletion_timestamp is None
            and self._selection.has_namespace(meta.namespace)
            and self._selection.has_labels(meta.labels)
        )

    def _taken(self, key: ServiceKey, service: Service, wishes: Wishes, problems: tuple[Problem, ...]) -> ServiceFacts:
        where = f"{key} in cluster {self._cluster}"
        balancer = service.status.load_balancer if service.status else None
        addresses, hostnames, refused = _read_ingress((balancer and balancer.ingress) or [], where)
        problems = (*problems, *refused)
        probe, misfit = self._probes.of(wishes.probe, key.namespace, service.spec.ports if service.spec else None)
        if misfit:
            problems = (*problems, Problem("NoPortToProbe", f"{where}: annotation {PREFIX}probe {misfit}"))
        shard = Shard(
            key=key,
            cluster=self._cluster,
            addresses=addresses,
            hostnames=hostnames,
            ttl_s=wishes.ttl,
            created_at=_seconds(service.metadata.creation_timestamp),
            problems=problems,
            wishes=wishes.hostname,
            probe=probe,
            no_healthy_shards=wishes.no_healthy_shards,
            panic=wishes.panic,
        )
        return ServiceFacts(service.metadata.uid[:_MOST_UID], shard, problems)


def _read_ingress(ingress: list[Ingress], where: str) -> tuple[tuple[str, ...], tuple[str, ...], Iterable[Problem]]:
    addresses: set[str] = set()
    hostnames: set[str] = set()
    problems: set[Problem] = set()
    if len(ingress) > _MOST_INGRESS:
        text = f"{where}: its load balancer has {len(ingress)} entries; only the first {_MOST_INGRESS} are read"
        problems.add(Problem("TooManyLoadBalancerEntries", text))
    for entry in ingress[:_MOST_INGRESS]:
        text = entry.ip or entry.hostname or ""
        if not text:
            continue  # an entry of ports alone is a pending one
        address = _address(text)
        if address:
            addresses.add(address)
        elif _is_hostname(text):
            hostnames.add(absolute(text))
        else:
            told = f"{where}: its load balancer's {text[:_MOST_NAME]!r} is neither an IP address nor a host name"
            problems.add(Problem("InvalidLoadBalancerEntry", told))
    return tuple(sorted(addresses)), tuple(sorted(hostnames)), sorted(problems)


def _address(text: str) -> str | None:
    """The canonical form (RFC 5952) of an address that a client can connect to.

    Loopback addresses are: clusters on one machine, such as kind's, have them.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id is not None or address.ipv4_mapped is not None):
        return None  # from 3.13 on, Python takes ::ffff:127.0.0.1 for a loopback address too
    return str(address) if address.is_loopback or is_publishable(address) else None


def _is_hostname(text: str) -> bool:
    """Whether a resolver could be asked for it; all digits at the end are an address gone wrong (RFC 1123 2.1)."""
    lower = text.lower()
    return is_zone_name(lower) and not lower.removesuffix(".").rpartition(".")[2].isdecimal()


def _first(labels: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((_folded(labels[key]) for key in keys if labels.get(key)), "")


def _folded(label: str | None) -> str:
    # 63 characters are the most that Kubernetes lets a label's value have; one more lets a wrong one be seen as such.
    return sys.intern(label[:64].lower()) if label else ""


def _change_time(annotations: Mapping[str, str] | None) -> float | None:
    text = (annotations or {}).get(_CHANGE_TIME)
    if not text:
        return None
    try:
        return _seconds(msgspec.convert(text, datetime))
    except msgspec.ValidationError:
        return None


def _seconds(time: datetime | None) -> float | None:
    """Seconds since the epoch; None where it is not told, or a year that no clock has."""
    try:
        return time.timestamp() if time else None
    except (OverflowError, ValueError):
        return None
