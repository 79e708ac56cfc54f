"""Real webhook servers: ExternalDNS itself with one of its providers, on a free loopback address."""

import http.client
import itertools
import random
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import pytest

from tests.lab.binaries import program
from tests.lab.processes import Process, free_port
from tests.servers import DnsServer

START_PATIENCE_S = 20.0
BUILT_IN: Final = b"127.0.0.1:8888"
"""Where ExternalDNS v0.21 listens as a webhook; no flag changes it."""


def copy_that_listens_elsewhere(folder: Path) -> tuple[Path, str, int]:
    """A copy of the program in which another loopback address of the same length stands, and that address."""
    octets = program("external-dns").read_bytes()
    assert octets.count(BUILT_IN) == 1, "this version of external-dns has its address in another form"
    host, port = free_address()
    copy = folder / "external-dns"
    copy.write_bytes(octets.replace(BUILT_IN, f"{host}:{port}".encode()))
    copy.chmod(0o755)
    return copy, host, port


def free_address() -> tuple[str, int]:
    """A loopback address and port of as many characters as the built-in one."""
    chance = random.SystemRandom()
    for _ in itertools.repeat(None, 1000):
        host = "127." + ".".join(str(chance.randrange(1, 10)) for _ in range(3))
        port = chance.randrange(2_000, 10_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            return host, port
    pytest.fail("no free loopback address was found")


class ExternalDns:
    """An ExternalDNS that serves the webhook protocol.

    Attributes:
        host: where it listens.
        port: the port there.
    """

    def __init__(
        self,
        listener: tuple[Path, str, int],
        folder: Path,
        *flags: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        path, self.host, self.port = listener
        metrics = f"--metrics-address=127.0.0.1:{free_port()}"
        command = [str(path), "--webhook-server", "--source=fake", metrics, *flags]
        self._process = Process(command, folder / "external-dns.log", environment)

    def __enter__(self) -> Self:
        self._process.start()
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline and self._process.running:
            with suppress(OSError):
                self.ask("GET", "/")
                return self
            time.sleep(0.02)
        self._process.kill()
        pytest.fail(f"external-dns did not start:\n{self._process.tail()}", pytrace=False)

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # in this mode it ignores SIGTERM

    @property
    def url(self) -> str:
        """What `dns.provider.webhook.url` is to be."""
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request as anyone can; gives the status and the answer's JSON."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request(method, path, None if body is None else msgspec.json.encode(body))
            answer = connection.getresponse()
            octets = answer.read()
            return answer.status, msgspec.json.decode(octets) if octets else None
        finally:
            connection.close()


def in_memory(*flags: str) -> tuple[str, ...]:
    """The flags for a zone `example.com` that is kept in memory."""
    return ("--provider=inmemory", "--inmemory-zone=example.com", *flags)


def on_server(server: DnsServer) -> tuple[str, ...]:
    """The flags for the zone of a DNS server that takes dynamic updates."""
    return (
        "--provider=rfc2136",
        f"--rfc2136-host={server.host}",
        f"--rfc2136-port={server.port}",
        f"--rfc2136-zone={server.zone}",
        f"--rfc2136-tsig-keyname={server.key_name}",
        f"--rfc2136-tsig-secret={server.secret}",
        f"--rfc2136-tsig-secret-alg={server.algorithm}",
        "--rfc2136-tsig-axfr",
        "--rfc2136-batch-change-size=200",
    )
