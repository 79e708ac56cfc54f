"""What API servers say of the objects that they take: server-side apply, and their schemas for kubeconform."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.charts.chart import Object
from tests.lab.api import Api, until
from tests.lab.binaries import module

# Where the resource definitions of the Prometheus operator are, which Helm's users install with it.
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.83.0"
DEFINITIONS = ("servicemonitors", "prometheusrules")

_APPLY = "application/apply-patch+yaml"


async def define_monitors(api: Api) -> None:
    """Make ServiceMonitors and PrometheusRules known to an API server, and wait until it tells of them."""
    folder = module(OPERATOR) / "example" / "prometheus-operator-crd"
    for name in DEFINITIONS:
        await apply(api, yaml.safe_load((folder / f"monitoring.coreos.com_{name}.yaml").read_text()))

    async def told() -> bool:
        groups = await api.request("GET", "/openapi/v3")
        path = groups["paths"].get("apis/monitoring.coreos.com/v1")
        if path is None:
            return False
        document = await api.request("GET", path["serverRelativeURL"])
        return len(_kinds(document).keys() & {"ServiceMonitor", "PrometheusRule"}) == len(DEFINITIONS)

    await until(told, 30)


async def apply(api: Api, manifest: Object) -> Any:
    """Apply an object as Helm or `kubectl apply --server-side` would, strictly; gives it as it is then."""
    query = "fieldManager=tests&force=true&fieldValidation=Strict"
    return await api.request("PATCH", f"{await path(api, manifest)}?{query}", manifest, _APPLY)


async def remove_all(api: Api, manifests: list[Object]) -> None:
    """Delete objects, whether they are there or not."""
    for manifest in manifests:
        await api.delete(await path(api, manifest))


async def path(api: Api, manifest: Object) -> str:
    """Where an object is, as the API server's discovery tells."""
    version, metadata = manifest["apiVersion"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    known = await api.request("GET", root)
    (resource,) = (each for each in known["resources"] if each["kind"] == manifest["kind"] and "/" not in each["name"])
    place = f"/namespaces/{metadata['namespace']}" if resource["namespaced"] else ""
    return f"{root}{place}/{resource['name']}/{metadata['name']}"


async def write_schemas(api: Api, versions: set[str], folder: Path) -> str:
    """Write a JSON Schema of each kind of some API versions; gives where kubeconform finds them.

    They are made from what the API server itself tells (`/openapi/v3`), definitions of custom resources included.
    """
    for version in versions:
        root = f"apis/{version}" if "/" in version else f"api/{version}"
        group = version.partition("/")[0]  # kubeconform takes the core's `v1` to be a group's name too
        document = _strict(await api.request("GET", f"/openapi/v3/{root}"))
        for kind, name in _kinds(document).items():
            schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            file = folder / f"{kind.lower()}-{group}-{version.rpartition('/')[2]}.json"
            file.write_text(json.dumps(schema))
    return f"{folder}/{{{{.ResourceKind}}}}-{{{{.Group}}}}-{{{{.ResourceAPIVersion}}}}.json"


def _kinds(document: Any) -> dict[str, str]:
    """The name of the schema of each kind that has one group and version."""
    found = {}
    for name, schema in document["components"]["schemas"].items():
        kinds = schema.get("x-kubernetes-group-version-kind", [])
        if len(kinds) == 1:
            found[kinds[0]["kind"]] = name
    return found


def _strict(schema: Any) -> Any:
    """The same, but an object has no fields besides those that are told."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _strict(value) for key, value in schema.items()}
    is_open = told.get("additionalProperties") is not None or told.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(told.get("properties"), dict) and told.get("type") == "object" and not is_open:
        told["additionalProperties"] = False
    return told
