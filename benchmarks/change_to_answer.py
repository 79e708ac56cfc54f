"""How long a change in a cluster takes to become a changed answer: feddns, and ExternalDNS beside it.

Real kube-apiservers hold a fleet of services; a change is written to one of them, and BIND, which feddns or ExternalDNS
updates by RFC 2136, is asked by UDP until the answer has changed. Times are taken from the moment the change is sent to
the API server. ExternalDNS serves one cluster and does not look at the EndpointSlices of LoadBalancer services, so that
it is measured on its ground: a changed load balancer address in one cluster.
"""

import argparse
import asyncio
import base64
import http.client
import json
import random
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.asking import Asker, holds, lacks
from benchmarks.controller import FEDERATION, controller, write_configuration
from benchmarks.figures import machine, memory, say, summary
from tests.lab import fleet
from tests.lab.api import MERGE
from tests.lab.binaries import program
from tests.lab.cluster import Cluster
from tests.lab.federation import CLASSIC, Lab
from tests.lab.processes import LOOPBACK, Process, free_port
from tests.servers import Bind, DnsServer

Patch = tuple[str, dict[str, Any], Callable[[bytes], bool]]
"""The path and body of a patch, and what the answer must be after it."""
Change = Callable[[int], tuple[Patch, Patch]]
"""From a service's number to a patch that changes it, and one that takes the change back."""

CHANGED = "us"  # the cluster that changes are made in
SYNC_PATIENCE_S = 600.0
SAMPLE = 500


def main() -> None:
    options = _options()
    lab = Lab(controllers=False)
    try:
        asyncio.run(lab.start())
        say("the lab is ready")
        print(json.dumps(_measure(lab, options)))
    finally:
        lab.close()


def _measure(lab: Lab, options: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"benchmark": "change_to_answer", "clusters": len(lab.clusters), **machine()}
    there = 0
    for size in sorted(options.sizes):
        _grow(lab, there, size)
        there = size
        if options.changes:
            figures[f"feddns_{size}"] = _feddns(lab, size, options.changes)
        if size == options.external_dns_size and options.external_dns_changes:
            figures |= _external_dns(lab, size, options.external_dns_changes)
    return figures


def _grow(lab: Lab, there: int, size: int) -> None:
    async def grow() -> None:
        async with lab.connect():
            await fleet.populate(lab, range(there, size))

    started = time.perf_counter()
    asyncio.run(grow())
    say(f"{size} services in each cluster ({time.perf_counter() - started:.0f} s)")


def _feddns(lab: Lab, size: int, changes: int) -> dict[str, Any]:
    with Bind() as bind:
        process = controller(write_configuration(lab, bind.folder, bind.provider(), bind.zone))
        suffix = f"{fleet.NAMESPACE}.{FEDERATION}.svc.{bind.zone}"
        with _running(process), _synced(bind, suffix, size, process) as asker:
            figures: dict[str, Any] = {}
            for name, change in (("endpoint_slice", _readiness), ("load_balancer", _load_balancer)):
                figures[name] = summary(_times(lab[CHANGED], asker, change, size, changes, jitter_s=0.02))
                say(f"feddns, {size} services, {name}: {figures[name]}")
            return figures | memory(process.pid)


def _external_dns(lab: Lab, size: int, changes: int) -> dict[str, Any]:
    modes = {"events": ["--events"], "interval_1s": ["--interval=1s"]}
    return {f"external_dns_{mode}": _external_dns_in(lab, size, changes, mode, flags) for mode, flags in modes.items()}


def _external_dns_in(lab: Lab, size: int, changes: int, mode: str, flags: list[str]) -> dict[str, Any]:
    with Bind() as bind:
        suffix = f"{fleet.NAMESPACE}.{bind.zone}"
        command = [str(program("external-dns")), *_external_dns_flags(lab[CHANGED], bind, suffix), *flags]
        process = Process(command, bind.folder / "external-dns.log")
        with _running(process), _synced(bind, suffix, size, process) as asker:
            # Its ticks are a second apart: changes must not fall in step with them.
            figures = summary(_times(lab[CHANGED], asker, _load_balancer, size, changes, jitter_s=1.0))
            say(f"ExternalDNS, {size} services, {mode}: {figures}")
            return {"load_balancer": figures} | memory(process.pid)


def _external_dns_flags(cluster: Cluster, bind: DnsServer, suffix: str) -> list[str]:
    return [
        "--source=service",
        f"--fqdn-template={{{{.Name}}}}.{suffix}",
        f"--kubeconfig={cluster.kubeconfig}",
        "--provider=rfc2136",
        f"--rfc2136-host={bind.host}",
        f"--rfc2136-port={bind.port}",
        f"--rfc2136-zone={bind.zone}",
        f"--rfc2136-tsig-keyname={bind.key_name}",
        f"--rfc2136-tsig-secret={bind.secret}",
        f"--rfc2136-tsig-secret-alg={bind.algorithm}",
        "--rfc2136-tsig-axfr",
        "--txt-owner-id=benchmark",
        f"--domain-filter={bind.zone}",
        f"--metrics-address={LOOPBACK}:{free_port()}",
    ]


def _times(cluster: Cluster, asker: Asker, change: Change, size: int, changes: int, jitter_s: float) -> list[float]:
    """Change services and take it back, one patch after the other; gives the seconds that each took."""
    connection = Connection(cluster)
    numbers = random.sample(range(size), min(changes // 2, size))
    times = []
    for number in numbers:
        for path, body, expected in change(number):
            time.sleep(random.uniform(0, jitter_s))
            started = time.perf_counter()
            connection.patch(path, body)
            times.append(asker.until(fleet.name(number), expected) - started)
    connection.close()
    return times


def _readiness(number: int) -> tuple[Patch, Patch]:
    """The service's only endpoint in the cluster turns unready, and ready again."""
    path = f"/apis/discovery.k8s.io/v1/namespaces/{fleet.NAMESPACE}/endpointslices/{fleet.name(number)}"
    endpoint = {"addresses": ["10.0.0.1"], "zone": CLASSIC[CHANGED][1][0]}
    unready, ready = ({"endpoints": [endpoint | {"conditions": {"ready": ready}}]} for ready in (False, True))
    address = fleet.address(0, number)
    return (path, unready, lacks(address)), (path, ready, holds(address))


def _load_balancer(number: int) -> tuple[Patch, Patch]:
    """The service's load balancer in the cluster gets another address, and its first one again."""
    path = f"/api/v1/namespaces/{fleet.NAMESPACE}/services/{fleet.name(number)}/status"
    other, first = fleet.address(3, number), fleet.address(0, number)
    return _addressed(path, other), _addressed(path, first)


def _addressed(path: str, address: str) -> Patch:
    return path, {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}, holds(address)


class Connection:
    """One kept connection to an API server, whose requests cost as little as may be."""

    def __init__(self, cluster: Cluster) -> None:
        user = json.loads(cluster.kubeconfig.read_text())
        authority = base64.b64decode(user["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
        context = ssl.create_default_context(cadata=authority)
        self._http = http.client.HTTPSConnection(LOOPBACK, cluster.port, context=context)
        self._headers = {"Authorization": f"Bearer {user['users'][0]['user']['token']}", "Content-Type": MERGE}

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Send a merge patch and wait until it is acknowledged."""
        self._http.request("PATCH", path, json.dumps(body), self._headers)
        answer = self._http.getresponse()
        text = answer.read()
        if answer.status != 200:
            message = f"{path}: {answer.status} {text!r}"
            raise RuntimeError(message)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


@contextmanager
def _running(process: Process) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.kill()


@contextmanager
def _synced(bind: DnsServer, suffix: str, size: int, process: Process) -> Iterator[Asker]:
    """Wait until the fleet's names are served, as a large sample of them shows."""
    numbers = random.sample(range(size), min(SAMPLE, size))
    asker = Asker(bind.port, suffix, process)
    try:
        asker.until_all([fleet.name(number) for number in numbers], SYNC_PATIENCE_S)
        yield asker
    finally:
        asker.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 3_000, 10_000], help="services in each cluster")
    parser.add_argument(
        "--changes", type=int, default=400, help="changes that feddns is measured with; 0 leaves it out"
    )
    parser.add_argument("--external-dns-size", type=int, default=3_000, help="services that ExternalDNS gets")
    parser.add_argument("--external-dns-changes", type=int, default=40, help="0 leaves ExternalDNS out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
