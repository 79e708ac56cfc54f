"""What the outages are made of does what it says."""

import asyncio
import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from tests.lab.processes import LOOPBACK, free_port
from tests.outages.background import Background
from tests.outages.balancer import Behaviour, LoadBalancer
from tests.outages.listening import Listener
from tests.outages.observer import NO_ANSWER, SERIAL, History, Observer
from tests.outages.wire import State, Wire
from tests.servers import DnsServer

pytestmark = pytest.mark.servers  # which takes seconds

ADDRESS = "127.9.8.7"
SHORT_S = 0.2
SLOW_S = 0.4


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def balancer(background: Background, port: int) -> Iterator[LoadBalancer]:
    made = LoadBalancer(background, ADDRESS, port, SLOW_S)
    made.behave(Behaviour.SERVE)
    yield made
    made.behave(Behaviour.REFUSE)


@pytest.fixture
def wire(background: Background) -> Iterator[Wire]:
    """A wire to a server that says everything again."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.read(100):
            writer.write(octets)

    async def listen() -> Listener:
        return Listener(LOOPBACK, 0, echo)

    server = background.run(listen())
    made = Wire(background, server.port, SHORT_S)
    yield made
    made.close()
    background.run(server.close())


def status(port: int) -> int:
    """The status that a client gets that does not wait for long."""
    client = http.client.HTTPConnection(ADDRESS, port, timeout=SHORT_S)
    try:
        client.request("GET", "/")
        return client.getresponse().status
    finally:
        client.close()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (Behaviour.REFUSE, ConnectionRefusedError),
        (Behaviour.BLACKHOLE, TimeoutError),
        (Behaviour.HANG, TimeoutError),
        (Behaviour.RESET, ConnectionError),
        (Behaviour.SLOW, TimeoutError),
    ],
)
def test_a_load_balancer_fails_as_it_is_told_and_serves_again(
    balancer: LoadBalancer, port: int, behaviour: Behaviour, error: type[Exception]
) -> None:
    assert status(port) == 200
    balancer.behave(behaviour)
    failed_at = time.monotonic()
    for _ in range(2):
        with pytest.raises(error):
            status(port)
    assert not balancer.served_between(failed_at, time.monotonic())
    balancer.behave(Behaviour.SERVE)
    assert status(port) == 200
    assert balancer.served_between(failed_at, time.monotonic()) == 1


def test_a_load_balancer_answers_an_error(balancer: LoadBalancer, port: int) -> None:
    balancer.behave(Behaviour.FAIL)
    assert status(port) == 500
    assert balancer.answered == []


def test_a_blackhole_takes_no_connection_and_one_that_hangs_does(balancer: LoadBalancer, port: int) -> None:
    balancer.behave(Behaviour.BLACKHOLE)
    with pytest.raises(TimeoutError):
        socket.create_connection((ADDRESS, port), timeout=SHORT_S)
    balancer.behave(Behaviour.HANG)
    socket.create_connection((ADDRESS, port), timeout=SHORT_S).close()


def test_a_wire_passes_on_and_when_it_is_cut_old_and_new_connections_are_reset(wire: Wire) -> None:
    with socket.create_connection((LOOPBACK, wire.port), timeout=2) as old:
        assert said(old) == b"x"
        wire.be(State.CUT)
        with pytest.raises(ConnectionResetError):
            old.recv(1)
    with pytest.raises(ConnectionResetError), socket.create_connection((LOOPBACK, wire.port), timeout=2) as new:
        new.recv(1)
    wire.be(State.PASSES)
    with socket.create_connection((LOOPBACK, wire.port), timeout=2) as new:
        assert said(new) == b"x"


def test_a_silent_wire_keeps_connections_and_what_it_swallowed_comes_late(wire: Wire) -> None:
    with socket.create_connection((LOOPBACK, wire.port), timeout=SHORT_S) as old:
        assert said(old) == b"x"
        wire.be(State.SILENT)
        with pytest.raises(TimeoutError):
            said(old)
        with socket.create_connection((LOOPBACK, wire.port), timeout=SHORT_S) as new, pytest.raises(TimeoutError):
            said(new)
        wire.be(State.PASSES)
        assert old.recv(1) == b"x"


def test_a_slow_wire_is_late_in_both_directions(wire: Wire) -> None:
    with socket.create_connection((LOOPBACK, wire.port), timeout=2) as connection:
        wire.be(State.SLOW)
        began = time.monotonic()
        assert said(connection) == b"x"
        assert time.monotonic() - began >= 2 * SHORT_S


def said(connection: socket.socket) -> bytes:
    connection.sendall(b"x")
    return connection.recv(1)


def test_a_history_knows_what_stood_when_and_what_came_back() -> None:
    history = History()
    for at, answer in enumerate([("192.0.2.1", "192.0.2.2"), ("192.0.2.2",), ("192.0.2.2",), ("192.0.2.1",)]):
        history.note("global", float(at), answer)
    assert [seen.at for seen in history.during("global", 0.5)] == [0.0, 1.0, 3.0]
    assert [seen.at for seen in history.during("global", 1.5, 2.5)] == [1.0]
    assert history.now("global") == ("192.0.2.1",)
    assert history.came("global", ("192.0.2.2",), 0.0) == 1.0
    assert history.came("global", ("192.0.2.2",), 1.5) is None
    assert list(history.returns("global", "192.0.2.1", 0.0)) == [3.0]
    assert history.now("zone") == NO_ANSWER


async def test_an_observer_sees_chains_addresses_and_the_serial_number_as_they_change(bind: DnsServer) -> None:
    with Observer(
        bind.host, bind.port, bind.zone, {"www": "www.example.com.", "gone": "gone.example.com."}
    ) as observer:
        history = observer.history
        await asyncio.sleep(SHORT_S)
        assert history.now("www") == history.now("gone") == ()
        before = history.now(SERIAL)
        bind.seed("www 60 CNAME web\nweb 60 A 192.0.2.2\nweb 60 A 192.0.2.1")
        await asyncio.sleep(SHORT_S)
        assert history.now("www") == ("web.example.com.", "192.0.2.1", "192.0.2.2")
        assert history.seen["www"][-1].addresses == {"192.0.2.1", "192.0.2.2"}
        assert history.now(SERIAL) > before
        bind.stop()
        await asyncio.sleep(1)
        assert history.now("www") == NO_ANSWER
