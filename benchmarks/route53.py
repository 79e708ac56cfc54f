"""What Route 53 costs: requests and seconds, of feddns and of ExternalDNS beside it, on one strict fake of the service.

The fake keeps an account's pace and the limits of the API (tests/providers/fakes/route53). A fleet of services runs in
one real kube-apiserver; each has the three names that feddns gives it, which ExternalDNS gets as templates. Told are
the requests and the time until the zone holds all names, and then those for a stream of changed load balancers.
What the client itself costs, a batch made and sent and a zone read, is measured without any pace.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.change_to_answer import CHANGED, Connection
from benchmarks.controller import FEDERATION, controller, write_configuration
from benchmarks.figures import machine, say
from feddns.model.records import ZoneName
from feddns.providers.base import Provider
from feddns.providers.route53 import Route53
from feddns.providers.route53.settings import Route53Settings
from feddns.testing.pen import Pen
from tests.lab import fleet
from tests.lab.api import pooled
from tests.lab.binaries import program
from tests.lab.cluster import Cluster
from tests.lab.federation import CLASSIC, Lab
from tests.lab.processes import LOOPBACK, Process, free_port
from tests.providers.fakes.route53.account import Account
from tests.providers.fakes.route53.server import FakeRoute53
from tests.providers.fakes.route53.zone import Zone

ZONE = "example.com"
PATIENCE_S = 900.0
POLL_S = 0.05
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}

Command = Callable[[Lab, str, Path], Process]
"""From the lab, the API's URL and a folder to a process that is not started yet."""


def main() -> None:
    options = _options()
    figures: dict[str, Any] = {"benchmark": "route53", **machine(), **asyncio.run(_client())}
    lab = Lab({CHANGED: CLASSIC[CHANGED]}, controllers=False)
    try:
        asyncio.run(_fill(lab, options.services))
        say(f"{options.services} services are there")
        for name, command in (("feddns", _feddns), ("external_dns", _external_dns)):
            figures[name] = _measure(lab, options, command)
            say(f"{name}: {figures[name]}")
        print(json.dumps(figures))
    finally:
        lab.close()


def _measure(lab: Lab, options: argparse.Namespace, command: Command) -> dict[str, Any]:
    cluster, account = lab[CHANGED], Account(rate=options.rate, burst=options.burst)
    zone = account.add_zone(f"{ZONE}.")
    wanted = {number: fleet.address(0, number) for number in range(options.services)}
    with FakeRoute53(account) as fake, TemporaryDirectory(prefix="feddns-route53-") as folder:
        asyncio.run(_put_back(lab, options.services))
        process = command(lab, fake.url, Path(folder))
        process.start()
        try:
            began = time.perf_counter()
            _until_held(zone, _names(cluster, wanted), process)
            first = {"seconds": round(time.perf_counter() - began, 1), "calls": dict(account.calls)}
            account.calls.clear()
            began = time.perf_counter()
            _until_held(zone, _names(cluster, wanted | _stream(cluster, options)), process)
            took = time.perf_counter() - began
        finally:
            process.kill()
    return {
        "first": first | {"names": len(_names(cluster, wanted))},
        "stream": {"seconds": round(took, 1), "calls": dict(account.calls), "changes": options.changes},
    }


def _stream(cluster: Cluster, options: argparse.Namespace) -> dict[int, str]:
    """Give other addresses to the load balancers of random services, at an even pace; gives these addresses."""
    connection = Connection(cluster)
    changed: dict[int, str] = {}
    began = time.perf_counter()
    for place in range(options.changes):
        time.sleep(max(0.0, began + place / options.change_rate - time.perf_counter()))
        number = random.randrange(options.services)
        changed[number] = fleet.address(1 + place % 3, number)
        path = f"/api/v1/namespaces/{fleet.NAMESPACE}/services/{fleet.name(number)}/status"
        connection.patch(path, {"status": {"loadBalancer": {"ingress": [{"ip": changed[number]}]}}})
    connection.close()
    return changed


def _suffixes(cluster: Cluster) -> list[str]:
    """What follows a service's name: globally, in the region and in the zone."""
    scopes = ("", f"{cluster.region}.", f"{cluster.zones[0]}.{cluster.region}.")
    return [f"{fleet.NAMESPACE}.{FEDERATION}.svc.{scope}{ZONE}" for scope in scopes]


def _names(cluster: Cluster, wanted: Mapping[int, str]) -> dict[str, str]:
    """Every name with its address."""
    suffixes = _suffixes(cluster)
    return {f"{fleet.name(number)}.{suffix}.": address for number, address in wanted.items() for suffix in suffixes}


def _until_held(zone: Zone, names: Mapping[str, str], process: Process) -> None:
    ends = time.perf_counter() + PATIENCE_S
    while not names.items() <= _addresses(zone).items():
        if not process.running or time.perf_counter() > ends:
            message = f"{process.command[0]} did not get there: {process.log.read_text()[-2000:]}"
            raise RuntimeError(message)
        time.sleep(POLL_S)


def _addresses(zone: Zone) -> dict[str, str]:
    return {found["Name"]: found["ResourceRecords"][0]["Value"] for found in tuple(zone) if found["Type"] == "A"}


def _feddns(lab: Lab, url: str, folder: Path) -> Process:
    process = controller(write_configuration(lab, folder, {"route53": {"endpointUrl": url}}, ZONE))
    return Process(process.command, process.log, CREDENTIALS)


def _external_dns(lab: Lab, url: str, folder: Path) -> Process:
    cluster = lab[CHANGED]
    flags = [
        "--source=service",
        f"--fqdn-template={','.join(f'{{{{.Name}}}}.{suffix}' for suffix in _suffixes(cluster))}",
        f"--kubeconfig={cluster.kubeconfig}",
        "--provider=aws",
        "--txt-owner-id=benchmark",
        f"--domain-filter={ZONE}",
        "--events",
        f"--metrics-address={LOOPBACK}:{free_port()}",
    ]
    environment = CREDENTIALS | {"AWS_ENDPOINT_URL_ROUTE_53": url}
    return Process([str(program("external-dns")), *flags], folder / "external-dns.log", environment)


async def _fill(lab: Lab, services: int) -> None:
    await lab.start()
    async with lab.connect():
        await fleet.populate(lab, range(services))


async def _put_back(lab: Lab, services: int) -> None:
    """Give every load balancer its first address."""
    async with lab.connect() as connected:
        api = connected[CHANGED].api
        await pooled(
            api.set_load_balancer(fleet.NAMESPACE, fleet.name(number), fleet.address(0, number))
            for number in range(services)
        )


async def _client() -> dict[str, Any]:
    """What the client costs by itself: a full batch made and sent, and 10,000 record sets read; fake and pace apart."""
    with TemporaryDirectory(prefix="feddns-route53-") as folder:
        fake = Process([sys.executable, "-m", "tests.providers.fakes.route53", "--zone", ZONE], Path(folder) / "log")
        fake.start()
        try:
            settings = Route53Settings(endpoint_url=await _url(fake), requests_per_second=1000, burst=1000)
            os.environ.update(CREDENTIALS)
            return await _client_at(Route53.open(settings, ZoneName(f"{ZONE}."), Path()))
        finally:
            fake.kill()


async def _client_at(provider: Provider) -> dict[str, Any]:
    pen = Pen(provider, ZoneName(f"{ZONE}."))
    await pen.write()
    sets = [
        pen.set(f"service-{number}.shop.fed.svc", "A", str(fleet.FIRST_ADDRESS + number)) for number in range(10_000)
    ]
    most = provider.limits.changes
    whole = len(sets) // most
    began, busy = time.perf_counter(), time.process_time()
    await pen.write_all(sets[: whole * most])
    writing, written = (time.perf_counter() - began) / whole, (time.process_time() - busy) / whole
    await pen.write_all(sets[whole * most :])
    began, busy = time.perf_counter(), time.process_time()
    count = len(await provider.read_zone())
    reading, read = time.perf_counter() - began, time.process_time() - busy
    await provider.close()
    return {
        "batch": {"creates": most, "ms": round(writing * 1000, 1), "cpu_ms": round(written * 1000, 1)},
        "read": {"record_sets": count, "ms": round(reading * 1000, 1), "cpu_ms": round(read * 1000, 1)},
    }


async def _url(fake: Process) -> str:
    while not (told := fake.log.read_text() if fake.log.exists() else ""):  # noqa: ASYNC110 - another process's log
        await asyncio.sleep(POLL_S)
    return told.split()[0]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--services", type=int, default=3_000, help="services, of three names each")
    parser.add_argument("--changes", type=int, default=1_500, help="changed load balancers in the stream")
    parser.add_argument("--change-rate", type=float, default=50.0, help="of them a second")
    parser.add_argument("--rate", type=float, default=5.0, help="requests a second that the account may make")
    parser.add_argument("--burst", type=int, default=5, help="requests at once after a rest")
    return parser.parse_args()


if __name__ == "__main__":
    main()
