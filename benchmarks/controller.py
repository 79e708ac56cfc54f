"""feddns itself as a process, started as a user starts it, and its configuration for the lab."""

import functools
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.binaries import cache
from tests.lab.federation import Lab
from tests.lab.processes import Process

FEDERATION = "myfederation"


def write_configuration(
    lab: Lab, folder: Path, provider: Mapping[str, Any], zone: str = "example.com", **more: Any
) -> Path:
    """Write a `feddns.yaml` that federates the lab's clusters as the user `feddns`; gives its path.

    Args:
        lab: the clusters.
        folder: where to write it, and what relative paths in it start from.
        provider: the provider's name and settings, such as `DnsServer.provider()`.
        zone: the DNS zone.
        more: top-level settings to add, such as `services` and `budget`; what `dns` holds is added to the zone.
    """
    clusters = [
        {"name": cluster.name, "kubeconfig": str(cluster.feddns_kubeconfig)} for cluster in lab.clusters.values()
    ]
    dns = {"zone": zone, "provider": dict(provider)} | more.pop("dns", {})
    # What is measured is how soon a change is seen and written, not how long it is made to wait.
    health = {"settle": 0, "holdDown": 0}
    settings = {"federation": FEDERATION, "dns": dns, "clusters": clusters, "health": health, **more}
    path = folder / "feddns.yaml"
    path.write_text(json.dumps(settings, indent=2) + "\n")  # JSON is YAML too
    return path


def controller(configuration: Path) -> Process:
    """`feddns run`, not started yet; its log is `feddns.log` beside the configuration."""
    command = [str(_installed() / "bin" / "feddns"), "run", "--config", str(configuration)]
    return Process(command, configuration.with_name("feddns.log"))


@functools.cache
def _installed() -> Path:
    """An environment as users have it: the package as it is built, without what only its development needs.

    That matters: some libraries import more where more is there.
    """
    environment = cache().with_name("installed")
    subprocess.run(
        [
            os.environ.get("UV", "uv"),
            "sync",
            "--frozen",
            "--no-dev",
            "--no-editable",
            "--reinstall-package",
            "feddns",
            "--quiet",
        ],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment), "UV_COMPILE_BYTECODE": "1"},
        check=True,
    )
    return environment
