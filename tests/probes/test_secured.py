import asyncio
import datetime as dt
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from feddns.model.probing import HttpProbe, Probe, Tls
from feddns.probes.answer import Answer, Outcome, failed, succeeded
from feddns.probes.ask import Asker
from tests.probes.certificates import Authority
from tests.probes.listening import PATIENCE_S, SHORT_S, asked, drips, listening, no_headers, says

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


async def answer(serving: ssl.SSLContext, tls: Tls, host: str = "127.0.0.1") -> Answer:
    async with listening(says(OK), host, serving) as port:
        return await asked(HttpProbe(port, tls=tls), host)


@pytest.mark.parametrize("certified", ["www.example.com", "*.example.com"])
async def test_a_valid_certificate_for_the_name_is_accepted(authority: Authority, certified: str) -> None:
    tls = Tls("www.example.com", ca_file=authority.ca_file)
    assert await answer(authority.serving(certified), tls) == succeeded("HTTP 204")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_without_a_name_the_certificate_must_be_for_the_address(authority: Authority, host: str) -> None:
    tls = Tls(ca_file=authority.ca_file)
    assert await answer(authority.serving(host), tls, host) == succeeded("HTTP 204")
    wrong = await answer(authority.serving("a.example"), tls, host)
    assert wrong == failed(f"certificate is for a.example, not {host}")


@pytest.mark.parametrize(
    ("names", "told"),
    [(("a.example",), "a.example"), (("a.b", "c.d", "e.f", "g.h", "i.j"), "a.b, c.d, e.f and 2 more")],
)
async def test_a_certificate_for_another_is_told(authority: Authority, names: tuple[str, ...], told: str) -> None:
    tls = Tls("b.example", ca_file=authority.ca_file)
    assert await answer(authority.serving(*names), tls) == failed(f"certificate is for {told}, not b.example")


async def test_certificates_that_are_not_valid_are_refused_with_the_reason(
    authority: Authority, tmp_path: Path
) -> None:
    expired = authority.serving("a.example", lasts=-dt.timedelta(days=1))
    refused = await answer(expired, Tls("a.example", ca_file=authority.ca_file))
    assert refused == failed("certificate not accepted: certificate has expired")
    stranger = Authority(tmp_path, "stranger").serving("a.example")
    refused = await answer(stranger, Tls("a.example", ca_file=authority.ca_file))
    assert refused == failed("certificate not accepted: unable to get local issuer certificate")
    assert (await answer(stranger, Tls("a.example"))).outcome is Outcome.FAILED  # the system's authorities


async def test_a_certificate_that_need_not_be_valid_is_not_looked_at(authority: Authority) -> None:
    expired = authority.serving("a.example", lasts=-dt.timedelta(days=1))
    assert await answer(expired, Tls("b.example", verify=False)) == succeeded("HTTP 204")


@pytest.mark.parametrize(("name", "sent"), [("www.example.com", "www.example.com"), ("", None)])
async def test_the_name_is_sent_as_sni_and_an_address_never(authority: Authority, name: str, sent: str | None) -> None:
    serving, seen = authority.serving("x.example"), list[str | None]()

    def note(_: ssl.SSLObject, server_name: str | None, __: ssl.SSLContext) -> None:
        seen.append(server_name)

    serving.sni_callback = note
    assert (await answer(serving, Tls(name, verify=False))).outcome is Outcome.SUCCEEDED
    assert seen == [sent]


async def test_http_is_agreed_on(authority: Authority) -> None:
    agreed = asyncio.get_running_loop().create_future()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agreed.set_result(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        writer.write(OK)
        await writer.drain()

    serving = authority.serving("a.example", protocols=("h2", "http/1.1"))
    async with listening(serve, tls=serving) as port:
        await asked(HttpProbe(port, tls=Tls(verify=False)))
    assert await agreed == "http/1.1"


async def test_a_port_without_tls_is_told() -> None:
    tls = Tls(verify=False)
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert await asked(HttpProbe(port, tls=tls)) == failed("the port does not speak TLS")
    async with listening(says()) as port:
        answer = await asked(HttpProbe(port, tls=tls))
        assert answer == failed("connection closed while TLS was agreed on")
    async with listening(says(then=1)) as port:
        answer = await asked(HttpProbe(port, tls=tls), timeout_s=SHORT_S)
        assert answer == failed("connected, but no TLS within 250ms")


async def test_a_server_that_wants_a_certificate_of_the_client_is_told(authority: Authority) -> None:
    serving = authority.serving("a.example")
    serving.load_verify_locations(authority.ca_file)
    serving.verify_mode = ssl.CERT_REQUIRED

    heard = threading.Event()

    def serve(listener: socket.socket) -> None:  # in a thread, as asyncio's servers close without the alert
        connection, _ = listener.accept()
        with serving.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secured:
            with suppress(ssl.SSLError):
                secured.do_handshake()
            heard.wait(PATIENCE_S)  # what is closed with octets unread is reset, which may overtake the alert

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serves = asyncio.create_task(asyncio.to_thread(serve, listener))
        refused = await asked(HttpProbe(listener.getsockname()[1], tls=Tls(verify=False)))
        heard.set()
        await serves
    assert refused == failed("TLS: tlsv13 alert certificate required")


async def test_a_connection_that_closes_without_goodbye_is_told(authority: Authority) -> None:
    serving, tls = authority.serving("a.example"), Tls(verify=False)
    async with listening(says(), tls=serving) as port:
        assert await asked(HttpProbe(port, tls=tls)) == failed("connection closed unanswered")
    async with listening(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), tls=serving) as port:
        assert await asked(HttpProbe(port, tls=tls, body="y")) == failed("HTTP 200, but its body broke off")


async def test_a_body_is_read_through_tls_and_given_up_in_time(authority: Authority) -> None:
    start, tls = b"HTTP/1.1 200 OK\r\n\r\n", Tls(verify=False)
    serving = authority.serving("a.example")
    async with listening(says(start, b"x" * 50_000, b"needle"), tls=serving) as port:
        found = await asked(HttpProbe(port, tls=tls, body="needle"))
        assert found == succeeded("HTTP 200 with the wanted body")
    async with listening(drips(start), tls=serving) as port:
        late = await asked(HttpProbe(port, tls=tls, body="needle"), timeout_s=SHORT_S)
        assert late == failed("connected, but no answer within 250ms")


async def test_authorities_that_cannot_be_read_are_our_own_fault(tmp_path: Path) -> None:
    missing, garbage = tmp_path / "missing.crt", tmp_path / "garbage.crt"
    garbage.write_text("nothing")
    for path, reason in ((missing, "No such file or directory"), (garbage, "not PEM")):
        answer = await asked(HttpProbe(9, tls=Tls("a.example", ca_file=str(path))))
        assert answer.outcome is Outcome.HINDERED
        assert answer.text == f"the authorities in {path} cannot be read: {reason}"


async def test_a_name_that_can_be_none_is_our_own_fault(authority: Authority) -> None:
    refused = await answer(authority.serving("a.example"), Tls(".", ca_file=authority.ca_file))
    assert refused.outcome is Outcome.HINDERED


def replace(file: Path, source: str) -> None:
    """Give a file another content at once, as kubelet does."""
    fresh = file.with_suffix(".new")
    fresh.write_bytes(Path(source).read_bytes())
    fresh.replace(file)


async def test_authorities_that_change_are_read_again(authority: Authority, tmp_path: Path) -> None:
    file, asker = tmp_path / "ca.crt", Asker(no_headers)
    replace(file, Authority(tmp_path, "other").ca_file)
    async with listening(says(OK), tls=authority.serving("a.example")) as port:
        probe = Probe(HttpProbe(port, tls=Tls("a.example", ca_file=str(file))), timeout_s=PATIENCE_S)
        assert (await asker.ask("127.0.0.1", probe)).outcome is Outcome.FAILED
        replace(file, authority.ca_file)
        assert (await asker.ask("127.0.0.1", probe)).outcome is Outcome.SUCCEEDED
