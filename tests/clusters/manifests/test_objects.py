import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.clusters.decode import Reader
from feddns.clusters.manifests.documents import ManifestError
from feddns.clusters.manifests.objects import Objects, read_objects
from feddns.clusters.selection import Selection
from feddns.config.settings import ServiceSettings
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from tests.clusters import objects

WEB = ServiceKey("shop", "web")
EVERYTHING = [
    objects.service("web", "192.0.2.1"),
    objects.endpoint_slice("web-1", "web", ready=[True]),
    objects.node("n1"),
]


def read(folder: Path, text: str, name: str = "f.yaml") -> Objects:
    (folder / name).write_text(text)
    return read_objects(folder / name, Reader(ClusterName("us"), Selection(ServiceSettings())))


def assert_everything(found: Objects) -> None:
    service, endpoint_slice = found.services[WEB], found.slices["shop/web-1"]
    assert service is not None
    assert service.shard is not None
    assert service.shard.addresses == ("192.0.2.1",)
    assert endpoint_slice is not None
    assert endpoint_slice.ready == (("us-a", 1),)
    assert list(found.nodes) == ["n1"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.yaml", yaml.safe_dump_all(EVERYTHING)),
        ("f.yml", yaml.safe_dump(objects.a_list(*EVERYTHING))),
        ("f.json", json.dumps(objects.a_list(*EVERYTHING), indent=4)),
        ("f.yaml", json.dumps(objects.a_list(*EVERYTHING))),
    ],
)
def test_documents_and_lists_are_read_in_yaml_and_json(tmp_path: Path, name: str, text: str) -> None:
    assert_everything(read(tmp_path, text, name))


def bare(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in {"apiVersion", "kind"}}


def test_items_of_a_typed_list_need_no_kind_of_their_own(tmp_path: Path) -> None:
    lists = [
        {"apiVersion": item["apiVersion"], "kind": f"{item['kind']}List", "items": [bare(item)]} for item in EVERYTHING
    ]
    assert_everything(read(tmp_path, yaml.safe_dump_all(lists)))


def test_other_kinds_and_versions_are_left_alone(tmp_path: Path) -> None:
    others = [
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": 5},
        {"apiVersion": "v1", "kind": "Endpoints", "subsets": "x"},
        {"apiVersion": "v1", "kind": "PodList", "items": None},
        {"kind": "Kustomization"},
    ]
    found = read(tmp_path, yaml.safe_dump_all(others))
    assert (found.services, found.slices, found.nodes) == ({}, {}, {})


def test_an_empty_file_has_no_objects(tmp_path: Path) -> None:
    assert read(tmp_path, "").services == {}


def test_without_a_namespace_an_object_is_in_the_default_one(tmp_path: Path) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "LoadBalancer"}}
    assert list(read(tmp_path, yaml.safe_dump(service)).services) == [ServiceKey("default", "web")]


def test_what_is_written_without_quotes_means_the_same(tmp_path: Path) -> None:
    text = """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: shop
          creationTimestamp: 2026-01-01T00:00:00Z
          annotations: {feddns.io/ttl: 300, feddns.io/ignore: false}
          labels: {on: true, version: 1.10}
        spec: {type: LoadBalancer}
        """
    service = read(tmp_path, text).services[WEB]
    assert service is not None
    assert service.shard is not None
    assert (service.shard.ttl_s, service.shard.created_at, service.problems) == (300, 1_767_225_600.0, ())


def test_readiness_is_a_boolean_also_when_it_is_read_as_text(tmp_path: Path) -> None:
    text = """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{conditions: {ready: true}}, {conditions: {ready: false}}, {conditions: {ready: null}}]
        """
    found = read(tmp_path, text).slices["shop/web-1"]
    assert found is not None
    assert (found.ready, found.not_ready) == ((("", 2),), 1)


def test_of_equal_objects_in_a_file_the_first_counts(tmp_path: Path) -> None:
    twice = [objects.service("web", "192.0.2.1"), objects.service("web", "192.0.2.2")]
    found = read(tmp_path, yaml.safe_dump_all(twice))
    service = found.services[WEB]
    assert service is not None
    assert service.shard is not None
    assert service.shard.addresses == ("192.0.2.1",)
    assert found.repeated == ["Service shop/web"]


BROKEN = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: good, namespace: shop}
- apiVersion: v1
  kind: Service
  metadata:
    name: web
    namespace: shop
  spec:
    type: LoadBalancer
  status:
    loadBalancer:
      ingress: none
"""


def test_an_object_of_a_strange_shape_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as error:
        read(tmp_path, BROKEN)
    assert str(error.value) == f"{tmp_path / 'f.yaml'}:16: Service web: Expected `array | null`, got `str`"


def test_in_json_too(tmp_path: Path) -> None:
    text = json.dumps(yaml.safe_load(BROKEN), indent=1)
    line = text.splitlines().index('    "loadBalancer": {') + 1
    with pytest.raises(ManifestError) as error:
        read(tmp_path, text, "f.json")
    assert str(error.value) == f"{tmp_path / 'f.json'}:{line}: Service web: Expected `array | null`, got `str`"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", ":1: not a Kubernetes object: it has no kind"),
        ("just text\n", ": not a Kubernetes object: it has no kind"),
        ("a: b\n", ":1: not a Kubernetes object: it has no kind"),
        ("kind: List\nitems: {}\n", None),
        ("kind: List\nitems: {a: b}\n", ":2: the items of a list must be a list"),
        ("kind: List\nitems: [a]\n", ":2: an item of the list is not an object"),
        ("apiVersion: v1\nkind: Service\n", ":1: Service: Object missing required field `metadata`"),
        ("apiVersion: v1\nkind: Node\nmetadata: {}\n", ":1: Node: a Node has no usable name: "),
    ],
)
def test_what_is_no_object_is_told(tmp_path: Path, text: str, told: str | None) -> None:
    if told is None:
        assert read(tmp_path, text).services == {}
        return
    with pytest.raises(ManifestError) as error:
        read(tmp_path, text)
    assert str(error.value) == f"{tmp_path / 'f.yaml'}{told}"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ManifestError, match="cannot be read: Is a directory"):
        read_objects(tmp_path / "folder.yaml", Reader(ClusterName("us"), Selection(ServiceSettings())))
