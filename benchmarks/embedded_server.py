"""How many queries a second the embedded DNS server answers on one core; CoreDNS and Knot beside it.

All three serve the same zone and get the same questions, one after the other, several times round. The server has one
core to itself and dnsperf another. Needs `dnsperf` and `taskset` of Debian; without `knotd` or `coredns` that server is
left out.

    python -m benchmarks.embedded_server [--coredns PATH] [--runs 5] [--seconds 5]
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import dns.exception
import dns.message
import dns.query
import msgspec

from benchmarks.figures import machine, memory, say
from feddns.model.changes import Batch, Create, Fence
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from feddns.providers.embedded import LIMITS, Embedded
from tests.lab.processes import LOOPBACK, Process, free_port

ZONE = ZoneName("example.com.")
NAMES = Names("myfederation", ZONE)
REGIONS = {"us-central1": "us-central1-b", "europe-west1": "europe-west1-b", "asia-east1": "asia-east1-b"}
SERVICES = 3_000
QUESTIONS = 50_000
ABSENT_EVERY = 20
"""One question in so many is for a name that does not exist."""
UNHEALTHY_EVERY = 5
"""One region of a service in so many is unhealthy: its names lead on by CNAME."""
OUTSTANDING = 200
"""Queries of dnsperf that wait for an answer at any time."""

Command = Callable[[Path, int], list[str]]
"""Writes a server's configuration into a folder and gives the command that serves on a port."""


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_open(Path(sys.argv[2]), int(sys.argv[3])).serve())
        return
    options = _options()
    cores = sorted(os.sched_getaffinity(0))
    missing = [name for name in ("dnsperf", "taskset") if shutil.which(name) is None]
    if missing or len(cores) < 2:
        why = f"not installed: {', '.join(missing)} (Debian: dnsperf, util-linux)" if missing else "it takes two cores"
        say(why)
        print(json.dumps({"benchmark": "embedded_server", "skipped": why}))
        return
    with TemporaryDirectory(prefix="feddns-bench-") as folder:
        print(json.dumps(_measure(Path(folder), options, cores[:2])))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--coredns", default=os.environ.get("COREDNS", "coredns"), help="the program (default: $COREDNS)"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    return parser.parse_args()


def _measure(folder: Path, options: argparse.Namespace, cores: Sequence[int]) -> dict[str, Any]:
    record_sets = tuple(_zone())
    _write_zone(folder, record_sets)
    _write_questions(folder / "questions", record_sets)
    say(f"{len(record_sets)} record sets of {SERVICES} services")
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server(name, command, folder, cores[0]))
            for name, command in _commands(options.coredns).items()
        }
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(options.runs):
            for name, server in servers.items():
                rates[name].append(_dnsperf(server.port, folder / "questions", options.seconds, cores[1]))
                say(f"run {number + 1}: {name} {rates[name][-1]:.0f} queries/s")
        held = {name: memory(server.pid) for name, server in servers.items()}
    medians = {name: round(statistics.median(figures)) for name, figures in rates.items()}
    return {
        "benchmark": "embedded_server",
        "record_sets": len(record_sets),
        "queries_per_second": medians,
        "times_coredns": _ratio(medians, "coredns"),
        "times_knot": _ratio(medians, "knot"),
        "runs": {name: [round(rate) for rate in figures] for name, figures in rates.items()},
        "memory": held,
        **machine(),
    }


def _ratio(medians: dict[str, int], other: str) -> float | None:
    return round(medians["feddns"] / medians[other], 2) if other in medians else None


def _zone() -> Iterator[RecordSet]:
    """What 3,000 services in three regions come to, a fifth of the regions being unhealthy."""
    for number in range(SERVICES):
        key = ServiceKey(f"team-{number % 20}", f"service-{number:04}")
        everywhere = NAMES.name(key, GLOBAL)
        addresses = []
        for index, (region, zone) in enumerate(REGIONS.items()):
            names = NAMES.name(key, Scope(region, zone)), NAMES.name(key, Scope(region))
            if (number + index) % UNHEALTHY_EVERY == 0:
                yield RecordSet(names[0], "CNAME", 180, (names[1],))
                yield RecordSet(names[1], "CNAME", 180, (everywhere,))
                continue
            address = f"10.{index}.{number >> 8}.{number & 255}"
            addresses.append(address)
            yield from (RecordSet(name, "A", 180, (address,)) for name in names)
        yield RecordSet(everywhere, "A", 180, tuple(addresses))


def _write_zone(folder: Path, record_sets: Sequence[RecordSet]) -> None:
    lines = ["@ 30 SOA ns1 hostmaster 1 3600 600 86400 30", "@ 3600 NS ns1", f"ns1 3600 A {LOOPBACK}"]
    lines += [f"{each.name} {each.ttl} {each.type} {value}" for each in record_sets for value in each.values]
    (folder / "zone").write_text(f"$ORIGIN {ZONE}\n" + "\n".join(lines) + "\n")
    asyncio.run(_apply(folder, record_sets))


async def _apply(folder: Path, record_sets: Sequence[RecordSet]) -> None:
    provider = _open(folder, 0)
    for start in range(0, len(record_sets), LIMITS.changes):
        changes = tuple(map(Create, record_sets[start : start + LIMITS.changes]))
        await provider.apply(Batch(changes, Fence(None, None)))
    await provider.close()


def _write_questions(path: Path, record_sets: Sequence[RecordSet]) -> None:
    chance = random.Random(4711)
    names = sorted({record_set.name for record_set in record_sets})
    asked = [chance.choice(names) for _ in range(QUESTIONS)]
    asked[::ABSENT_EVERY] = [DnsName(f"missing-{name}") for name in asked[::ABSENT_EVERY]]
    path.write_text("".join(f"{name} A\n" for name in asked))


def _open(folder: Path, port: int) -> Embedded:
    settings = {"listen": [f"{LOOPBACK}:{port}"], "file": "zone.sqlite"}
    return Embedded.open(msgspec.convert(settings, Embedded.Settings), ZONE, folder)


def _commands(coredns: str) -> dict[str, Command]:
    """The servers that are installed, ours first."""
    found: dict[str, Command] = {"feddns": _feddns}
    knotd = shutil.which("knotd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    program = shutil.which(coredns)
    if program is None:
        say(f"{coredns} is not installed: CoreDNS is left out (go install github.com/coredns/coredns@v1.14.6)")
    else:
        found["coredns"] = lambda folder, port: _coredns(program, folder, port)
    if knotd is None:
        say("knotd is not installed: Knot is left out (Debian: knot)")
    else:
        found["knot"] = lambda folder, port: _knot(knotd, folder, port)
    return found


def _feddns(folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.embedded_server", "serve", str(folder), str(port)]


def _coredns(program: str, folder: Path, port: int) -> list[str]:
    path = folder / "Corefile"
    path.write_text(f".:{port} {{\n  bind {LOOPBACK}\n  file {folder / 'zone'} {ZONE}\n}}\n")
    return ["env", "GOMAXPROCS=1", program, "-conf", str(path)]


def _knot(program: str, folder: Path, port: int) -> list[str]:
    path = folder / "knot.conf"
    path.write_text(
        f"server:\n  listen: {LOOPBACK}@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"
        f"  rundir: {folder}\ndatabase:\n  storage: {folder}\nzone:\n  - domain: {ZONE}\n    file: {folder / 'zone'}\n"
        "    zonefile-sync: -1\n"
    )
    return [program, "-c", str(path)]


class Server:
    """One server on one core and a free port, ready when entered."""

    def __init__(self, name: str, command: Command, folder: Path, core: int) -> None:
        self.port = free_port()
        pinned = ["taskset", "--cpu-list", str(core), *command(folder, self.port)]
        self._process = Process(pinned, folder / f"{name}.log")

    @property
    def pid(self) -> int:
        """The process that answers."""
        return self._process.pid

    def __enter__(self) -> Self:
        self._process.start()
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline or not self._process.running:
                message = f"{' '.join(self._process.command)} does not answer:\n{self._process.tail()}"
                raise TimeoutError(message)
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()

    def _answers(self) -> bool:
        query = dns.message.make_query(ZONE, "SOA")
        try:
            return bool(dns.query.udp(query, LOOPBACK, port=self.port, timeout=0.5).answer)
        except (OSError, dns.exception.DNSException):
            return False


def _dnsperf(port: int, questions: Path, seconds: int, core: int) -> float:
    """Queries answered a second."""
    options = ["-s", LOOPBACK, "-p", str(port), "-d", str(questions), "-l", str(seconds), "-q", str(OUTSTANDING)]
    command = ["taskset", "--cpu-list", str(core), "dnsperf", *options]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Queries per second:\s+([0-9.]+)", text)
    if found is None:
        message = f"dnsperf tells no rate:\n{text}"
        raise ValueError(message)
    return float(found[1])


if __name__ == "__main__":
    main()
