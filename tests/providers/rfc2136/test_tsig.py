"""Requests are signed so that others accept it, and answers are believed only with the right signature."""

import time

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.renderer
import dns.tsig
import pytest

from feddns.errors import Unauthorized
from feddns.providers.rfc2136.message import MalformedMessage, Message
from feddns.providers.rfc2136.request import soa_query
from feddns.providers.rfc2136.tsig import Exchange
from tests.providers.rfc2136.strategies import ZONE
from tests.providers.rfc2136.wire import answer, soa

KEY = dns.tsig.Key("feddns.", b"a secret of the tests, 32 octets", "hmac-sha256")
OTHER = dns.tsig.Key("feddns.", b"another secret of 32 octets, yes", "hmac-sha256")


class Server:
    """Signs answers to one request as servers do."""

    def __init__(self, request: bytes, key: dns.tsig.Key = KEY) -> None:
        self.request = dns.message.from_wire(request, keyring={KEY.name: KEY})
        self._key = key
        self._context: object = None

    def answer(self, serial: int = 1, *, signed: bool = True, error: int = 0, rcode: int = 0) -> Message:
        """The next message of the answer."""
        wire = answer([soa(serial)], self.request.id, rcode)
        if not signed:
            if self._context is not None:
                self._context.update(wire)  # type: ignore[attr-defined]  # dnspython types no TSIG
            return Message(wire)
        now = int(time.time())
        other = (now + 400).to_bytes(6) if error == dns.rcode.BADTIME else b""
        blank = dns.rdtypes.ANY.TSIG.TSIG(  # type: ignore[no-untyped-call]  # likewise
            dns.rdataclass.ANY, dns.rdatatype.TSIG, self._key.algorithm, 0, 300, b"", self.request.id, error, other
        )
        signature, self._context = dns.tsig.sign(  # type: ignore[no-untyped-call]  # likewise
            wire, self._key, blank, now, self.request.mac if self._context is None else None, self._context, multi=True
        )
        return Message(with_tsig(wire, self._key, signature.to_wire()))


def with_tsig(wire: bytes, key: dns.tsig.Key, data: bytes) -> bytes:
    owner = key.name.to_wire() or b""
    record = owner + b"\0\xfa\0\xff\0\0\0\0" + len(data).to_bytes(2) + data
    return wire[:10] + b"\0\1" + wire[12:] + record


def begun() -> tuple[Exchange, Server]:
    exchange = Exchange(KEY)
    return exchange, Server(exchange.sign(soa_query(ZONE, exchange.number)))


@pytest.mark.parametrize("algorithm", ["hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"])
def test_a_signed_request_is_accepted(algorithm: str) -> None:
    key = dns.tsig.Key("feddns.", KEY.secret, algorithm)
    exchange = Exchange(key)
    request = dns.message.from_wire(exchange.sign(soa_query(ZONE, exchange.number)), keyring={key.name: key})
    assert request.had_tsig
    assert request.id == exchange.number


def test_without_a_key_nothing_is_signed_or_checked() -> None:
    exchange = Exchange(None)
    query = soa_query(ZONE, exchange.number)
    assert exchange.sign(query) == query
    exchange.verify(Message(answer([soa(1)], exchange.number)))
    exchange.finish()


def test_a_signed_answer_is_believed() -> None:
    exchange, server = begun()
    exchange.verify(server.answer())
    exchange.finish()


def test_each_message_of_a_long_answer_is_checked() -> None:
    exchange, server = begun()
    for serial in range(5):
        exchange.verify(server.answer(serial))
    exchange.finish()


def test_messages_between_signed_ones_are_covered_by_the_next_signature() -> None:
    exchange, server = begun()
    for number in range(7):
        exchange.verify(server.answer(number, signed=number % 3 == 0))
    exchange.finish()


def test_an_unsigned_message_that_someone_changed_is_found_out() -> None:
    exchange, server = begun()
    exchange.verify(server.answer(1))
    server.answer(2, signed=False)
    exchange.verify(Message(answer([soa(666)], exchange.number)))
    with pytest.raises(MalformedMessage, match="signature"):
        exchange.verify(server.answer(3))


def test_the_last_message_must_be_signed() -> None:
    exchange, server = begun()
    exchange.verify(server.answer(1))
    exchange.verify(server.answer(2, signed=False))
    with pytest.raises(MalformedMessage, match="last message"):
        exchange.finish()


def test_no_hundred_messages_may_go_unsigned() -> None:
    exchange, server = begun()
    exchange.verify(server.answer())
    for _ in range(99):
        exchange.verify(server.answer(signed=False))
    with pytest.raises(MalformedMessage, match="not signed"):
        exchange.verify(server.answer(signed=False))


def test_the_first_message_must_be_signed() -> None:
    exchange, server = begun()
    with pytest.raises(MalformedMessage, match="not signed"):
        exchange.verify(server.answer(signed=False))


def test_an_error_may_come_unsigned() -> None:
    exchange, server = begun()
    exchange.verify(server.answer(signed=False, rcode=dns.rcode.REFUSED))


def test_an_answer_signed_by_another_secret_is_not_believed() -> None:
    exchange, server = begun()
    server = Server(exchange.sign(soa_query(ZONE, exchange.number)), OTHER)
    with pytest.raises(MalformedMessage, match="signature"):
        exchange.verify(server.answer())


def test_an_answer_to_another_request_is_not_believed() -> None:
    exchange = Exchange(None)
    with pytest.raises(MalformedMessage, match="another request"):
        exchange.verify(Message(answer([soa(1)], exchange.number ^ 1)))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (dns.rcode.BADKEY, r"knows no TSIG key feddns\. \(BADKEY\)"),
        (dns.rcode.BADSIG, r"another secret for the TSIG key feddns\. \(BADSIG\)"),
        (dns.rcode.BADTIME, r"\(BADTIME\): its clock is (399|400) s ahead of ours"),
        (dns.rcode.BADTRUNC, r"TSIG error 22"),
    ],
)
def test_a_refused_signature_is_explained(error: int, text: str) -> None:
    exchange, server = begun()
    with pytest.raises(Unauthorized, match=text) as refusal:
        exchange.verify(server.answer(error=error, rcode=dns.rcode.NOTAUTH))
    assert "secret of the tests" not in str(refusal.value)


def test_an_answer_from_another_time_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange, server = begun()
    message = server.answer()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 1000)
    with pytest.raises(MalformedMessage, match=r"its clock is (999|1000) s ahead of ours"):
        exchange.verify(message)
