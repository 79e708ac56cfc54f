"""Real DNS servers for the tests: BIND and Knot on free loopback ports, and `dig` to ask them."""

import abc
import base64
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import dns.zone
import pytest

from tests.lab.processes import LOOPBACK, Process, free_port

PACKAGES = {"named": "bind9", "knotd": "knot", "dig": "bind9-dnsutils", "faketime": "faketime", "bwrap": "bubblewrap"}
START_PATIENCE_S = 20.0
ANSWER_PATIENCE_S = 5.0
UPDATE_SIZE = 500
EMPTY_ZONE = """\
$TTL 300
@    SOA ns1 hostmaster 1 3600 600 86400 60
@    NS  ns1
ns1  A   127.0.0.1
"""


def installed(program: str) -> str:
    """The path of a program that the tests need; the test fails with what to install where it is missing."""
    path = shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") or shutil.which(
        program
    )
    if path is None:
        pytest.fail(
            f"{program} is not installed (Debian package {PACKAGES[program]}): "
            f"apt-get install {' '.join(sorted(PACKAGES.values()))}",
            pytrace=False,
        )
    return path


class DnsServer(abc.ABC):
    """An authoritative server with one zone, that takes updates and zone transfers signed by one TSIG key.

    Attributes:
        host: the address it listens on, by UDP and TCP.
        port: the port there.
        zone: the zone's name, without the final dot.
        key_name: the name of the key that may read and write the zone, absolute.
        algorithm: the key's TSIG algorithm, such as `hmac-sha256`.
        secret: the key in base64.
        stranger: a key that the server knows and grants nothing; of the same algorithm and secret.
    """

    key_name = "feddns."
    stranger = "stranger."

    def __init__(self, zone: str = "example.com", algorithm: str = "hmac-sha256") -> None:
        self.host = LOOPBACK
        self.port = 0
        self.zone = zone
        self.algorithm = algorithm
        self.secret = base64.b64encode(b"a secret of the tests, 32 octets").decode()
        self._folder = tempfile.TemporaryDirectory(prefix="feddns-dns-")
        self.folder = Path(self._folder.name)
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start on a free port and wait until the zone is served; a port lost to another process is replaced."""
        (self.folder / "zone").write_text(EMPTY_ZONE)
        for _ in range(3):
            self.port = free_port()
            if self._launch():
                return
        pytest.fail(f"{type(self).__name__} did not start:\n{self._running().tail()}", pytrace=False)

    def restart(self) -> None:
        """Stop and start again on the same port; the zone's content stays."""
        self.stop()
        if not self._launch():
            pytest.fail(f"{type(self).__name__} did not start again:\n{self._running().tail()}", pytrace=False)

    def stop(self) -> None:
        """Stop, so that nothing listens on the port; `restart` brings it back."""
        self._running().stop()

    def pause(self) -> None:
        """Let the server hang: connections open, no answer comes (SIGSTOP)."""
        self._running().send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._running().send(signal.SIGCONT)

    def close(self) -> None:
        """Kill the server and delete its files."""
        if self._process is not None:
            self._process.kill()
        self._folder.cleanup()

    def seed(self, records: str) -> None:
        """Add records to the zone.

        Args:
            records: lines of a zone file, such as `www 60 A 192.0.2.1`; relative names are under the zone.
        """
        origin = dns.name.from_text(self.zone)
        text = f"$TTL 300\n{records}\n"
        zone = dns.zone.from_text(text, origin=origin, relativize=False, check_origin=False)
        sets = list(zone.iterate_rdatasets())
        for start in range(0, len(sets), UPDATE_SIZE):
            update = dns.update.UpdateMessage(origin, keyring=self.keyring())
            for name, rdataset in sets[start : start + UPDATE_SIZE]:
                update.add(name, rdataset)
            answer = dns.query.tcp(update, self.host, port=self.port, timeout=ANSWER_PATIENCE_S)
            assert answer.rcode() == dns.rcode.NOERROR, f"seeding failed: {dns.rcode.to_text(answer.rcode())}"

    def records(self) -> list[str]:
        """Everything in the zone but its SOA, read by a signed zone transfer: `name ttl type rdata`, sorted."""
        key = f"{self.algorithm}:{self.key_name}:{self.secret}"
        lines = _dig(self, self.zone, "AXFR", "+noall", "+answer", "-y", key)
        fields = (line.split(None, 4) for line in lines)
        return sorted(f"{name} {ttl} {kind} {data}" for name, ttl, _, kind, data in fields if kind != "SOA")

    def keyring(self, key_name: str | None = None) -> dict[dns.name.Name, dns.tsig.Key]:
        """The key as dnspython wants it; by default the one that may write."""
        name = dns.name.from_text(key_name or self.key_name)
        return {name: dns.tsig.Key(name, self.secret, self.algorithm)}

    def provider(self) -> dict[str, Any]:
        """The provider `rfc2136` with the settings for this server, as `feddns.yaml` has it under `dns`."""
        secret_file = self.folder / "secret"
        secret_file.write_text(self.secret)
        tsig = {"name": self.key_name, "algorithm": self.algorithm, "secretFile": str(secret_file)}
        return {"rfc2136": {"server": f"{self.host}:{self.port}", "tsig": tsig}}

    @abc.abstractmethod
    def _configure(self) -> list[str]:
        """Write the configuration for `port` into `folder`; gives the command."""

    def _running(self) -> Process:
        assert self._process is not None, f"{type(self).__name__} was not started"
        return self._process

    def _launch(self) -> bool:
        self._process = Process(self._configure(), self.folder / "log")
        self._process.start()
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline and self._process.running:
            if self._serves():
                return True
            time.sleep(0.01)
        self._process.kill()
        return False

    def _serves(self) -> bool:
        query = dns.message.make_query(self.zone, "SOA")
        try:
            answer = dns.query.udp(query, self.host, port=self.port, timeout=0.2)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(answer.answer)


class Bind(DnsServer):
    """BIND's `named`."""

    def _configure(self) -> list[str]:
        # AppArmor confines /usr/sbin/named to /etc/bind and /var by its path; a copy elsewhere is free to read ours.
        program = shutil.copy2(installed("named"), self.folder / "named")
        keys = "".join(
            f'key "{name}" {{ algorithm {self.algorithm}; secret "{self.secret}"; }};\n'
            for name in (self.key_name, self.stranger)
        )
        (self.folder / "named.conf").write_text(f"""\
options {{
    directory "{self.folder}"; pid-file "pid"; session-keyfile "session.key"; managed-keys-directory "{self.folder}";
    listen-on port {self.port} {{ {self.host}; }}; listen-on-v6 {{ none; }};
    recursion no; dnssec-validation no; notify no; allow-transfer {{ none; }};
    tcp-clients 1000; ixfr-from-differences no;
}};
controls {{ }};
{keys}
zone "{self.zone}" {{
    type primary; file "zone"; allow-transfer {{ key "{self.key_name}"; }};
    max-journal-size unlimited;
    update-policy {{ grant {self.key_name} zonesub ANY; }};
}};
""")
        return [str(program), "-4", "-c", str(self.folder / "named.conf"), "-n", "1", "-g"]


class Knot(DnsServer):
    """CZ.NIC's `knotd`."""

    def _configure(self) -> list[str]:
        program = installed("knotd")
        keys = "".join(
            f"  - id: {name}\n    algorithm: {self.algorithm}\n    secret: {self.secret}\n"
            for name in (self.key_name, self.stranger)
        )
        (self.folder / "knot.conf").write_text(f"""\
server:
    rundir: {self.folder}
    listen: {self.host}@{self.port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: {self.folder}
key:
{keys}
acl:
  - id: writer
    address: {self.host}
    key: {self.key_name}
    action: [transfer, update]
zone:
  - domain: {self.zone}
    storage: {self.folder}
    file: zone
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: changes
    acl: writer
""")
        return [program, "-c", str(self.folder / "knot.conf")]


def dig(server: DnsServer, name: str, kind: str = "A") -> list[str]:
    """What `dig +short` prints, sorted: the data of the answer section, a CNAME on the way included.

    It blocks; where the server runs in the test's own event loop, call it by `asyncio.to_thread`.
    """
    return sorted(_dig(server, name, kind, "+short"))


def dig_status(server: DnsServer, name: str, kind: str = "A") -> str:
    """The answer's RCODE as dig prints it, such as NOERROR or NXDOMAIN."""
    header = next(line for line in _dig(server, name, kind, "+noall", "+comments") if "status: " in line)
    return header.partition("status: ")[2].partition(",")[0]


def _dig(server: DnsServer, name: str, kind: str, *options: str) -> list[str]:
    where = (installed("dig"), f"@{server.host}", "-p", str(server.port), "+time=5", "+tries=1", "+norecurse")
    answer = subprocess.run((*where, *options, name, kind), capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"dig {name} {kind}: {answer.stdout}{answer.stderr}"
    return answer.stdout.splitlines()


@pytest.fixture
def bind() -> Iterator[DnsServer]:
    """A BIND with an empty zone `example.com`."""
    with Bind() as server:
        yield server


@pytest.fixture
def knot() -> Iterator[DnsServer]:
    """A Knot with an empty zone `example.com`."""
    with Knot() as server:
        yield server
