"""Kubernetes objects that the lab's scenarios are made of, as the API takes them."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]

COLLECTIONS = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "Service": "/api/v1/namespaces/{namespace}/services",
    "Deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}


def collection(manifest: Object) -> str:
    """The path that objects of this kind are created at."""
    return COLLECTIONS[manifest["kind"]].format(namespace=manifest["metadata"].get("namespace", ""))


def namespace(name: str) -> Object:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def node(region: str, zone: str) -> Object:
    """The node of a zone, which kwok pretends to run; it bears the zone's name."""
    labels = {
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
        "kubernetes.io/hostname": zone,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": zone, "labels": labels},
        "status": {"capacity": {"cpu": "64", "memory": "256Gi", "pods": "10000"}},
    }


def deployment(namespace: str, name: str, replicas: int, zone: str) -> Object:
    """A Deployment whose pods are placed on a zone's node by name, as the lab has no scheduler."""
    labels = {"app": name}
    pod = {"nodeName": zone, "containers": [{"name": "web", "image": "nginx"}], "terminationGracePeriodSeconds": 0}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": namespace, "name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def service(namespace: str, name: str, *, selector: bool = True, **metadata: Any) -> Object:
    """A LoadBalancer Service.

    Args:
        namespace: its namespace.
        name: its name.
        selector: whether the controller-manager is to make its EndpointSlices, of the pods with the label `app: NAME`.
        metadata: more fields of its metadata, such as `annotations` and `labels`.
    """
    spec: dict[str, Any] = {
        "type": "LoadBalancer",
        "ports": [{"port": 80}],
        "allocateLoadBalancerNodePorts": False,  # the range of node ports is full at about 2,700
    }
    if selector:
        spec["selector"] = {"app": name}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, **metadata},
        "spec": spec,
    }


def load_balancer(addresses: Iterable[str]) -> Object:
    """The part of a Service's status that a cloud's load balancer writes."""
    return {"loadBalancer": {"ingress": [{_field(address): address} for address in addresses]}}


def endpoint_slice(namespace: str, name: str, zone: str, *, ready: bool = True) -> Object:
    """An EndpointSlice with one endpoint, for a Service without a selector."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": namespace, "name": name, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "ports": [{"port": 80}],
        "endpoints": [{"addresses": ["10.0.0.1"], "zone": zone, "conditions": {"ready": ready}}],
    }


def reader(user: str) -> tuple[Object, Object]:
    """A ClusterRole to see what feddns sees, and its binding to a user."""
    kinds = (("", ["services", "nodes"]), ("discovery.k8s.io", ["endpointslices"]))
    rules = [
        {"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]} for group, resources in kinds
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": user},
        "rules": rules,
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": user},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": user},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    return role, binding


def _field(address: str) -> str:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return "hostname"
    return "ip"
