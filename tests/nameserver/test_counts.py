import asyncio
from collections import Counter

import dns.flags
import dns.message
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.ratelimit import Pace
from feddns.model.endpoint import Endpoint
from feddns.nameserver.counts import Counts
from feddns.nameserver.limits import DatagramLimits, StreamLimits
from feddns.nameserver.listeners import Listeners
from tests.answers.asking import a_query, a_set
from tests.lab.api import until
from tests.nameserver.serving import a_dispatch, listening, tcp, udp, udp_client

RCODES: dict[int | None, str] = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    9: "NOTAUTH",
}
batch = st.lists(st.one_of(st.none(), st.sampled_from([*RCODES])), max_size=64)


@given(st.lists(batch, max_size=4), batch)
def test_every_message_counts_once_by_its_rcode(batches: list[list[int | None]], by_tcp: list[int | None]) -> None:
    counts = Counts()
    for codes in batches:
        silent = [place for place, code in enumerate(codes) if code is None]
        counts.udp.add(bytes(0x25 if code is None else code for code in codes), silent)
    for code in by_tcp:
        counts.tcp.add_one(None if code is None else bytes((0, 7, 0x84, code)))
    expected = Counter(("udp", code) for codes in batches for code in codes)
    expected.update(("tcp", code) for code in by_tcp)
    found = {(transport, rcode): count for transport, rcode, count in counts.queries()}
    names = {**RCODES, None: "none"}
    assert found == {
        (transport, name): expected[transport, code] for transport in ("udp", "tcp") for code, name in names.items()
    }


def test_a_transfer_counts_once() -> None:
    counts = Counts()
    counts.tcp.add_transfer()
    assert ("tcp", "NOERROR", 1) in counts.queries()


async def test_a_server_counts_what_comes_by_udp_and_by_tcp() -> None:
    dispatch = a_dispatch(a_set("www", "A", "192.0.2.1"))
    async with listening(dispatch) as (endpoint,):
        for name in ("www", "www", "missing"):  # the second is a ready answer
            await udp(endpoint, a_query(name))
        await tcp(endpoint, dns.message.make_query("example.org", "A"))
        async with udp_client(endpoint) as (transport, client):
            transport.sendto(dns.message.make_response(a_query("www")).to_wire(), (endpoint.host, endpoint.port))
            transport.sendto(a_query("www").to_wire(), (endpoint.host, endpoint.port))
            async with asyncio.timeout(5):
                await client.received.get()
    found = {(transport, rcode): count for transport, rcode, count in dispatch.counts.queries() if count}
    assert found == {
        ("udp", "NOERROR"): 3,
        ("udp", "NXDOMAIN"): 1,
        ("udp", "none"): 1,
        ("tcp", "REFUSED"): 1,
    }


async def test_what_limits_turn_away_is_counted() -> None:
    dispatch = a_dispatch(a_set("www", "A", "192.0.2.1"))
    pace = DatagramLimits(Pace(rate=1, burst=1, slip=2))
    listeners = Listeners(dispatch, [Endpoint("127.0.0.1", 0)], pace, StreamLimits(connections=1))
    assert dict(listeners.turned_away()) == {"dropped": 0, "cut": 0, "evicted": 0}
    async with listeners:
        (endpoint,) = listeners.endpoints
        async with udp_client(endpoint) as (transport, client):
            for _ in range(3):  # one is answered, one dropped, one cut
                transport.sendto(a_query("www").to_wire(), (endpoint.host, endpoint.port))
            async with asyncio.timeout(5):
                answers = [dns.message.from_wire((await client.received.get())[0]) for _ in range(2)]
        assert [bool(answer.flags & dns.flags.TC) for answer in answers] == [False, True]
        writers = [(await asyncio.open_connection(endpoint.host, endpoint.port))[1] for _ in range(2)]
        await until(lambda: asyncio.sleep(0, dict(listeners.turned_away())["evicted"] == 1), 5)
        for writer in writers:
            writer.close()
    assert dict(listeners.turned_away()) == {"dropped": 1, "cut": 1, "evicted": 1}
