import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import dns.flags
import dns.message
import pytest

from feddns.answers.ratelimit import Pace
from feddns.model.endpoint import Endpoint
from feddns.nameserver.limits import DatagramLimits, Gate
from tests.answers.asking import a_query, a_set, told
from tests.nameserver.serving import a_dispatch, listening, tcp, udp
from tests.nameserver.test_datagrams import READERS, Reader, Served

WWW = a_set("www", "A", "192.0.2.1")
PACE = Pace(rate=1, burst=10, slip=2)


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(served: Served, source: str, queries: Sequence[dns.message.Message]) -> list[dns.message.Message]:
    """The answers to queries that come at once from one address."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.bind((source, 0))
        for query in queries:
            client.sendto(query.to_wire(), (served.endpoint.host, served.endpoint.port))
        served.read()
        client.settimeout(0)
        answers = []
        while True:
            try:
                answers.append(dns.message.from_wire(client.recv(4096)))
            except BlockingIOError:
                return answers


def told_apart(answers: list[dns.message.Message]) -> tuple[int, int]:
    """How many are whole, and how many are cut and empty."""
    cut = [answer for answer in answers if answer.flags & dns.flags.TC]
    assert all(not told(answer.answer) and answer.question for answer in cut)
    return len(answers) - len(cut), len(cut)


@pytest.mark.parametrize("kind", READERS)
async def test_a_client_beyond_its_limit_gets_every_second_answer_cut_and_others_theirs(kind: Reader) -> None:
    clock = Clock()
    gate = Gate(socket.AF_INET, PACE, (), clock)
    with Served(kind, a_dispatch(WWW), "127.0.0.1:0", gate) as served:
        for _ in range(2):
            queries = [a_query("www") for _ in range(30)]
            answers = asked(served, "127.0.7.1", queries)
            assert told_apart(answers) == (10, 10)
            assert {answer.id for answer in answers} <= {query.id for query in queries}
            assert told_apart(asked(served, "127.0.7.200", queries[:4])) == (0, 2)  # of the same /24
            assert told_apart(asked(served, "127.0.8.1", queries[:10])) == (10, 0)
            clock.now += 1_000
    assert (gate.cut, gate.dropped) == (24, 24)


@pytest.mark.parametrize("kind", READERS)
async def test_a_client_by_ipv6_is_its_56(kind: Reader) -> None:
    gate = Gate(socket.AF_INET6, PACE, (), Clock())
    with Served(kind, a_dispatch(WWW), "[::1]:0", gate) as served:
        assert told_apart(asked(served, "::1", [a_query("www") for _ in range(30)])) == (10, 10)


def packed(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


@pytest.mark.parametrize(
    ("family", "exempt", "free", "limited"),
    [
        (socket.AF_INET, "10.1.0.0/16", ["10.1.2.3", "10.1.255.255"], ["10.2.0.1", "11.1.2.3"]),
        (socket.AF_INET, "10.1.2.3/32", ["10.1.2.3"], ["10.1.2.4", "10.1.3.3"]),
        (socket.AF_INET6, "2001:db8::/32", ["2001:db8:1::1", "2001:db8:ffff::"], ["2001:db9::1"]),
        (socket.AF_INET6, "2001:db8::53/128", ["2001:db8::53"], ["2001:db8::54", "2001:db8:0:100::53"]),
        (socket.AF_INET6, "10.0.0.0/8", [], ["::a00:1"]),
    ],
)
def test_exempt_networks_are_not_limited_and_their_neighbours_are(
    family: int, exempt: str, free: list[str], limited: list[str]
) -> None:
    for address in (*free, *limited):
        gate = Gate(family, PACE, (ipaddress.ip_network(exempt),), Clock())
        for _ in range(3):
            beyond = gate.beyond([gate.number(packed(address))] * 15, lambda _, address=address: packed(address))  # type: ignore[misc]
            assert bool(beyond) is (address in limited)


def test_clients_are_told_apart_by_24_and_56() -> None:
    for family, pairs in {
        socket.AF_INET: [("192.0.2.1", "192.0.2.255", True), ("192.0.2.1", "192.0.3.1", False)],
        socket.AF_INET6: [
            ("2001:db8:0:1::1", "2001:db8:0:ff:ffff::", True),
            ("2001:db8::", "2001:db8:0:100::", False),
        ],
    }.items():
        for one, other, is_same in pairs:
            gate = Gate(family, PACE, (), Clock())
            numbers = [gate.number(packed(each)) for each in (one, other)]
            gate.beyond([numbers[0]] * 10, lambda _: b"")
            assert bool(gate.beyond(numbers[1:], lambda _: b"")) is is_same


@pytest.mark.parametrize("kind", READERS)
async def test_what_is_malformed_or_an_answer_itself_is_dropped_when_there_is_too_much_of_it(kind: Reader) -> None:
    gate = Gate(socket.AF_INET, Pace(rate=1, burst=1, slip=1), (), Clock())
    response, fine = a_query("www", flags=dns.flags.QR), a_query("www", edns=0)
    with Served(kind, a_dispatch(WWW), "127.0.0.1:0", gate) as served:
        answers = asked(served, "127.0.0.1", [fine, response, fine, response])
        assert told_apart(answers) == (1, 1)
        assert answers[1].edns == 0
        assert answers[1].flags & dns.flags.AA


async def test_whoever_is_cut_short_is_served_by_tcp() -> None:
    limits = DatagramLimits(Pace(rate=1, burst=1, slip=1))
    async with listening(a_dispatch(WWW), datagrams=limits) as (endpoint,):
        query = a_query("www")
        await udp(endpoint, query)
        assert (await udp(endpoint, query)).flags & dns.flags.TC
        for _ in range(20):
            assert told((await tcp(endpoint, query)).answer)


async def test_all_addresses_of_a_family_share_one_limit() -> None:
    limits = DatagramLimits(Pace(rate=1, burst=4, slip=1))
    async with listening(a_dispatch(WWW), "127.0.0.1", "127.0.0.2", "[::1]", datagrams=limits) as endpoints:
        one, two, six = endpoints
        whole = [not await cut(endpoint) for endpoint in (one, two, one, two, one, two, six)]
        assert whole == [True] * 4 + [False] * 2 + [True]


async def cut(endpoint: Endpoint) -> bool:
    async with asyncio.timeout(5):
        return bool((await udp(endpoint, a_query("www"))).flags & dns.flags.TC)
