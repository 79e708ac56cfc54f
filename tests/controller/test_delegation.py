"""Delegations as real name servers tell of them."""

import asyncio
from collections.abc import Iterator
from typing import cast

import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from feddns.controller.delegation import Delegation, check, parse_resolver
from feddns.model.endpoint import Endpoint
from feddns.model.records import ZoneName
from feddns.model.zones import HostedZone
from tests.lab.processes import free_port
from tests.servers import Bind, DnsServer

ZONE = ZoneName("example.com.")
OURS = ("ns1.example.com.",)


def at(server: DnsServer) -> Endpoint:
    return Endpoint(server.host, server.port)


def nobody() -> Endpoint:
    return Endpoint("127.0.0.1", free_port())


async def delegation(zone: HostedZone, *resolvers: Endpoint) -> Delegation:
    (found,) = await check([zone], resolvers)
    return found


@pytest.fixture
def parent() -> Iterator[DnsServer]:
    """The server of `com`, which refers to those of `example.com`."""
    with Bind("com") as server:
        yield server


async def test_the_same_servers_are_a_delegation(bind: DnsServer) -> None:
    found = await delegation(HostedZone(ZONE, name_servers=OURS, written=True), at(bind))
    assert (found.verdict, found.found) == ("delegated", OURS)


async def test_a_referral_of_the_parents_own_server_counts(parent: DnsServer, bind: DnsServer) -> None:
    parent.seed("example 300 NS ns1.example.com.\nexample 300 NS ns2.example.net.")
    both = ("ns1.example.com.", "ns2.example.net.")
    assert (await delegation(HostedZone(ZONE, name_servers=both), at(parent))).verdict == "delegated"
    partly = await delegation(HostedZone(ZONE, name_servers=OURS), at(parent))
    assert partly.verdict == "partly"
    assert partly.text.endswith("ns2.example.net. not the provider's")
    missing = await delegation(HostedZone(ZONE, name_servers=("ns1.example.com.", "ns3.example.com.")), at(parent))
    assert "ns3.example.com. missing; ns2.example.net. not the provider's" in missing.text
    assert bind.records()


class StaleResolver(asyncio.DatagramProtocol):
    """Knows the parent's server, and of the zone what it says of itself."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        (question,) = query.question
        known = {"example.com.": "NS ns1.example.com.", "com.": "NS ns.com.", "ns.com.": "A 127.0.0.1"}
        kind, _, value = known[question.name.to_text()].partition(" ")
        if question.rdtype == dns.rdatatype.from_text(kind):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, value))
        self.transport.sendto(answer.to_wire(), addr)


@pytest.mark.servers  # takes its time
async def test_the_parents_servers_are_asked_and_not_believed_what_the_zone_says_of_itself(parent: DnsServer) -> None:
    parent.seed("example 300 NS ns.registrar.example.")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(StaleResolver, ("127.0.0.1", 0))
    resolver = Endpoint("127.0.0.1", transport.get_extra_info("sockname")[1])
    zone = HostedZone(ZONE, name_servers=OURS, written=True)
    (asked,) = await check([zone], [resolver], port=parent.port)
    assert (asked.verdict, asked.text) == ("not delegated", "the parent has ns.registrar.example.")
    (believed,) = await check([zone], [resolver], port=nobody().port)
    assert believed.verdict == "delegated"
    transport.close()


@pytest.mark.servers  # takes its time
async def test_other_servers_are_named(parent: DnsServer) -> None:
    parent.seed("example 300 NS ns.registrar.example.")
    found = await delegation(HostedZone(ZONE, name_servers=OURS), at(parent))
    assert (found.verdict, found.text) == ("not delegated", "the parent has ns.registrar.example.")


@pytest.mark.servers  # takes its time
async def test_a_zone_that_the_parent_does_not_know_is_not_delegated(parent: DnsServer) -> None:
    found = await delegation(HostedZone(ZONE, name_servers=OURS), at(parent))
    assert (found.verdict, found.text) == ("not delegated", "the parent has no NS records for it")


async def test_a_provider_that_names_no_servers_gets_no_verdict_but_what_was_found(bind: DnsServer) -> None:
    found = await delegation(HostedZone(ZONE), at(bind))
    assert (found.verdict, found.found) == ("unknown", OURS)


async def test_the_next_resolver_is_asked_where_one_does_not_answer_or_refuses(bind: DnsServer) -> None:
    zone = HostedZone(ZONE, name_servers=OURS)
    assert (await delegation(zone, nobody(), at(bind))).verdict == "delegated"
    elsewhere = HostedZone(ZoneName("example.org."), name_servers=OURS)
    found = await delegation(elsewhere, at(bind), nobody())
    assert found.verdict == "unknown"
    assert "no resolver answered" in found.text
    assert "REFUSED for example.org. NS" in found.text


async def test_without_resolvers_nothing_can_be_told() -> None:
    assert await delegation(HostedZone(ZONE, name_servers=OURS)) == Delegation(
        "unknown", "no resolver answered (there is none)"
    )


async def test_private_zones_are_not_checked() -> None:
    assert (await delegation(HostedZone(ZONE, private=True))).verdict == "not checked"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("192.0.2.53:5353", "192.0.2.53", 5353),
        ("2001:db8::53", "2001:db8::53", 53),
        ("[2001:db8::53]", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, host: str, port: int) -> None:
    assert parse_resolver(text) == Endpoint(host, port)


@pytest.mark.parametrize("text", ["", "ns1.example.com", "192.0.2.53:", "192.0.2.53:99999", "192.0.2"])
def test_what_is_no_address_is_no_resolver(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_resolver(text)
