"""A chart as Helm renders it, and the value sets that the tests render feddns with."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.charts.values import FEDDNS
from tests.lab.binaries import program

KUBERNETES: Final = "1.34.4"
"""Of the lab's API servers; a Helm that was built from its module believes to speak to 1.20."""
NAMESPACE: Final = "feddns"

Values = Mapping[str, Any]
Object = dict[str, Any]


class HelmRefused(Exception):
    """Helm refused to render; the text is what it said."""


def render(values: Values, *, chart: Path = FEDDNS, release: str = "feddns", namespace: str = NAMESPACE) -> str:
    """The manifests of a release.

    Raises:
        HelmRefused: the values do not fit.
    """
    command = ["template", release, str(chart), f"--namespace={namespace}", f"--kube-version={KUBERNETES}"]
    return run_helm(command, values)


def rendered(values: Values, **more: Any) -> list[Object]:
    """The objects of a release, its tests included; `more` is as for `render`."""
    return [each for each in yaml.safe_load_all(render(values, **more)) if each]


def lint(values: Values, chart: Path = FEDDNS) -> str:
    """What `helm lint --strict` says.

    Raises:
        HelmRefused: it found a fault.
    """
    return run_helm(["lint", str(chart), "--strict", f"--kube-version={KUBERNETES}"], values)


def the(objects: list[Object], kind: str, name: str = "feddns") -> Object:
    """The one object of this kind and name."""
    (found,) = (each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def configuration(objects: list[Object]) -> Any:
    """What stands in `feddns.yaml`."""
    return yaml.safe_load(the(objects, "ConfigMap", "feddns-config")["data"]["feddns.yaml"])


def run_helm(command: Sequence[str], values: Values | None = None) -> str:
    """What Helm prints.

    Raises:
        HelmRefused: it failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(dict(values or {}), file)
        file.flush()
        given = [] if values is None else [f"--values={file.name}"]
        helm = [str(program("helm")), *command, *given]
        done = subprocess.run(helm, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HelmRefused(done.stdout + done.stderr)
    return done.stdout


def scenes() -> Iterator[tuple[str, Values]]:
    """Value sets by name: the least that is needed, and what the docs tell how to do."""
    config = _config({"route53": {}})
    yield "defaults", {"config": config}
    yield "embedded", {"config": _config({"embedded": None}), "ipFamilies": ["IPv4", "IPv6"]}
    arn = "arn:aws:iam::123456789012:role/feddns"
    yield "route53 on EKS", {"config": config, "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": arn}}}
    account = {"iam.gke.io/gcp-service-account": "feddns@my-project.iam.gserviceaccount.com"}
    clouddns = _config({"clouddns": {"project": "my-project"}})
    yield "clouddns on GKE", {"config": clouddns, "serviceAccount": {"annotations": account}}
    tsig = {"name": "feddns", "secretFile": "/etc/feddns-secrets/tsig/secret"}
    mounts = [{"secret": "feddns-tsig", "mountPath": "/etc/feddns-secrets/tsig"}]
    yield (
        "rfc2136 with a TSIG secret",
        {
            "config": _config({"rfc2136": {"server": "10.0.0.53", "tsig": tsig}}),
            "secretMounts": mounts,
        },
    )
    yield (
        "a single replica",
        {
            "config": {**config, "clusters": [{"name": "us", "kubeconfig": "/etc/feddns-secrets/us/kubeconfig"}]},
            "replicaCount": 1,
            "discoverClusters": False,
            "secretMounts": [{"secret": "us", "mountPath": "/etc/feddns-secrets/us"}],
        },
    )
    yield "everything", everything()


def everything() -> Values:
    """Whatever can be switched on is on, and whatever can be said is said."""
    return {
        "config": {
            **_config({"embedded": {"nameservers": [{"name": "ns1.example.com", "addresses": ["192.0.2.53"]}]}}),
            "clusters": [
                {"name": "here", "inCluster": True},
                {"name": "us", "kubeconfig": "/etc/feddns-secrets/us/kubeconfig", "region": "us-central1"},
            ],
        },
        "replicaCount": 3,
        "image": {"repository": "registry.example.com/dns/feddns", "tag": "1.2.3", "digest": f"sha256:{'0a' * 32}"},
        "imagePullSecrets": [{"name": "pull"}],
        "fullnameOverride": "dns-federation",
        "configReload": "restart",
        "secretMounts": [{"secret": "us", "mountPath": "/etc/feddns-secrets/us", "optional": True}],
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
        "extraVolumes": [{"name": "trust", "configMap": {"name": "trust"}}],
        "extraVolumeMounts": [{"name": "trust", "mountPath": "/etc/trust", "readOnly": True}],
        "ipFamilies": ["IPv6", "IPv4"],
        "service": {"annotations": {"example.com/note": "metrics"}},
        "dns": {
            "service": {
                "annotations": {"example.com/internal": "true"},
                "loadBalancerIP": "192.0.2.53",
                "loadBalancerClass": "example.com/network",
                "loadBalancerSourceRanges": ["198.51.100.0/24"],
            }
        },
        "networkPolicy": {
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "egress": [{"ports": [{"port": 443, "protocol": "TCP"}]}],
        },
        "podDisruptionBudget": {"maxUnavailable": "34%"},
        "serviceMonitor": {"enabled": True, "interval": "30s", "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": True, "annotations": {"grafana_folder": "DNS"}},
        "podAnnotations": {"example.com/team": "platform"},
        "podLabels": {"team": "platform"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "system-cluster-critical",
    }


def _config(provider: Mapping[str, Any]) -> dict[str, Any]:
    return {"federation": "myfederation", "dns": {"zone": "example.com", "provider": provider}}
