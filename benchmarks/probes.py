"""What it costs to ask thousands of addresses every ten seconds whether they serve, and how punctual that is.

The addresses are those of 127.0.0.0/8, answered by one process, so that only the asking is measured: by feddns, by
HAProxy (Debian: haproxy), whose health checks are the ones to be measured by, and in the way that is written first: a
task for each target, with `asyncio.open_connection` or aiohttp.

HAProxy's TCP checks end before the connection is accepted, so those are not counted; its TLS checks resume sessions.

    python -m benchmarks.probes [--targets 5000] [--seconds 60] [--kinds tcp http https]
"""

import argparse
import asyncio
import contextlib
import ctypes
import ipaddress
import json
import multiprocessing
import os
import random
import shutil
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from benchmarks.figures import machine, memory, say, summary
from feddns.model.probing import HttpProbe, Probe, Question, TcpProbe, Tls
from feddns.probes.allowed import Allowed
from feddns.probes.ask import Asker
from feddns.probes.prober import Prober
from tests.lab.processes import Process, free_port
from tests.probes.certificates import Authority
from tests.probes.listening import no_headers

INTERVAL_S = 10.0
TIMEOUT_S = 3.0
WARM_UP_S = 15.0
HTTPS_SHARE = 5
"""A fifth of the targets is asked by HTTPS: more handshakes are too many for the one process that answers them."""
NAME = "www.example.com"
CA_FILE = "authority.crt"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nok\n"


def main() -> None:
    if sys.argv[1:2] == ["ask"]:
        who, kind, port, targets, seconds, folder = sys.argv[2:]
        ask = {"feddns": _feddns, "naive": _naive}[who]
        print(json.dumps(asyncio.run(ask(kind, int(port), int(targets), float(seconds), Path(folder)))))
        return
    options = _options()
    figures: dict[str, Any] = {"benchmark": "probes", "interval_s": INTERVAL_S, **machine()}
    with TemporaryDirectory(prefix="feddns-probes-") as folder:
        for kind in options.kinds:
            targets = options.targets // HTTPS_SHARE if kind == "https" else options.targets
            figures[kind] = {"targets": targets} | _measure(kind, targets, options.seconds, Path(folder))
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="that are measured, of each")
    parser.add_argument("--kinds", nargs="+", choices=["tcp", "http", "https"], default=["tcp", "http", "https"])
    return parser.parse_args()


def _measure(kind: str, targets: int, seconds: float, folder: Path) -> dict[str, Any]:
    """All askers, one after the other."""
    figures = {}
    with _answering(kind, folder) as (port, counter):
        for who in ("feddns", "naive", "haproxy"):
            if who == "haproxy" and shutil.which("haproxy") is None:
                say("haproxy is not installed (Debian: haproxy): it is left out")
                continue
            process = Process(_command(who, kind, port, targets, seconds, folder), folder / f"{kind}-{who}.log")
            process.start()
            try:
                figures[who] = _watched(process, counter, seconds)
            finally:
                process.kill()
            say(f"{kind} {who}: {figures[who]}")
            time.sleep(2)
    return figures


def _command(who: str, kind: str, port: int, targets: int, seconds: float, folder: Path) -> list[str]:
    if who == "haproxy":
        path = folder / "haproxy.cfg"
        path.write_text("\n".join(_haproxy(kind, port, targets, folder)) + "\n")
        return ["haproxy", "-db", "-f", str(path)]
    return [
        sys.executable,
        "-m",
        "benchmarks.probes",
        "ask",
        who,
        kind,
        str(port),
        str(targets),
        str(seconds),
        str(folder),
    ]


def _watched(process: Process, counter: "Synchronized[int]", seconds: float) -> dict[str, Any]:
    """What a process that asks takes, and what it tells of itself."""
    time.sleep(WARM_UP_S)
    cpu_s, asked, began = _cpu_s(process.pid), counter.value, time.monotonic()
    time.sleep(seconds)
    took_s = time.monotonic() - began
    figures = {
        "cpu_percent": round((_cpu_s(process.pid) - cpu_s) / took_s * 100, 2),
        "questions_per_second": round((counter.value - asked) / took_s, 1),
        **memory(process.pid),
    }
    deadline = time.monotonic() + WARM_UP_S
    while "lateness" not in process.tail() and process.running and "haproxy" not in process.command:
        if time.monotonic() > deadline:
            raise TimeoutError(process.tail())
        time.sleep(0.1)
    if "haproxy" not in process.command:
        figures.update(json.loads(process.tail(1)))
    return figures


def _cpu_s(pid: int) -> float:
    """CPU time of a process so far, in user and in system mode (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _address(number: int) -> str:
    return str(ipaddress.IPv4Address("127.1.0.0") + number)


def _question(kind: str, port: int, folder: Path) -> Question:
    match kind:
        case "tcp":
            return TcpProbe(port)
        case "http":
            return HttpProbe(port, path="/healthz")
        case _:
            return HttpProbe(port, path="/healthz", host=NAME, tls=Tls(NAME, ca_file=str(folder / CA_FILE)))


async def _feddns(kind: str, port: int, targets: int, seconds: float, folder: Path) -> dict[str, Any]:
    allowed = Allowed((ipaddress.IPv4Network("127.0.0.0/8"),))
    prober = Prober(lambda _: None, time.time, Asker(no_headers).ask, allowed=allowed)
    probe = Probe(_question(kind, port, folder), INTERVAL_S, TIMEOUT_S)
    for number in range(targets):
        prober.want(number, {_address(number): probe})
    run = asyncio.create_task(prober.run())
    await asyncio.sleep(WARM_UP_S)
    lateness_s: list[float] = []
    before = prober.figures()
    for _ in range(int(seconds)):
        begun = sum(prober.figures().asked.values())
        await asyncio.sleep(1)
        figures = prober.figures()
        lateness_s += figures.lateness_s[-(sum(figures.asked.values()) - begun) :]
    run.cancel()
    after = prober.figures()
    outcomes = {outcome.value: count - before.asked[outcome] for outcome, count in after.asked.items()}
    return {"lateness": _spread(lateness_s), "outcomes": outcomes | {"void": after.void - before.void}}


async def _naive(kind: str, port: int, targets: int, seconds: float, folder: Path) -> dict[str, Any]:
    lateness_s: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        ask = await _naive_question(kind, port, folder, stack)
        tasks = [asyncio.create_task(_naive_target(ask, _address(number), lateness_s)) for number in range(targets)]
        await asyncio.sleep(WARM_UP_S)
        lateness_s.clear()
        await asyncio.sleep(seconds)
        figures = {"lateness": _spread(lateness_s)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return figures


async def _naive_question(kind: str, port: int, folder: Path, stack: contextlib.AsyncExitStack) -> Callable[[str], Any]:
    if kind == "tcp":

        async def connect(address: str) -> None:
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
            await writer.wait_closed()

        return connect
    context = ssl.create_default_context(cafile=str(folder / CA_FILE)) if kind == "https" else None
    connector = aiohttp.TCPConnector(limit=0, force_close=True, ssl=context or True)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))

    async def get(address: str) -> None:
        url = f"{kind}://{address}:{port}/healthz"
        async with session.get(url, headers={"Host": NAME}, server_hostname=NAME if context else None) as answer:
            answer.raise_for_status()

    return get


async def _naive_target(ask: Callable[[str], Any], address: str, lateness_s: list[float]) -> None:
    clock = asyncio.get_running_loop().time
    due = clock() + INTERVAL_S * random.random()
    while True:
        await asyncio.sleep(due - clock())
        began = clock()
        lateness_s.append(began - due)
        due = began + INTERVAL_S * random.uniform(0.9, 1.1)
        with contextlib.suppress(OSError, aiohttp.ClientError):
            await asyncio.wait_for(ask(address), TIMEOUT_S)


def _spread(lateness_s: Sequence[float]) -> dict[str, float]:
    return {name: value for name, value in summary(lateness_s).items() if name != "changes"}


def _haproxy(kind: str, port: int, targets: int, folder: Path) -> Iterator[str]:
    """A configuration that does nothing but health checks, on one core as the others."""
    yield from ("global", "  nbthread 1", "  spread-checks 10", "defaults", "  mode tcp", "  timeout connect 3s")
    yield from ("  timeout check 3s", "  timeout client 3s", "  timeout server 3s")
    yield from ("frontend none", f"  bind 127.0.0.1:{free_port()}", "backend targets")
    if kind != "tcp":
        yield from ("  option httpchk", f"  http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host {NAME}")
        yield "  http-check expect status 200-399"
    tls = f" check-ssl check-sni {NAME} verify required verifyhost {NAME} ca-file {folder / CA_FILE}"
    for number in range(targets):
        yield f"  server s{number} {_address(number)}:{port} check inter 10s{tls if kind == 'https' else ''}"


@contextmanager
def _answering(kind: str, folder: Path) -> Iterator[tuple[int, "Synchronized[int]"]]:
    """A process that answers on one port of every address of 127.0.0.0/8, and counts."""
    tls = Authority(folder).pem(NAME) if kind == "https" else b""
    (folder / "serving.pem").write_bytes(tls)
    port, counter = free_port(), multiprocessing.Value(ctypes.c_int64)
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(kind, port, counter, folder), daemon=True)
    server.start()
    try:
        yield port, counter
    finally:
        server.kill()
        server.join()


def _serve(kind: str, port: int, counter: "Synchronized[int]", folder: Path) -> None:
    asyncio.run(_serve_forever(kind, port, counter, folder))


async def _serve_forever(kind: str, port: int, counter: "Synchronized[int]", folder: Path) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    listener.bind(("", port))
    listener.listen(4096)
    context = None
    if kind == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "serving.pem")
    server = await asyncio.get_running_loop().create_server(
        lambda: Answering(kind, counter), sock=listener, ssl=context
    )
    await server.serve_forever()


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, kind: str, counter: "Synchronized[int]") -> None:
        self._kind = kind
        self._counter = counter
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self._counter.value += 1
        self._transport = transport if isinstance(transport, asyncio.Transport) else None

    def data_received(self, _: bytes) -> None:
        """Answer."""
        if self._transport is not None:
            self._transport.write(ANSWER)
            self._transport.close()


if __name__ == "__main__":
    main()
