"""One replica of `feddns run` in the soak: what it is started with, what it tells, and what it holds of the machine."""

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import yaml

from tests.lab.processes import LOOPBACK, Process, free_port
from tests.outages.wire import Wire


class Gauges(msgspec.Struct, frozen=True):
    """What a process holds at one moment.

    Attributes:
        rss_kib: resident memory.
        files: open file descriptors, sockets among them.
        tasks: of its event loop; None where it did not tell.
    """

    rss_kib: int
    files: int
    sockets: int
    threads: int
    tasks: int | None = None


class Replica:
    """`feddns run` with wires of its own to every API server.

    Attributes:
        wires: by cluster.
        configuration: its file.
        log: everything it has written, over all starts.
        ahead: the file that says how far its wall clock is ahead; None where it has the machine's.
    """

    def __init__(
        self,
        folder: Path,
        wires: Mapping[str, Wire],
        settings: Mapping[str, Any],
        clock: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a replica; nothing is started yet.

        Args:
            folder: of its own, with what `settings` refer to.
            wires: by cluster.
            settings: the configuration.
            clock: the environment that gives it a wall clock of its own.
        """
        self.wires = wires
        self.configuration = folder / "feddns.yaml"
        self.log = folder / "log"
        self.ahead = None if clock is None else Path(clock["FAKETIME_TIMESTAMP_FILE"])
        self._port = free_port()
        self._settings = {**settings, "web": {"listen": f"{LOOPBACK}:{self._port}"}}
        self.write({})
        command = [sys.executable, "-m", "feddns", "run", "--config", str(self.configuration)]
        self._process = Process(command, self.log, {"FEDDNS_LOG": "json", **(clock or {})})

    def write(self, dns: Mapping[str, Any]) -> None:
        """Write its configuration, with some settings of `dns` changed."""
        changed = {**self._settings, "dns": {**self._settings["dns"], **dns}}
        whole = self.configuration.with_suffix(".new")  # a file that is half written would be read
        whole.write_text(yaml.safe_dump(changed))
        whole.replace(self.configuration)

    def start(self) -> None:
        """Start it."""
        self._process.start()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send(number)

    def kill(self) -> None:
        """End it as a power failure does."""
        self._process.kill()

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process.running

    async def end(self, patience_s: float = 15.0) -> bool:
        """End it as Kubernetes does; whether it ended in time."""
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience_s):
                while self.running:  # noqa: ASYNC110 - the state is another process's
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self.kill()
            return False
        return True

    # --- what it holds

    def process_gauges(self) -> Gauges:
        """What the kernel tells of it."""
        folder = Path("/proc") / str(self._process.pid)
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        opened = _opened(folder / "fd")
        return Gauges(
            rss_kib=int(status["VmRSS"].split()[0]),
            files=len(opened),
            sockets=sum(each.startswith("socket:") for each in opened),
            threads=int(status["Threads"]),
        )

    async def gauges(self) -> Gauges:
        """The same with what it tells itself."""
        metrics = await self.metrics()
        return msgspec.structs.replace(self.process_gauges(), tasks=int(metrics.get("feddns_tasks", 0)))

    async def metrics(self) -> dict[str, float]:
        """Its metrics, each with its labels; none where it does not answer."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.get(f"http://{LOOPBACK}:{self._port}/metrics") as answer,
            ):
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return {}
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    # --- what it tells

    def lines(self) -> Iterator[dict[str, Any]]:
        """Its log lines; a process that is killed may leave half of one."""
        with self.log.open() as log:
            for line in log:
                if line.startswith("{") and line.endswith("}\n"):
                    yield json.loads(line)

    def counts(self) -> Counter[str]:
        """How many log lines there are of each kind."""
        return Counter(line["event"] for line in self.lines())

    def strange_lines(self) -> list[str]:
        """What is in the log that feddns does not write as lines of its log, such as tracebacks."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if not line.startswith("{")]


def _opened(folder: Path) -> list[str]:
    """What the descriptors are of."""
    opened = []
    for each in folder.iterdir():
        with suppress(FileNotFoundError):  # it has just been closed
            opened.append(str(each.readlink()))
    return opened
