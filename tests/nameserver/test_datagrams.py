import asyncio
import socket
from collections.abc import Callable
from types import MethodType
from typing import Self

import dns.message
import pytest

from feddns.model.endpoint import Endpoint
from feddns.nameserver.batches import BatchSocket, has_batches
from feddns.nameserver.datagrams import SingleSocket, datagram_reader
from feddns.nameserver.dispatch import Dispatch
from feddns.nameserver.endpoints import bind
from feddns.nameserver.limits import Gate
from tests.answers.asking import a_query, a_set, told
from tests.nameserver.serving import Datagrams, a_dispatch, udp_client

Reader = type[SingleSocket] | type[BatchSocket]
READERS = [SingleSocket, pytest.param(BatchSocket, marks=pytest.mark.skipif(not has_batches(), reason="no recvmmsg"))]
WWW = a_set("www", "A", "192.0.2.1")
"""Both readers do the same; only Linux has the second."""


class Served:
    """A UDP socket answered by one kind of reader."""

    def __init__(self, kind: Reader, dispatch: Dispatch, address: str, gate: Gate | None = None) -> None:
        bound = bind(Endpoint.parse(address))
        bound.tcp.close()
        self.socket = bound.udp
        self.endpoint = bound.endpoint
        self.read = kind(bound.udp, dispatch.ready, dispatch.answer_datagram, dispatch.cut_datagram, gate).read

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self.socket, self.read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()


async def answers(client: Datagrams, count: int) -> list[dns.message.Message]:
    async with asyncio.timeout(5):
        return [dns.message.from_wire((await client.received.get())[0]) for _ in range(count)]


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"])
async def test_queries_are_answered_on_every_kind_of_address(kind: Reader, address: str) -> None:
    with Served(kind, a_dispatch(WWW), address) as served:
        here = Endpoint("::1" if ":" in served.endpoint.host else "127.0.0.1", served.endpoint.port)
        async with udp_client(here) as (transport, client):
            for _ in range(2):  # the second is ready
                query = a_query("www")
                transport.sendto(query.to_wire(), (here.host, here.port))
                (answer,) = await answers(client, 1)
                assert query.is_response(answer)
                assert told(answer.answer) == {("www.example.com.", "A", 180, "192.0.2.1")}


@pytest.mark.parametrize("kind", READERS)
async def test_many_queries_at_once_get_each_its_own_answer(kind: Reader) -> None:
    names = [f"service-{number}" for number in range(200)]
    dispatch = a_dispatch(*(a_set(name, "A", f"10.0.{index >> 8}.{index & 255}") for index, name in enumerate(names)))
    with Served(kind, dispatch, "127.0.0.1:0") as served:
        async with udp_client(served.endpoint) as (transport, client):
            for _ in range(2):
                queries = dict(enumerate(map(a_query, names)))
                for number, query in queries.items():
                    query.id = number
                for query in queries.values():
                    transport.sendto(query.to_wire(), (served.endpoint.host, served.endpoint.port))
                for answer in await answers(client, len(queries)):
                    query = queries.pop(answer.id)
                    assert query.is_response(answer)
                    index = names.index(query.question[0].name.labels[0].decode())
                    assert {data for *_, data in told(answer.answer)} == {f"10.0.{index >> 8}.{index & 255}"}
                assert not queries


@pytest.mark.parametrize("kind", READERS)
async def test_what_deserves_no_answer_gets_none_and_its_neighbours_do(kind: Reader) -> None:
    query = a_query("www").to_wire()
    response = query[:2] + bytes((query[2] | 0x80,)) + query[3:]
    silent = [b"", b"\0", b"\0\1", response, query[:11]]
    sent = [query, *silent, query, silent[-1], query]
    with Served(kind, a_dispatch(WWW), "127.0.0.1:0") as served:
        async with udp_client(served.endpoint) as (transport, client):
            for _ in range(2):
                for message in sent:
                    transport.sendto(message, (served.endpoint.host, served.endpoint.port))
                assert len(await answers(client, 3)) == 3
                assert client.received.empty()


@pytest.mark.parametrize("kind", READERS)
async def test_a_query_too_long_to_be_one_is_malformed(kind: Reader) -> None:
    with Served(kind, a_dispatch(WWW), "127.0.0.1:0") as served:
        async with udp_client(served.endpoint) as (transport, client):
            transport.sendto(a_query("www").to_wire() + b"\0" * 8_000, (served.endpoint.host, served.endpoint.port))
            (answer,) = await answers(client, 1)
            assert answer.rcode() == dns.rcode.FORMERR


@pytest.mark.parametrize("kind", READERS)
async def test_an_answer_comes_from_the_address_that_was_asked(kind: Reader) -> None:
    with Served(kind, a_dispatch(WWW), "0.0.0.0:0") as served:
        async with udp_client(Endpoint("127.0.0.1", 0)) as (transport, client):
            for last in (1, 2, 77):
                there = (f"127.0.0.{last}", served.endpoint.port)
                transport.sendto(a_query("www").to_wire(), there)
                async with asyncio.timeout(5):
                    assert (await client.received.get())[1] == there


@pytest.mark.parametrize("kind", READERS)
async def test_a_client_that_is_gone_disturbs_nobody(kind: Reader) -> None:
    with Served(kind, a_dispatch(WWW), "127.0.0.1:0") as served:
        there = (served.endpoint.host, served.endpoint.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.sendto(a_query("www").to_wire(), there)
        async with udp_client(served.endpoint) as (transport, client):
            for _ in range(3):
                transport.sendto(a_query("www").to_wire(), there)
                assert len(await answers(client, 1)) == 1


@pytest.mark.parametrize("kind", READERS)
async def test_one_wake_up_answers_no_more_than_leaves_others_their_turn(kind: Reader) -> None:
    served = Served(kind, a_dispatch(WWW), "127.0.0.1:0")
    with served.socket, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((served.endpoint.host, served.endpoint.port))
        for _ in range(700):
            client.send(a_query("www").to_wire())
        client.settimeout(0)
        counts = []
        for _ in range(2):
            served.read()
            counts.append(_drained(client.recv))
        assert counts[0] <= 512
        assert 0 < sum(counts) <= 700


def _drained(receive: Callable[[int], bytes]) -> int:
    count = 0
    while True:
        try:
            receive(4_096)
        except BlockingIOError:
            return count
        count += 1


def test_the_faster_reader_is_taken_where_the_system_has_it() -> None:
    dispatch = a_dispatch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        reader = datagram_reader(udp, dispatch.ready, dispatch.answer_datagram, dispatch.cut_datagram)
    assert isinstance(reader, MethodType)
    assert type(reader.__self__) is (BatchSocket if has_batches() else SingleSocket)
