"""The DNS server of a running feddns, asked by dig, dnsperf and whoever writes octets: what it gives, and to whom."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.e2e.running import Feddns
from tests.lab.processes import LOOPBACK, free_port
from tests.servers import installed

pytestmark = pytest.mark.servers

MANIFESTS = """\
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {type: LoadBalancer}
status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {ip: 192.0.2.2}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: shop, name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
"""
NAME = "web.shop.fed.svc.example.com"
TIGHT = {"rateLimit": {"responsesPerSecond": 50, "burst": 100, "slip": 2, "exempt": []}}


def settings_of(port: int, cluster: Mapping[str, str], **embedded: Any) -> dict[str, Any]:
    return {
        "federation": "fed",
        "dns": {"zone": "example.com", "provider": {"embedded": {"listen": [f"{LOOPBACK}:{port}"], **embedded}}},
        "clusters": [{"name": "us", "region": "us", "zones": ["us-a"], **cluster}],
    }


@contextmanager
def served(folder: Path, **embedded: Any) -> Iterator[int]:
    """A feddns that serves one service from a manifest; gives its port."""
    clusters = folder / "us"
    clusters.mkdir()
    (clusters / "objects.yaml").write_text(MANIFESTS)
    port = free_port()
    with Feddns(folder, settings_of(port, {"manifests": str(clusters)}, **embedded)):
        for _ in range(400):
            if "192.0.2.1" in dig(port, NAME, "+time=1", "+tries=1", "+tcp", "+short"):
                break
        yield port


def dig(port: int, *arguments: str) -> str:
    command = [installed("dig"), f"@{LOOPBACK}", "-p", str(port), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(tmp_path_factory.mktemp("plain")) as found:
        yield found


def test_recursion_is_neither_done_nor_offered(port: int) -> None:
    told = dig(port, "www.elsewhere.net", "+recurse")
    assert "status: REFUSED" in told
    assert "recursion requested but not available" in told
    assert "flags: qr aa rd;" in dig(port, NAME, "+recurse")


@pytest.mark.parametrize("name", ["version.bind", "hostname.bind", "id.server", "version.server", "authors.bind"])
def test_nothing_is_told_about_the_server_itself(port: int, name: str) -> None:
    told = dig(port, name, "TXT", "CH")
    assert "status: REFUSED" in told
    assert "ANSWER: 0" in told


def test_before_a_cluster_was_ever_seen_no_name_is_said_to_be_absent(tmp_path: Path) -> None:
    """Resolvers would keep that, and secondaries would take the empty zone for the one that they have."""
    nowhere = {"cluster": {"server": f"https://{LOOPBACK}:{free_port()}"}, "name": "us"}
    config = {
        "clusters": [nowhere],
        "contexts": [{"name": "us", "context": {"cluster": "us"}}],
        "current-context": "us",
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(config))
    port = free_port()
    transfer = {"transfer": {"networks": [f"{LOOPBACK}/32"]}}
    with Feddns(tmp_path, settings_of(port, {"kubeconfig": str(tmp_path / "kubeconfig")}, **transfer)):
        for _ in range(400):
            if "status: NOERROR" in dig(port, "example.com", "SOA", "+time=1", "+tries=1", "+tcp"):
                break
        assert "status: SERVFAIL" in dig(port, NAME)
        assert "Transfer failed" in dig(port, "example.com", "AXFR")


def test_any_gets_one_record_set(port: int) -> None:
    told = dig(port, NAME, "ANY", "+notcp", "+noall", "+answer")
    assert {line.split()[3] for line in told.splitlines() if line} == {"A"}
    apex = dig(port, "example.com", "ANY", "+notcp", "+noall", "+answer").splitlines()
    assert len({line.split()[3] for line in apex if line}) == 1


def test_nobody_transfers_the_zone_or_updates_it(port: int) -> None:
    assert "Transfer failed" in dig(port, "example.com", "AXFR")
    update = dns.message.Message()
    update.flags |= 5 << 11
    assert dns.query.udp(update, LOOPBACK, port=port, timeout=5).rcode() == dns.rcode.NOTIMP


@pytest.mark.parametrize("size", [0, 512, 1_232, 4_096, 65_535])
def test_no_answer_by_udp_is_larger_than_what_no_network_cuts(port: int, size: int) -> None:
    query = dns.message.make_query("example.com", "SOA", use_edns=0, payload=size)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(query.to_wire(), (LOOPBACK, port))
        octets = client.recv(65_535)
    assert len(octets) <= 1_232
    assert dns.message.from_wire(octets).payload == 1_232


def test_an_answer_is_not_much_larger_than_its_question(port: int) -> None:
    """What makes a server of use to who floods others with forged questions is how much it adds to them."""
    for name, kind in ((NAME, "ANY"), ("example.com", "ANY"), (NAME, "A"), ("x.example.com", "TXT")):
        query = dns.message.make_query(name, kind, use_edns=0, want_dnssec=True)
        answer = dns.query.udp(query, LOOPBACK, port=port, timeout=5)
        assert len(answer.to_wire()) < 4 * len(query.to_wire())


def test_a_flood_from_one_network_is_answered_at_its_rate_and_another_network_is_not_held_up(tmp_path: Path) -> None:
    if shutil.which("dnsperf") is None:
        pytest.fail("dnsperf is not installed: make packages", pytrace=False)
    with served(tmp_path, **TIGHT) as port:
        questions = tmp_path / "questions"
        questions.write_text(f"{NAME} A\n")
        flood = ["dnsperf", "-s", LOOPBACK, "-p", str(port), "-d", str(questions), "-l", "4", "-a", "127.0.9.1"]
        with subprocess.Popen([*flood, "-q", "500", "-t", "1"], stdout=subprocess.PIPE, text=True) as process:
            for _ in range(30):
                told = dig(port, NAME, "-b", "127.0.10.1", "+short", "+time=1", "+tries=1", "+notcp", "+ignore")
                assert told.splitlines() == ["192.0.2.1", "192.0.2.2"]
            # A resolver behind the address that floods, or that is forged, gets its answer by TCP.
            by_tcp = [dig(port, NAME, "-b", "127.0.9.2", "+short", "+time=1", "+tries=4") for _ in range(5)]
            assert all(each.endswith("192.0.2.1\n192.0.2.2\n") for each in by_tcp), by_tcp
            figures, _ = process.communicate(timeout=30)
    completed = int(next(line.split()[2] for line in figures.splitlines() if "Queries completed" in line))
    lost = int(next(line.split()[2] for line in figures.splitlines() if "Queries lost" in line))
    sent = int(next(line.split()[2] for line in figures.splitlines() if "Queries sent" in line))
    whole = 100 + 50 * 12  # burst and rate, over the time that dnsperf needs to notice what is lost
    assert sent > 1_000
    assert lost > sent / 3
    assert completed <= sent / 2 + whole


def test_idle_and_slow_connections_do_not_keep_others_out(tmp_path: Path) -> None:
    with served(tmp_path, connections={"total": 20, "perClient": 10, "idle": "2s"}) as port:
        hoard = [socket.create_connection((LOOPBACK, port), source_address=("127.0.9.1", 0)) for _ in range(60)]
        for each in hoard:
            each.settimeout(10)
        assert "192.0.2.1" in dig(port, NAME, "+tcp", "+short", "+time=2", "+tries=1")
        closed = sum(ended(each) for each in hoard)
        assert closed == 60  # fifty by the limit of a client, and the rest by time
        assert "192.0.2.1" in dig(port, NAME, "+tcp", "+short", "+time=2", "+tries=1")


def ended(client: socket.socket) -> bool:
    with client:
        try:
            return client.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0",
        b"\0" * 11,
        b"\xff" * 12,
        b"\0" * 12,
        b"\0\1\1\0" + b"\xff" * 500,
        bytes(range(256)) * 8,
        b"\xc0\x0c" * 600,
    ],
)
def test_what_is_no_query_gets_no_answer_larger_than_itself_and_harms_nobody(port: int, octets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(octets, (LOOPBACK, port))
        client.settimeout(0.3)
        with suppress(TimeoutError):
            assert len(client.recv(65_535)) <= len(octets)
    with socket.create_connection((LOOPBACK, port)) as stream:
        stream.sendall(octets)
    assert "192.0.2.1" in dig(port, NAME, "+short")
