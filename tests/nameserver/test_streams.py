import asyncio
import ipaddress
import socket
import threading
import tracemalloc
from collections.abc import Iterable

import dns.flags
import dns.message
import dns.rcode
import pytest

from feddns.model.endpoint import Endpoint
from feddns.nameserver.dispatch import TransferAccess
from feddns.nameserver.limits import StreamLimits
from tests.answers.asking import ORIGIN, a_query, a_responder, a_set, read, told
from tests.nameserver.serving import a_dispatch, listening, tcp, udp

WWW = a_set("www", "A", "192.0.2.1")
MANY = a_set("many", "A", *(f"192.0.2.{number}" for number in range(200)))
LOOPBACK = TransferAccess(networks=(ipaddress.ip_network("127.0.0.0/8"),))


def framed(queries: Iterable[dns.message.Message]) -> bytes:
    return b"".join(len(query.to_wire()).to_bytes(2, "big") + query.to_wire() for query in queries)


async def received(reader: asyncio.StreamReader) -> dns.message.Message:
    async with asyncio.timeout(5):
        size = int.from_bytes(await reader.readexactly(2), "big")
        return dns.message.from_wire(await reader.readexactly(size))


async def connect(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(endpoint.host, endpoint.port)


async def connect_from(host: str, endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(endpoint.host, endpoint.port, local_addr=(host, 0))


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(5):
            return await reader.read(1) == b""
    except ConnectionResetError:
        return True


async def test_an_answer_too_large_for_udp_is_whole_by_tcp() -> None:
    async with listening(a_dispatch(MANY), "127.0.0.1", "[::1]") as endpoints:
        for endpoint in endpoints:
            answer = await tcp(endpoint, a_query("many"))
            assert len(told(answer.answer)) == 200
            assert not answer.flags & dns.flags.TC


async def test_what_is_ready_for_udp_is_taken_for_tcp_unless_it_was_cut() -> None:
    dispatch = a_dispatch(MANY, WWW)
    async with listening(dispatch) as (endpoint,):
        for name, count in (("www", 1), ("many", 200)):
            query = a_query(name)
            cut = (await udp(endpoint, query)).flags & dns.flags.TC
            assert query.to_wire()[2:] in dispatch.ready
            assert bool(cut) is (name == "many")
            assert len(told((await tcp(endpoint, query)).answer)) == count


async def test_queries_on_one_connection_are_answered_in_their_order() -> None:
    queries = [a_query("www", edns=number % 2 or None) for number in range(500)]
    async with listening(a_dispatch(WWW)) as (endpoint,):
        reader, writer = await connect(endpoint)
        writer.write(framed(queries))
        for query in queries:
            assert query.is_response(await received(reader))
        writer.close()


async def test_a_query_may_come_in_pieces() -> None:
    query = a_query("www")
    async with listening(a_dispatch(WWW)) as (endpoint,):
        reader, writer = await connect(endpoint)
        for octet in framed([query, query]):
            writer.write(bytes((octet,)))
            await writer.drain()
            await asyncio.sleep(0)
        for _ in range(2):
            assert query.is_response(await received(reader))
        writer.close()


async def test_who_sends_no_more_still_gets_all_answers() -> None:
    queries = [a_query("www") for _ in range(250)]
    async with listening(a_dispatch(WWW)) as (endpoint,):
        reader, writer = await connect(endpoint)
        writer.write(framed(queries))
        writer.write_eof()
        for query in queries:
            assert query.is_response(await received(reader))
        assert await ended(reader)
        writer.close()


async def test_what_deserves_no_answer_gets_none() -> None:
    response = a_query("www", flags=dns.flags.QR)
    query = a_query("www")
    async with listening(a_dispatch(WWW)) as (endpoint,):
        reader, writer = await connect(endpoint)
        writer.write(b"\0\0" + framed([response, query]))
        assert query.is_response(await received(reader))
        writer.close()


@pytest.mark.servers  # takes its time
async def test_a_client_that_does_not_read_does_not_fill_the_memory() -> None:
    count, size = 1_500, len(a_responder(MANY).answer(read(a_query("many").to_wire()), 65_535))
    async with listening(a_dispatch(MANY)) as (endpoint,):
        reader, writer = await connect(endpoint)
        tracemalloc.start()
        writer.write(framed([a_query("many")] * count))
        for _ in range(20):
            await tcp(endpoint, a_query("www"))  # others are served all the while
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < count * size / 4
        for _ in range(count):
            assert int.from_bytes(await reader.readexactly(2), "big") == size
            await reader.readexactly(size)
        writer.close()


@pytest.mark.looptime(idle_step=0.01)
async def test_an_idle_connection_is_closed_and_one_in_use_is_not() -> None:
    loop = asyncio.get_running_loop()
    async with listening(a_dispatch(WWW)) as (endpoint,):
        idle, idle_writer = await connect(endpoint)
        idle_writer.write(b"\0")  # a beginning is no query
        used, used_writer = await connect(endpoint)
        begin = loop.time()
        for _ in range(3):
            await asyncio.sleep(StreamLimits().idle_s * 0.6)
            used_writer.write(framed([a_query("www")]))
            await received(used)
        assert loop.time() - begin > StreamLimits().idle_s
        assert await ended(idle)
        used_writer.close()
        idle_writer.close()


async def test_one_connection_too_many_closes_the_one_that_is_idle_longest() -> None:
    async with listening(a_dispatch(WWW), streams=StreamLimits(connections=8)) as (endpoint,):
        connections = [await connect(endpoint) for _ in range(8)]
        for reader, writer in (connections[0], connections[-1]):
            writer.write(framed([a_query("www")]))
            await received(reader)
        extra = await connect(endpoint)
        extra[1].write(framed([a_query("www")]))
        await received(extra[0])
        assert await ended(connections[1][0])
        connections[0][1].write(framed([a_query("www")]))
        assert told((await received(connections[0][0])).answer)
        for _, writer in (*connections, extra):
            writer.close()


async def test_queries_behind_a_transfer_wait_for_its_end() -> None:
    sets = [a_set(f"service-{number}", "A", "192.0.2.1") for number in range(2_000)]
    async with listening(a_dispatch(*sets, access=LOOPBACK)) as (endpoint,):
        reader, writer = await connect(endpoint)
        transfer, query = a_query(ORIGIN, "AXFR"), a_query("service-7")
        writer.write(framed([transfer, query]))
        soas = 0
        while soas < 2:
            message = await received(reader)
            assert message.id == transfer.id
            soas += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)
            if len(message.answer) == 1:
                break
        assert query.is_response(await received(reader))
        writer.close()


async def test_a_client_with_too_many_connections_loses_its_own_and_not_those_of_others() -> None:
    async with listening(a_dispatch(WWW), streams=StreamLimits(connections=8, per_client=3)) as (endpoint,):
        others = await connect_from("127.0.0.9", endpoint)
        greedy = [await connect(endpoint) for _ in range(4)]
        assert await ended(greedy[0][0])
        for reader, writer in (others, *greedy[1:]):
            writer.write(framed([a_query("www")]))
            assert told((await received(reader)).answer)
        for _, writer in (others, *greedy):
            writer.close()


async def test_connections_that_ended_count_no_more() -> None:
    async with listening(a_dispatch(WWW), streams=StreamLimits(connections=2, per_client=1)) as (endpoint,):
        for _ in range(5):
            assert told((await tcp(endpoint, a_query("www"))).answer)


@pytest.mark.looptime(idle_step=0.01)
async def test_a_query_that_comes_too_slowly_is_not_waited_for() -> None:
    async with listening(a_dispatch(WWW), streams=StreamLimits(idle_s=5.0)) as (endpoint,):
        reader, writer = await connect(endpoint)
        for octet in framed([a_query("www")])[:5]:
            writer.write(bytes((octet,)))
            await asyncio.sleep(0.9)
        assert not reader.at_eof()
        assert await ended(reader)
        writer.close()


@pytest.mark.servers  # takes its time
async def test_queries_that_come_faster_than_they_are_answered_do_not_fill_the_memory() -> None:
    """One wake-up reads 256 KiB and answers a hundred queries: what is left over must stay with the client."""
    count = 100_000
    async with listening(a_dispatch(WWW)) as (endpoint,):
        with socket.create_connection((endpoint.host, endpoint.port)) as client:
            sending = threading.Thread(target=client.sendall, args=(framed([a_query("www")]) * count,))
            reading = asyncio.create_task(asyncio.to_thread(read_all, client, count))
            tracemalloc.start()
            sending.start()
            most = 0
            while not reading.done():
                await asyncio.sleep(0)
                most = max(most, tracemalloc.get_traced_memory()[0])
            tracemalloc.stop()
            assert await reading == count
            sending.join()
    assert most < 3_000_000, most


def read_all(client: socket.socket, count: int) -> int:
    """Reads framed messages as fast as they come; tells how many there were."""
    client.settimeout(20)
    waiting, seen = bytearray(), 0
    while seen < count:
        piece = client.recv(1 << 18)
        if not piece:
            break
        waiting += piece
        at = 0
        while len(waiting) - at >= 2 and len(waiting) - at >= 2 + int.from_bytes(waiting[at : at + 2], "big"):
            at += 2 + int.from_bytes(waiting[at : at + 2], "big")
            seen += 1
        del waiting[:at]
    return seen
