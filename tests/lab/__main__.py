"""`make lab`: three real clusters to play with, and a feddns.yaml that federates them."""

import asyncio
import fcntl
import os
import shutil
import signal
import sys
import textwrap
from pathlib import Path

from tests.lab import objects
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab
from tests.lab.processes import LOOPBACK, free_port

FOLDER = Path(".lab")  # as `.gitignore` knows it
NAMESPACE = "mynamespace"
ADDRESSES = {"us": "203.0.113.1", "eu": "203.0.113.2", "asia": "203.0.113.3"}  # RFC 5737: for documentation
NAME = "nginx.mynamespace.myfederation.svc.example.com"


async def play(lab: Lab) -> None:
    """Start the lab, tell how to use it, and wait for Ctrl-C or SIGTERM."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    _say("starting etcd and three clusters")
    try:
        await lab.start()
        async with lab.connect():
            for name, cluster in lab.clusters.items():
                await _publish(cluster, ADDRESSES[name])
        _say(_guide(lab, _configuration(lab)))
        await ended.wait()
    finally:
        _say("stopping")
        lab.close()


async def _publish(cluster: Cluster, address: str) -> None:
    await cluster.api.create(objects.namespace(NAMESPACE))
    await cluster.api.deploy(NAMESPACE, "nginx", zone=cluster.zones[0])
    await cluster.api.expose(NAMESPACE, "nginx", address)
    await cluster.api.endpoints_become(NAMESPACE, "nginx", 1)


def _configuration(lab: Lab) -> int:
    """Write feddns.yaml; gives the port that its name server answers on."""
    port = free_port()
    clusters = "\n".join(
        f"  - {{name: {cluster.name}, kubeconfig: {cluster.feddns_kubeconfig.name}}}"
        for cluster in lab.clusters.values()
    )
    (FOLDER / "feddns.yaml").write_text(f"""\
federation: myfederation
dns:
  zone: example.com
  ttl: 5
  provider:
    embedded: {{listen: ["{LOOPBACK}:{port}"]}}
clusters:
{clusters}
""")
    return port


def _guide(lab: Lab, port: int) -> str:
    kubeconfigs = "\n".join(f"      {cluster.kubeconfig.relative_to(Path.cwd())}" for cluster in lab.clusters.values())
    dig = f"dig +short @{LOOPBACK} -p {port} {NAME}"
    return textwrap.dedent("""\

        Three clusters run nginx in mynamespace, each behind a load balancer's address. Kubeconfigs:

        {kubeconfigs}

        In another terminal, here in the checkout:

            uv run feddns plan --config .lab/feddns.yaml      # what would be written
            uv run feddns run --config .lab/feddns.yaml       # write it, and answer queries

        and in a third one:

            {dig}
            {scale}
            {dig}      # a moment later: eu's address is gone
            kill {pid}      # the API server of us is gone: its answers stay
        """).format(kubeconfigs=kubeconfigs, dig=dig, scale=_scale(lab["eu"]), pid=lab["us"].pids["us.kube-apiserver"])


def _scale(cluster: Cluster) -> str:
    kubeconfig = cluster.kubeconfig.relative_to(Path.cwd())
    if shutil.which("kubectl"):
        return f"kubectl --kubeconfig {kubeconfig} -n {NAMESPACE} scale deployment nginx --replicas 0"
    return (
        f"curl -s --cacert {FOLDER}/ca.crt -H 'Authorization: Bearer {cluster.api.token}' -X PATCH "
        "-H 'Content-Type: application/merge-patch+json' -d '{\"spec\": {\"replicas\": 0}}' "
        f"{cluster.url}/apis/apps/v1/namespaces/{NAMESPACE}/deployments/nginx"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _run_alone() -> None:
    """Run `play` unless it runs already in this checkout, whose folder would be emptied under it."""
    FOLDER.mkdir(exist_ok=True)
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("make lab: it runs already in this checkout")
    for entry in FOLDER.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    asyncio.run(play(Lab(folder=FOLDER.resolve())))


if __name__ == "__main__":
    _run_alone()
