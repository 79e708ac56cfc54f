import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import h2.config
import h2.connection
import h2.events
import hpack
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from h2.errors import ErrorCodes
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.probing import GrpcProbe, HttpProbe, Tls
from feddns.probes.answer import Answer, failed, succeeded
from feddns.probes.grpc import GrpcDialogue
from tests.probes.certificates import Authority
from tests.probes.listening import asked, listening, says

SERVING = b"\0\0\0\0\2\x08\1"
Headers = list[tuple[str, str]]
GOAWAY = "the server is about to close the connection (GOAWAY)"
GRPC: Headers = [(":status", "200"), ("content-type", "application/grpc+proto")]


@asynccontextmanager
async def a_server(
    credentials: grpc.ServerCredentials | None = None,
) -> AsyncIterator[tuple[int, health.aio.HealthServicer]]:
    """A gRPC server with the standard health service, in this event loop."""
    server = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port, servicer
    finally:
        await server.stop(None)


async def test_a_server_tells_how_it_and_its_services_are() -> None:
    async with a_server() as (port, servicer):
        assert await asked(GrpcProbe(port)) == succeeded("gRPC SERVING")
        await servicer.set("shop.Cart", health_pb2.HealthCheckResponse.NOT_SERVING)
        assert await asked(GrpcProbe(port, "shop.Cart")) == failed("gRPC NOT_SERVING")
        await servicer.set("shop.Cart", health_pb2.HealthCheckResponse.SERVING)
        assert await asked(GrpcProbe(port, "shop.Cart")) == succeeded("gRPC SERVING")
        answer = await asked(GrpcProbe(port, "shop.Cat"))
        assert answer == failed("gRPC NOT_FOUND: the server's health service does not know 'shop.Cat'")


async def test_a_server_without_the_health_service_has_failed() -> None:
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    answer = await asked(GrpcProbe(port))
    await server.stop(None)
    assert answer == failed("gRPC UNIMPLEMENTED: the server does not have the service grpc.health.v1.Health")


async def test_a_server_is_asked_by_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pem = authority.pem("grpc.example.com")
    async with a_server(grpc.ssl_server_credentials([(pem, pem)])) as (port, _):
        tls = Tls("grpc.example.com", ca_file=authority.ca_file)
        assert await asked(GrpcProbe(port, tls=tls)) == succeeded("gRPC SERVING")
        plain = await asked(GrpcProbe(port))
        assert plain.outcome == "failed"


async def test_a_server_of_http_alone_is_no_grpc_server() -> None:
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")) as port:
        assert await asked(GrpcProbe(port)) == failed("the answer is not HTTP/2")
    async with a_server() as (port, _):
        assert (await asked(HttpProbe(port))).outcome == "failed"


def heard(*pieces: bytes, question: GrpcProbe | None = None) -> Answer | None:
    dialogue = GrpcDialogue(question or GrpcProbe(9090), "192.0.2.1", 3.0)
    dialogue.opening()
    for piece in pieces:
        answer = dialogue.heard(piece)
        if answer is not None:
            return answer
        dialogue.reply()
    return None


class Server:
    """The other end of a dialogue, which says what it is told to."""

    def __init__(self, question: GrpcProbe) -> None:
        self.dialogue = GrpcDialogue(question, "192.0.2.1", 3.0)
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.connection.initiate_connection()
        self.events = self.connection.receive_data(self.dialogue.opening())

    def says(self, *, headers: Headers, data: bytes | None = None, trailers: Headers | None = None) -> Answer | None:
        self.connection.send_headers(1, headers, end_stream=data is None and trailers is None)
        if data is not None:
            self.connection.send_data(1, data, end_stream=trailers is None)
        if trailers is not None:
            self.connection.send_headers(1, trailers, end_stream=True)
        return self.dialogue.heard(self.connection.data_to_send())


def test_a_call_is_what_the_protocol_wants() -> None:
    events = Server(GrpcProbe(9090, "shop.Cart")).events
    (request,) = (event for event in events if isinstance(event, h2.events.RequestReceived))
    (message,) = (event for event in events if isinstance(event, h2.events.DataReceived))
    headers = {name.decode(): value.decode() for name, value in request.headers or ()}
    assert headers[":path"] == "/grpc.health.v1.Health/Check"
    assert headers[":authority"] == "192.0.2.1:9090"
    assert (headers[":scheme"], headers["te"], headers["grpc-timeout"]) == ("http", "trailers", "3000m")
    assert message.data == b"\0\0\0\0\x0b\x0a\x09shop.Cart"


@pytest.mark.parametrize(
    ("tls", "address", "authority"),
    [
        (Tls("grpc.example.com"), "192.0.2.1", b"grpc.example.com:9090"),
        (Tls(), "2001:db8::1", b"[2001:db8::1]:9090"),
    ],
)
def test_a_call_is_for_the_name_that_tls_is_for(tls: Tls, address: str, authority: bytes) -> None:
    dialogue = GrpcDialogue(GrpcProbe(9090, tls=tls), address, 3.0)
    server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    (request,) = (
        event for event in server.receive_data(dialogue.opening()) if isinstance(event, h2.events.RequestReceived)
    )
    assert (b":authority", authority) in (request.headers or ())
    assert (b":scheme", b"https") in (request.headers or ())


@pytest.mark.parametrize(
    ("data", "trailers", "answer"),
    [
        (SERVING, [("grpc-status", "0")], succeeded("gRPC SERVING")),
        (b"\0\0\0\0\0", [("grpc-status", "0")], failed("gRPC UNKNOWN")),
        (b"\0\0\0\0\2\x08\3", [("grpc-status", "0")], failed("gRPC SERVICE_UNKNOWN")),
        (b"\0\0\0\0\2\x08\x7f", [("grpc-status", "0")], failed("gRPC health status 127")),
        (SERVING, [("grpc-status", "14"), ("grpc-message", "later")], failed("gRPC UNAVAILABLE")),
        (SERVING, [("grpc-status", "77")], failed("gRPC status 77")),
        (SERVING, [("grpc-status", "x")], failed("the answer is not gRPC")),
        (SERVING, [("grpc-status", "9" * 5000)], failed("the answer is not gRPC")),
        (SERVING, [("other", "x")], failed("the answer is not gRPC")),
        (SERVING, None, failed("the answer is not gRPC")),
        (SERVING[:-1], [("grpc-status", "0")], failed("the answer is not gRPC")),
        (b"", [("grpc-status", "0")], failed("the answer is not gRPC")),
        (b"\1" + SERVING[1:], [("grpc-status", "0")], failed("the gRPC answer is compressed, which was not asked for")),
        (b"\0\0\0\0\1\x08", [("grpc-status", "0")], failed("the gRPC answer is no HealthCheckResponse")),
    ],
)
def test_only_serving_is_a_success(data: bytes, trailers: Headers | None, answer: Answer) -> None:
    assert Server(GrpcProbe(9090)).says(headers=GRPC, data=data, trailers=trailers) == answer


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ([*GRPC, ("grpc-status", "16")], "gRPC UNAUTHENTICATED"),
        ([*GRPC, ("grpc-status", "0")], "the answer is not gRPC"),
        ([(":status", "404"), ("content-type", "text/plain")], "HTTP 404, wanted gRPC"),
        ([(":status", "200"), ("content-type", "text/html")], "the answer is not gRPC"),
        ([(":status", "200")], "the answer is not gRPC"),
    ],
)
def test_an_answer_of_headers_alone_is_understood(headers: Headers, text: str) -> None:
    assert Server(GrpcProbe(9090)).says(headers=headers) == failed(text)


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (lambda connection: connection.reset_stream(1), "the server reset the call"),
        (lambda connection: connection.close_connection(last_stream_id=0), GOAWAY),
        (lambda connection: connection.close_connection(ErrorCodes.ENHANCE_YOUR_CALM), GOAWAY),
    ],
)
def test_an_end_without_an_answer_is_a_failure(ends: Callable[[h2.connection.H2Connection], None], text: str) -> None:
    server = Server(GrpcProbe(9090))
    ends(server.connection)
    assert server.dialogue.heard(server.connection.data_to_send()) == failed(text)


@pytest.mark.parametrize("last_stream", [1, 2**31 - 1])
def test_a_server_that_will_take_no_further_call_may_answer_this_one(last_stream: int) -> None:
    server = Server(GrpcProbe(9090))
    said = [server.connection.data_to_send(), frame(7, 0, 0, last_stream.to_bytes(4, "big") + bytes(4))]
    server.connection.send_headers(1, GRPC)
    server.connection.send_data(1, SERVING)
    server.connection.send_headers(1, [("grpc-status", "0")], end_stream=True)
    said.append(server.connection.data_to_send())
    assert heard(*said) == heard(b"".join(said)) == succeeded("gRPC SERVING")
    assert heard(*said[:2], b"") == failed("connection closed in the middle of an answer")
    octets = b"".join(said)
    assert heard(*(octets[at : at + 1] for at in range(len(octets)))) == succeeded("gRPC SERVING")


def test_pings_and_settings_are_acknowledged() -> None:
    server = Server(GrpcProbe(9090))
    server.connection.ping(b"12345678")
    assert server.dialogue.heard(server.connection.data_to_send()) is None
    events = server.connection.receive_data(server.dialogue.reply())
    assert {h2.events.PingAckReceived, h2.events.SettingsAcknowledged} <= {type(event) for event in events}


def test_an_endless_answer_is_given_up() -> None:
    server = Server(GrpcProbe(9090))
    server.connection.send_headers(1, GRPC)
    assert server.dialogue.heard(server.connection.data_to_send()) is None
    frame = (8).to_bytes(3, "big") + b"\x06\0\0\0\0\0" + bytes(8)  # PING
    answers = [server.dialogue.heard(frame * 1000) for _ in range(8)]
    assert answers[-1] == failed("no gRPC answer in the first 128 KiB")


def test_the_end_of_the_connection_is_a_failure() -> None:
    assert heard(b"") == failed("connection closed unanswered")
    assert heard(b"\0\0\0\4\0\0\0\0\0", b"") == failed("connection closed in the middle of an answer")


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


names = st.sampled_from([b":status", b"content-type", b"grpc-status", b"", b"\xff", b"Upper", b":path"])
values = st.sampled_from([b"200", b"application/grpc", b"0", b"-1", b"", b"\xff\r\n", b"9" * 40])
blocks = st.lists(st.tuples(names, values), max_size=5).map(hpack.Encoder().encode) | st.binary(max_size=30)
frames = st.builds(
    frame, st.integers(0, 11), st.integers(0, 255), st.sampled_from([0, 1, 2, 3]), st.binary(max_size=40)
)
header_frames = st.builds(frame, st.sampled_from([1, 5, 9]), st.sampled_from([0, 1, 4, 5]), st.just(1), blocks)
data_frames = st.builds(frame, st.just(0), st.sampled_from([0, 1, 8]), st.just(1), st.just(SERVING) | st.binary())


@given(st.lists(frames | header_frames | data_frames | st.binary(min_size=1, max_size=40), max_size=8), st.booleans())
def test_no_octets_raise_and_the_end_is_always_an_answer(pieces: list[bytes], has_preface: bool) -> None:  # noqa: FBT001
    preface = [frame(4, 0, 0, b"")] if has_preface else []
    assert heard(*preface, *pieces, b"") is not None


async def test_asking_is_cancelled_with_its_task() -> None:
    async with listening(says(then=1)) as port:
        task = asyncio.create_task(asked(GrpcProbe(port)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
