"""`feddns run` as a process of its own, and the questions that tests ask of the zone it writes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype
import yaml

from tests.lab.api import until
from tests.lab.cluster import Cluster

PATIENCE_S = 40.0
QUICK_WATCH = {"connectTimeout": "1s", "silence": "2s", "lostAfter": "4s", "longestBackoff": "1s", "startGrace": "10s"}


class Answers:
    """A DNS server as a client sees it."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    async def ask(self, name: str, kind: str = "A") -> list[str]:
        """The answer section's data of all types, in its order: a chain of CNAMEs, then addresses sorted."""
        query = dns.message.make_query(name, kind)
        try:
            answer = await dns.asyncquery.udp(query, self.host, port=self.port, timeout=1)
        except (dns.exception.DNSException, OSError):
            return ["no answer"]
        chain = [
            record.to_text() for records in answer.answer if records.rdtype == dns.rdatatype.CNAME for record in records
        ]
        rest = [
            record.to_text() for records in answer.answer if records.rdtype != dns.rdatatype.CNAME for record in records
        ]
        return chain + sorted(rest)

    async def come_to(
        self, name: str, expected: Sequence[str], kind: str = "A", patience_s: float = PATIENCE_S
    ) -> None:
        """Wait until a name has exactly this answer."""
        seen: list[str] = []

        async def reached() -> bool:
            seen[:] = await self.ask(name, kind)
            return seen == list(expected)

        try:
            await until(reached, patience_s)
        except TimeoutError:
            raise AssertionError(f"{name} {kind} is {seen}, not {list(expected)}") from None


class Feddns:
    """`feddns run` on a configuration in `folder`; a context that ends it by SIGTERM."""

    def __init__(self, folder: Path, configuration: dict[str, Any], name: str = "feddns") -> None:
        self.configuration = folder / f"{name}.yaml"
        self.configuration.write_text(yaml.safe_dump(configuration))
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        self._starts += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "feddns", "run", "--config", str(self.configuration)],
                stdout=log,
                stderr=log,
                env={**os.environ, "FEDDNS_LOG": "json"},
            )

    def terminate(self) -> int:
        """End it as Kubernetes does; gives the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait until it has ended; gives the exit code."""
        assert self._process is not None
        return self._process.wait(timeout=10)

    def kill(self) -> None:
        """End it as a power failure does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def running(self) -> bool:
        assert self._process is not None
        return self._process.poll() is None

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one kind since the last start."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        starts = [number for number, line in enumerate(lines) if line["event"] == "started"]
        lines = lines[starts[-1] if len(starts) == self._starts else len(lines) :]
        return [line for line in lines if line["event"] == event]

    async def dns(self) -> Answers:
        """Its embedded DNS server, once it serves: where it has begun to listen last."""
        await eventually(lambda: bool(self.events("serving")))
        host, port = self.events("serving")[-1]["addresses"][0].rsplit(":", 1)
        return Answers(host, int(port))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another verb on the same configuration."""
        return subprocess.run(
            [sys.executable, "-m", "feddns", *arguments, "--config", str(self.configuration)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def records(self) -> list[dict[str, Any]]:
        """What should be, as `feddns records` tells it."""
        done = self.command("records", "--output", "json")
        assert done.returncode == 0, done.stderr
        records: list[dict[str, Any]] = json.loads(done.stdout)
        return records


def configuration(
    clusters: Iterable[Cluster], provider: dict[str, Any], namespace: str, zone: str = "example.com", **more: Any
) -> dict[str, Any]:
    """A federation of the lab's clusters that takes one namespace only, so that tests do not meet."""
    return {
        "federation": "myfederation",
        "dns": {"zone": zone, "provider": provider, **more.pop("dns", {})},
        "clusters": [{"name": cluster.name, "kubeconfig": str(cluster.feddns_kubeconfig)} for cluster in clusters],
        "services": {"namespaces": {"include": [namespace]}},
        "watch": QUICK_WATCH,
        **more,
    }


async def eventually(reached: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""

    async def holds() -> bool:
        return reached()

    await until(holds, patience_s)
