"""The chart at a real API server: what it renders is taken, and what Helm installs can be changed and taken away."""

import re
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.chart import render, rendered, run_helm, scenes
from tests.charts.resources import apply, define_monitors, remove_all, write_schemas
from tests.charts.values import FEDDNS
from tests.lab.api import Refused, until
from tests.lab.binaries import program
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

pytestmark = [pytest.mark.lab, pytest.mark.servers]

SCENES = dict(scenes())


def kubeconform(manifests: str, location: str) -> str:
    command = [str(program("kubeconform")), "-strict", "-summary", "-schema-location", location, "-"]
    return subprocess.run(command, input=manifests, capture_output=True, text=True, check=False).stdout


@pytest.fixture
async def host(lab: Lab) -> Cluster:
    """The cluster that feddns lives in."""
    await define_monitors(lab["us"].api)
    return lab["us"]


async def test_kubeconform_finds_no_fault_in_any_scene(host: Cluster, tmp_path: Path) -> None:
    texts = {name: render(values) for name, values in SCENES.items()}
    versions = {each["apiVersion"] for text in texts.values() for each in yaml.safe_load_all(text) if each}
    location = await write_schemas(host.api, versions, tmp_path)
    for name, text in texts.items():
        told = kubeconform(text, location)
        assert "Invalid: 0, Errors: 0, Skipped: 0" in told, f"{name}: {told}"
    wrong = texts["defaults"].replace("unhealthyPodEvictionPolicy", "unhealthyPodEviction")
    assert "additional properties 'unhealthyPodEviction' not allowed" in kubeconform(wrong, location)


@pytest.mark.parametrize("scene", SCENES)
async def test_the_api_server_takes_what_is_rendered(host: Cluster, namespace: str, scene: str) -> None:
    objects = rendered(SCENES[scene], namespace=namespace)
    try:
        for each in objects:
            taken = await apply(host.api, each)
            assert taken["metadata"]["name"] == each["metadata"]["name"]
    finally:
        await remove_all(host.api, objects)


async def test_a_namespace_that_is_restricted_takes_every_pod(host: Cluster, namespace: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    merge = "application/merge-patch+json"
    await host.api.request("PATCH", f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": labels}}, merge)
    pods = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
    for values in SCENES.values():
        for each in rendered(values, namespace=namespace):
            if each["kind"] in {"Deployment", "Pod"}:
                spec = each["spec"].get("template", each)["spec"]
                await host.api.request("POST", pods, {"metadata": {"name": "feddns"}, "spec": spec})
    spec["containers"][0]["securityContext"].pop("capabilities")
    with pytest.raises(Refused, match="violates PodSecurity"):
        await host.api.request("POST", pods, {"metadata": {"name": "feddns"}, "spec": spec})


async def test_helm_installs_upgrades_tells_what_to_do_and_takes_all_away(
    host: Cluster, namespace: str, tmp_path: Path
) -> None:
    chart = shutil.copytree(FEDDNS, tmp_path / "feddns")
    about = (chart / "Chart.yaml").read_text()
    # The lab's API servers, built by `go build`, do not know their version.
    (chart / "Chart.yaml").write_text(re.sub("^kubeVersion:.*$", "", about, flags=re.MULTILINE))

    def helm(verb: str, *chart: str, **more: str) -> str:
        command = [verb, "feddns", *chart, f"--kubeconfig={host.kubeconfig}", f"--namespace={namespace}"]
        return run_helm(command, {**values, **more} if chart else None).partition("NOTES:\n")[2]

    values: Any = deepcopy(SCENES["embedded"])
    told = helm("install", str(chart))
    assert f"kubectl -n {namespace} rollout status deployment/feddns" in told
    assert f"kubectl -n {namespace} get service feddns-dns" in told
    assert "WARNING: the zone's name server has no address to tell" in told
    before = await revision(host, namespace)
    values["config"]["services"] = {"select": "annotated"}
    helm("upgrade", str(chart))
    assert await revision(host, namespace) == before  # the pods go on, and take the configuration up
    nameservers = [{"name": "ns1.example.com", "addresses": ["192.0.2.53"]}]
    values["config"]["dns"]["provider"] = {"embedded": {"nameservers": nameservers}}
    assert "WARNING" not in helm("upgrade", str(chart), configReload="restart")
    assert await revision(host, namespace) == before + 1
    for scene in ("defaults", "a single replica", "embedded"):
        values = deepcopy(SCENES[scene])
        assert helm("upgrade", str(chart)), "nothing that cannot be changed is another"
    helm("uninstall")
    left = await host.api.request("GET", f"/api/v1/namespaces/{namespace}/services")
    assert left["items"] == []


async def revision(host: Cluster, namespace: str) -> int:
    """How often the Deployment was given other pods."""
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/feddns"

    async def observed() -> bool:
        found = await host.api.request("GET", path)
        return bool(found.get("status", {}).get("observedGeneration", 0) == found["metadata"]["generation"])

    await until(observed, 30)
    found = await host.api.request("GET", path)
    return int(found["metadata"]["annotations"]["deployment.kubernetes.io/revision"])
