"""Kubernetes objects as JSON values, as small as tests need them."""

from collections.abc import Sequence
from typing import Any


def service(name: str = "web", *addresses: str, namespace: str = "shop", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "uid": f"uid-{name}", "resourceVersion": "7", **metadata},
        "spec": {"type": "LoadBalancer"},
        "status": {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]}},
    }


def endpoint_slice(
    name: str = "web-1",
    owner: str = "web",
    *,
    ready: Sequence[bool | None] = (),
    namespace: str = "shop",
    zone: str = "us-a",
    **fields: Any,
) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "resourceVersion": "7",
            "labels": {"kubernetes.io/service-name": owner},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": each}, "zone": zone} for each in ready],
        **fields,
    }


def node(name: str = "n1", region: str = "us", zone: str = "us-a", **labels: str) -> dict[str, Any]:
    places = {"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "resourceVersion": "7", "labels": {**places, **labels}},
    }


def a_list(*items: dict[str, Any], version: str = "10", continued: str = "") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {"resourceVersion": version, "continue": continued},
        "items": list(items),
    }
