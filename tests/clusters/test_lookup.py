import ipaddress
import socket

import dns.asyncresolver
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.lookup import LIFETIME_S, FamilyFound, Lookup, system_lookup
from feddns.clusters.publishable import is_publishable
from tests.servers import DnsServer


def lookup_through(host: str, port: int, lifetime_s: float = LIFETIME_S) -> Lookup:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [host]
    resolver.port = port
    return system_lookup(resolver, lifetime_s)


async def test_both_families_come_with_the_shortest_ttl_of_the_chain(bind: DnsServer) -> None:
    bind.seed("lb 300 CNAME target\ntarget 20 A 192.0.2.2\ntarget 20 A 192.0.2.1\ntarget 600 AAAA 2001:DB8:0::1")
    assert await lookup_through(bind.host, bind.port)("lb.example.com.") == {
        "A": FamilyFound(("192.0.2.1", "192.0.2.2"), 20),
        "AAAA": FamilyFound(("2001:db8::1",), 300),
    }


async def test_a_family_without_records_is_answered_and_empty(bind: DnsServer) -> None:
    bind.seed("lb 30 A 192.0.2.1")
    found = await lookup_through(bind.host, bind.port)("lb.example.com.")
    assert found["AAAA"].addresses == ()
    assert found["AAAA"].trouble == ""


async def test_a_name_that_does_not_exist_is_not_answered(bind: DnsServer) -> None:
    found = await lookup_through(bind.host, bind.port)("none.example.com.")
    assert {(family.addresses, family.trouble) for family in found.values()} == {
        (None, "there is no such name (NXDOMAIN)")
    }


async def test_a_server_that_refuses_is_trouble(bind: DnsServer) -> None:
    found = await lookup_through(bind.host, bind.port)("lb.example.org.")
    assert found["A"] == FamilyFound(None, trouble="every name server failed or refused to answer")


async def test_a_server_that_is_silent_is_given_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        host, port = silent.getsockname()
        found = await lookup_through(host, port, lifetime_s=0.2)("lb.example.com.")
    assert found["A"] == FamilyFound(None, trouble="no name server answered within 0.2 s")


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com.", "a..example.com.", "\\999.example.com."])
async def test_what_is_no_name_is_trouble_and_no_crash(name: str) -> None:
    found = await lookup_through("127.0.0.1", 9)(name)
    assert found["A"].addresses is None
    assert found["A"].trouble


async def test_addresses_that_lead_inside_are_left_out(bind: DnsServer) -> None:
    bind.seed("lb 30 A 169.254.169.254\nlb 30 A 192.0.2.1\nlb 30 AAAA ::1")
    found = await lookup_through(bind.host, bind.port)("lb.example.com.")
    assert found["A"].addresses == ("192.0.2.1",)
    assert found["A"].trouble == "it leads to 169.254.169.254, which is never published"
    assert found["AAAA"].addresses == ()


async def test_search_domains_are_not_applied(bind: DnsServer) -> None:
    bind.seed("lb.example.com 30 A 192.0.2.1")
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [bind.host], bind.port
    resolver.domain = dns.name.from_text("example.com")
    resolver.search = [resolver.domain]
    found = await system_lookup(resolver)("lb.example.com")
    assert found["A"].addresses is None


INSIDE = [
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.0.0.0/8", "100.100.100.200/32",
    "168.63.129.16/32", "::/128", "::1/128", "fe80::/10", "ff00::/8", "::ffff:0:0/96",
    "fd00:ec2::254/128", "fd20:ce::254/128",
]  # fmt: skip


@given(st.sampled_from([ipaddress.ip_network(network) for network in INSIDE]), st.data())
def test_nothing_of_what_leads_inside_is_publishable(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network, data: st.DataObject
) -> None:
    offset = data.draw(st.integers(0, network.num_addresses - 1))
    assert not is_publishable(network[offset])


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "10.1.2.3", "172.16.0.1", "100.64.0.1", "2001:db8::1", "fd00::1", "1.1.1.1"]
)
def test_public_and_private_load_balancers_are_publishable(address: str) -> None:
    assert is_publishable(ipaddress.ip_address(address))
