"""The federation of examples/quickstart, copied to be changed."""

import shutil
from pathlib import Path

import yaml

from tests.rules.files import ROOT

EXAMPLE = ROOT / "examples" / "quickstart"
NGINX = "nginx.mynamespace.myfederation.svc"
US, EU, ASIA = "203.0.113.57", "203.0.113.30", "203.0.113.89"
FOLDERS = {"us": "us-central1", "eu": "europe-west1", "asia": "asia-east1"}


class Quickstart:
    """A copy of the example in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
        self.folder = folder
        self.config = folder / "feddns.yaml"

    def cluster(self, name: str) -> Path:
        """The folder of a cluster's manifests."""
        return self.folder / "clusters" / FOLDERS[name]

    def configure(self, **settings: object) -> None:
        """Set sections at the top of the configuration."""
        read = yaml.safe_load(self.config.read_text())
        self.config.write_text(yaml.safe_dump(read | settings))

    def fail(self, name: str) -> None:
        """No endpoint of the cluster is ready any more."""
        self._edit(self.cluster(name) / "endpointslices.yaml", "ready: true", "ready: false")

    def mend(self, name: str) -> None:
        """They are ready again."""
        self._edit(self.cluster(name) / "endpointslices.yaml", "ready: false", "ready: true")

    def lose(self, name: str) -> None:
        """The cluster's folder is gone."""
        self.cluster(name).rename(self.folder / f"gone-{name}")

    def annotate(self, name: str, annotation: str, value: str) -> None:
        """The Service nginx of the cluster has this annotation."""
        line = f'    annotations: {{{annotation}: "{value}"}}\n'
        self.replace(name, "    finalizers:\n", f"{line}    finalizers:\n")

    def spoil(self, name: str) -> None:
        """One file of the cluster is no YAML any more, so that who starts now cannot know the cluster."""
        (self.cluster(name) / "services.yaml").write_text("items: [\n")

    def replace(self, name: str, old: str, new: str, file: str = "services.yaml") -> None:
        """Put other words into a cluster's manifests."""
        self._edit(self.cluster(name) / file, old, new)

    def populate(self, count: int) -> None:
        """More services, all of them in every cluster: s0, s1 and so on in namespace shop."""
        for index, name in enumerate(FOLDERS):
            objects = [each for number in range(count) for each in _service(number, f"198.51.100.{index + 1}")]
            (self.cluster(name) / "many.yaml").write_text(
                yaml.safe_dump({"kind": "List", "apiVersion": "v1", "items": objects})
            )

    @staticmethod
    def _edit(path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text, f"{path} has no {old}"
        changed = path.with_suffix(".new")
        changed.write_text(text.replace(old, new))
        changed.rename(path)  # as sed -i does it


def _service(number: int, address: str) -> list[dict[str, object]]:
    name = f"s{number}"
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"type": "LoadBalancer"},
            "status": {"loadBalancer": {"ingress": [{"ip": address}]}},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"namespace": "shop", "name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}],
        },
    ]
