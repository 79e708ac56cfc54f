"""How long feddns takes from its start to a complete zone, and how much memory it then holds.

A fleet of services runs in real kube-apiservers, the zone is empty; once BIND is written to by RFC 2136, once the
embedded name server answers. The zone is complete when a large random sample of all names, of each scope, is answered:
the last batch is too large to be missed by it.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.asking import Asker
from benchmarks.controller import FEDERATION, controller, write_configuration
from benchmarks.figures import machine, memory, say
from tests.lab import fleet
from tests.lab.federation import Lab
from tests.lab.processes import LOOPBACK, free_port
from tests.servers import Bind

ZONE = "example.com"
PATIENCE_S = 600.0
SAMPLE = 1_000
SETTLE_S = 15.0  # after 18,000 creates etcd and the API servers are busy with themselves for a while
REST_S = 2.0  # the memory is looked at when the work is over


def main() -> None:
    options = _options()
    lab = Lab(controllers=False)
    try:
        asyncio.run(_fill(lab, options.services))
        time.sleep(SETTLE_S)
        say(f"{options.services} services in each of {len(lab.clusters)} clusters are there")
        figures = {"benchmark": "cold_start", "services": options.services, "clusters": len(lab.clusters), **machine()}
        figures["rfc2136"] = _rfc2136(lab, options.services)
        figures["embedded"] = _embedded(lab, options.services)
        print(json.dumps(figures))
    finally:
        lab.close()


async def _fill(lab: Lab, services: int) -> None:
    await lab.start()
    async with lab.connect():
        await fleet.populate(lab, range(services))


def _rfc2136(lab: Lab, services: int) -> dict[str, Any]:
    with Bind(ZONE) as bind:
        figures = _measure(lab, services, bind.folder, bind.provider(), bind.port)
        return figures | {"records_in_zone": len(bind.records())}


def _embedded(lab: Lab, services: int) -> dict[str, Any]:
    port = free_port()
    with TemporaryDirectory(prefix="feddns-cold-start-") as folder:
        provider = {"embedded": {"listen": [f"{LOOPBACK}:{port}"]}}
        return _measure(lab, services, Path(folder), provider, port)


def _measure(lab: Lab, services: int, folder: Path, provider: Mapping[str, Any], port: int) -> dict[str, Any]:
    process = controller(write_configuration(lab, folder, provider, ZONE))
    sample = random.sample(list(_names(lab, services)), min(SAMPLE, services))
    asker = Asker(port, ZONE, process)
    started = time.perf_counter()
    process.start()
    try:
        took = asker.until_all(sample, PATIENCE_S) - started
        time.sleep(REST_S)
        figures = {"seconds": round(took, 2)} | memory(process.pid)
    finally:
        asker.close()
        process.kill()
    say(f"{next(iter(provider))}: {figures}")
    return figures


def _names(lab: Lab, services: int) -> Iterator[str]:
    """All names of the fleet, relative to the zone."""
    scopes = ["", *(f".{cluster.region}" for cluster in lab.clusters.values())]
    scopes += [f".{zone}.{cluster.region}" for cluster in lab.clusters.values() for zone in cluster.zones]
    for number in range(services):
        for scope in scopes:
            yield f"{fleet.name(number)}.{fleet.NAMESPACE}.{FEDERATION}.svc{scope}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--services", type=int, default=3_000, help="services in each cluster")
    return parser.parse_args()


if __name__ == "__main__":
    main()
