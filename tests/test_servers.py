"""The tests' own DNS servers do what the tests rely on."""

from contextlib import suppress

import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from tests.servers import DnsServer, dig, dig_status


@pytest.fixture(params=["bind", "knot"])
def server(request: pytest.FixtureRequest) -> DnsServer:
    started: DnsServer = request.getfixturevalue(request.param)
    return started


@pytest.mark.servers
def test_seeded_records_are_served(server: DnsServer) -> None:
    server.seed("www 60 A 192.0.2.1\nwww 60 A 192.0.2.2\nalias 60 CNAME www\n")
    assert dig(server, "www.example.com", "A") == ["192.0.2.1", "192.0.2.2"]
    assert dig(server, "alias.example.com", "CNAME") == ["www.example.com."]
    assert dig_status(server, "absent.example.com") == "NXDOMAIN"
    assert "alias.example.com. 60 CNAME www.example.com." in server.records()


@pytest.mark.servers
def test_a_restart_keeps_the_zone(server: DnsServer) -> None:
    server.seed("www 60 A 192.0.2.1")
    server.restart()
    assert dig(server, "www.example.com", "A") == ["192.0.2.1"]


@pytest.mark.servers
def test_a_stranger_may_not_write(server: DnsServer) -> None:
    update = dns.update.UpdateMessage(server.zone, keyring=server.keyring(server.stranger))
    update.add("www", 60, "A", "192.0.2.1")
    with suppress(dns.tsig.PeerBadKey):  # Knot answers BADKEY, BIND REFUSED
        answer = dns.query.tcp(update, server.host, port=server.port, timeout=5)
        assert answer.rcode() == dns.rcode.REFUSED
    assert dig_status(server, "www.example.com") == "NXDOMAIN"
