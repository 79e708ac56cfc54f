import asyncio
import socket
import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns import __version__
from feddns.model.probing import HeadersFrom, HttpProbe, Probe
from feddns.probes.answer import Answer, NotAnswered, Outcome, failed, hindered, succeeded
from feddns.probes.ask import Asker
from feddns.probes.http import HttpDialogue
from tests.probes.listening import PATIENCE_S, SHORT_S, Serve, asked, drips, listening, says

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
A_SECRET = "Bearer hunter2"  # noqa: S105 - what must not be told


def heard(question: HttpProbe, *pieces: bytes) -> Answer | None:
    """The answer that these octets make, the last piece being empty where the connection is closed."""
    dialogue = HttpDialogue(question, "192.0.2.1", {})
    dialogue.opening()
    for piece in pieces:
        answer = dialogue.heard(piece)
        if answer is not None:
            return answer
    return None


def request(question: HttpProbe, address: str = "192.0.2.1", **headers: str) -> list[str]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpDialogue(question, address, given).opening().decode().split("\r\n")


def test_a_request_is_what_the_probe_says() -> None:
    assert request(HttpProbe(80)) == [
        "GET / HTTP/1.1",
        "Host: 192.0.2.1",
        f"User-Agent: feddns/{__version__}",
        "Accept: */*",
        "Connection: close",
        "",
        "",
    ]
    lines = request(HttpProbe(8080, "POST", "/healthz?a=b", host="www.example.com", body="ok"), authorization=A_SECRET)
    assert lines[0] == "POST /healthz?a=b HTTP/1.1"
    assert {"Host: www.example.com", "Content-Length: 0", "Accept-Encoding: identity"} < set(lines)
    assert f"authorization: {A_SECRET}" in lines


def test_a_header_that_is_given_goes_before_ours() -> None:
    lines = request(HttpProbe(80), user_agent="check", ACCEPT="text/plain")
    assert [line for line in lines if line.lower().startswith(("user-agent", "accept"))] == [
        "user-agent: check",
        "ACCEPT: text/plain",
    ]


@pytest.mark.parametrize(
    ("address", "port", "host"),
    [
        ("192.0.2.1", 8080, "192.0.2.1:8080"),
        ("2001:db8::1", 80, "[2001:db8::1]"),
        ("2001:db8::1", 1, "[2001:db8::1]:1"),
    ],
)
def test_without_a_host_the_address_is_it(address: str, port: int, host: str) -> None:
    assert f"Host: {host}" in request(HttpProbe(port), address)


@pytest.mark.parametrize(
    "question",
    [
        HttpProbe(80, path="/a b"),
        HttpProbe(80, path="/\u00fc"),
        HttpProbe(80, method="G T"),
        HttpProbe(80, host="a\r\nb: c"),
    ],
)
def test_what_cannot_be_written_as_http_is_not_asked(question: HttpProbe) -> None:
    with pytest.raises(NotAnswered) as raised:
        request(question)
    assert raised.value.answer.outcome is Outcome.HINDERED


def test_a_header_that_cannot_be_sent_is_not_told() -> None:
    with pytest.raises(NotAnswered) as raised:
        request(HttpProbe(80), authorization=f"{A_SECRET}\r\nX-Other: 1")
    assert A_SECRET not in repr((raised.value, raised.value.__cause__, raised.value.answer))
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("status", [200, 204, 301, 399])
def test_redirects_are_answers_like_others(status: int) -> None:
    assert heard(HttpProbe(80), b"HTTP/1.1 %d X\r\nLocation: /b\r\n\r\n" % status) == succeeded(f"HTTP {status}")


def test_only_the_wanted_statuses_are_a_success() -> None:
    assert heard(HttpProbe(80), b"HTTP/1.1 503 X\r\n\r\n") == failed("HTTP 503, wanted 200-399")
    picky = HttpProbe(80, statuses=((200, 200), (400, 404)))
    assert heard(picky, b"HTTP/1.1 302 X\r\n\r\n") == failed("HTTP 302, wanted 200, 400-404")
    assert heard(picky, b"HTTP/1.1 404 X\r\n\r\n") == succeeded("HTTP 404")


@pytest.mark.parametrize("octets", [OK, CHUNKED])
@given(data=st.data())
def test_an_answer_may_come_in_any_pieces(octets: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(octets) - 1))))
    pieces = [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert heard(HttpProbe(80), *pieces) == succeeded("HTTP 200")
    assert heard(HttpProbe(80, body="hello"), *pieces) == succeeded("HTTP 200 with the wanted body")
    assert heard(HttpProbe(80, body="hullo"), *pieces) == failed("HTTP 200, but its body is without 'hullo'")


def test_interim_answers_are_passed_over() -> None:
    assert heard(HttpProbe(80), b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK) == succeeded("HTTP 200")


def test_the_status_decides_before_the_body_does() -> None:
    assert heard(HttpProbe(80, body="hello"), OK.replace(b"200", b"500")) == failed("HTTP 500, wanted 200-399")


def test_a_body_counts_for_its_first_64_kib() -> None:
    start = b"HTTP/1.1 200 OK\r\n\r\n"
    question = HttpProbe(80, body="needle")
    within = b"x" * (64 * 1024 - 6) + b"needle"
    assert heard(question, start, within) == succeeded("HTTP 200 with the wanted body")
    assert heard(question, start, b"x" + within) == failed("HTTP 200, but its body is without 'needle'")
    assert heard(question, start, b"x" * 1024, b"") == failed("HTTP 200, but its body is without 'needle'")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b""], "connection closed unanswered"),
        ([b"HTTP/1.1 20", b""], "connection closed in the middle of an answer"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "the answer is not HTTP/1.1"),
        ([b"\x15\x03\x01\x00\x02\x02\x50" * 3, b"\r\n\r\n"], "the answer is not HTTP/1.1"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100] * 120, "no HTTP answer in the first 64 KiB"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" * 100] * 120, "no HTTP answer in the first 64 KiB"),
    ],
)
def test_what_is_no_answer_is_told(pieces: list[bytes], text: str) -> None:
    assert heard(HttpProbe(80), *pieces) == failed(text)


def test_a_body_that_breaks_off_is_told() -> None:
    broken = OK.replace(b"5", b"50")
    assert heard(HttpProbe(80, body="x"), broken, b"") == failed("HTTP 200, but its body broke off")


@given(st.lists(st.binary(max_size=200)), st.sampled_from(["", "x"]), st.sampled_from([b"", OK[:20], CHUNKED[:55]]))
def test_no_octets_raise_and_the_end_is_always_an_answer(pieces: list[bytes], body: str, start: bytes) -> None:
    answer = heard(HttpProbe(80, body=body), start or b"H", *filter(None, pieces), b"")
    assert answer is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_server_is_asked(host: str) -> None:
    async with listening(says(OK), host) as port:
        assert await asked(HttpProbe(port), host) == succeeded("HTTP 200")


@pytest.mark.parametrize(
    ("serve", "body"),
    [
        (says(then=1), ""),
        (drips(b"H"), ""),
        (drips(b"HTTP/1.1 100 Continue\r\n\r\n"), ""),
        (drips(b"HTTP/1.1 200 OK\r\n\r\n"), "needle"),
    ],
)
async def test_a_server_that_does_not_come_to_an_end_is_given_up_in_time(serve: Serve, body: str) -> None:
    async with listening(serve) as port:
        answer = await asked(HttpProbe(port, body=body), timeout_s=SHORT_S)
    assert answer == failed("connected, but no answer within 250ms")


async def test_a_server_that_resets_has_failed() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with listening(reset) as port:
        assert await asked(HttpProbe(port)) == failed("connection reset")


async def test_headers_that_cannot_be_had_are_no_evidence() -> None:
    question = HttpProbe(9, headers=HeadersFrom(folder="/etc/token"))
    assert await asked(question) == hindered("nobody has /etc/token")


async def test_headers_that_are_slow_to_come_are_no_evidence() -> None:
    async def slow(_: HeadersFrom) -> Mapping[str, str]:
        await asyncio.sleep(PATIENCE_S)
        return {}

    probe = Probe(HttpProbe(9, headers=HeadersFrom(folder="/etc/token")), timeout_s=0.01)
    answer = await Asker(slow).ask("127.0.0.1", probe)
    assert answer == hindered("the headers of the probe could not be had within 10ms")


async def test_waiting_for_headers_takes_nothing_from_the_address() -> None:
    async def slow(_: HeadersFrom) -> Mapping[str, str]:
        await asyncio.sleep(0.8 * SHORT_S)
        return {}

    async def thinks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        await asyncio.sleep(0.4 * SHORT_S)
        writer.write(OK)
        await writer.drain()

    async with listening(thinks) as port:
        probe = Probe(HttpProbe(port, headers=HeadersFrom(folder="/etc/token")), timeout_s=SHORT_S)
        assert await Asker(slow).ask("127.0.0.1", probe) == succeeded("HTTP 200")


async def test_headers_are_sent() -> None:
    async def token(wanted: HeadersFrom) -> Mapping[str, str]:
        assert wanted.folder == "/etc/token"
        return {"Authorization": A_SECRET}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(OK if b"\r\nAuthorization: Bearer hunter2\r\n" in head else b"HTTP/1.1 401 X\r\n\r\n")

    async with listening(serve) as port:
        probe = Probe(HttpProbe(port, headers=HeadersFrom(folder="/etc/token")))
        assert await Asker(token).ask("127.0.0.1", probe) == succeeded("HTTP 200")
        assert await asked(HttpProbe(port)) == failed("HTTP 401, wanted 200-399")
