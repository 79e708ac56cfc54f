import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.tsig
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers.asking import a_query, a_set, told
from tests.nameserver.serving import a_dispatch, listening, tcp, udp

WWW = a_set("www", "A", "192.0.2.1")


def a_key(name: str = "secondary.", secret: bytes = b"a secret", algorithm: str = "hmac-sha256") -> dns.tsig.Key:
    return dns.tsig.Key(dns.name.from_text(name), secret, dns.name.from_text(algorithm))


def signed(name: str, type_: str = "A", key: dns.tsig.Key | None = None) -> dns.message.QueryMessage:
    query = a_query(name, type_, edns=0)
    query.use_tsig(key or a_key())
    return query


@pytest.mark.parametrize("algorithm", ["hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"])
async def test_a_signed_query_has_a_signed_answer(algorithm: str) -> None:
    key = a_key(algorithm=algorithm)
    async with listening(a_dispatch(WWW, keys=[key], now=time.time())) as (endpoint,):
        for ask in (udp, tcp):
            for name in ("www", "gone"):
                answer = await ask(endpoint, signed(name, key=key))
                assert answer.had_tsig
                assert bool(told(answer.answer)) is (name == "www")


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (a_key("stranger."), dns.tsig.PeerBadKey),
        (a_key(secret=b"another"), dns.tsig.PeerBadSignature),
        (a_key(algorithm="hmac-sha512"), dns.tsig.PeerBadKey),
    ],
    ids=["an unknown key", "another secret", "another algorithm"],
)
async def test_a_signature_that_cannot_be_verified_is_refused(key: dns.tsig.Key, error: type[Exception]) -> None:
    async with listening(a_dispatch(WWW, keys=[a_key()], now=time.time())) as (endpoint,):
        for ask in (udp, tcp):
            with pytest.raises(error):
                await ask(endpoint, signed("www", key=key))


@pytest.mark.parametrize("skew_s", [-330, 330])
async def test_a_signature_from_another_time_is_refused_and_told_the_time(skew_s: int) -> None:
    async with listening(a_dispatch(WWW, keys=[a_key()], now=time.time() + skew_s)) as (endpoint,):
        with pytest.raises(dns.tsig.PeerBadTime):
            await udp(endpoint, signed("www"))


async def test_refusals_carry_notauth_and_no_records() -> None:
    octets = a_dispatch(WWW).answer_datagram(signed("www").to_wire())
    assert octets is not None
    assert octets[3] & 0xF == dns.rcode.NOTAUTH
    assert octets[6:8] == b"\0\0"


@given(st.binary(max_size=60), st.integers(0, 30))
def test_a_damaged_signature_never_raises(damage: bytes, cut: int) -> None:
    dispatch = a_dispatch(WWW, keys=[a_key()])
    wire = signed("www").to_wire()
    start = len(wire) - cut
    message = wire[: max(start - len(damage), 12)] + damage + wire[start:]
    for octets in (dispatch.answer_datagram(message), dispatch.answer_stream(message, "192.0.2.1")):
        assert isinstance(octets, bytes)
        assert octets[:2] == message[:2]


def test_a_large_answer_leaves_room_for_its_signature() -> None:
    many = a_set("many", "A", *(f"192.0.2.{number}" for number in range(72)))
    dispatch = a_dispatch(many, keys=[a_key()], now=time.time())
    octets = dispatch.answer_datagram(signed("many").to_wire())
    assert octets is not None
    assert len(octets) <= 1232
    answer = dns.message.from_wire(octets, keyring=False)
    assert answer.flags & dns.flags.TC
