import struct

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.query import Edns, Query, read_query
from feddns.answers.responder import Responder
from tests.answers.asking import a_query, a_responder, a_set, queries, read

RESPONDER: Responder = a_responder(a_set("a", "A", "192.0.2.1"), a_set("b", "CNAME", "a.example.com."))
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


def answer(message: bytes) -> bytes | None:
    query = read_query(message)
    return RESPONDER.answer_datagram(query) if isinstance(query, Query) else query


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A query with some octets replaced, cut out or put in."""
    octets = bytearray(draw(queries()).to_wire())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(octets)))
        octets[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(octets)


@given(st.binary(max_size=64) | damaged())
def test_no_octets_raise_and_every_answer_is_one(message: bytes) -> None:
    octets = answer(message)
    if octets is None:
        assert len(message) < 12 or message[2] & 0x80
        return
    understood = dns.message.from_wire(octets)
    assert understood.id == int.from_bytes(message[:2], "big")
    assert understood.flags & dns.flags.QR
    assert not understood.flags & dns.flags.RA
    assert dns.opcode.from_flags(octets[2] << 8) == message[2] >> 3 & 0xF


@given(queries())
def test_a_query_is_understood_as_dnspython_meant_it(meant: dns.message.QueryMessage) -> None:
    query = read(meant.to_wire())
    question = meant.question[0]
    assert query.id == meant.id
    assert query.recursion_desired == bool(meant.flags & dns.flags.RD)
    assert query.name == question.name.canonicalize().to_wire()
    assert (query.type, query.class_) == (question.rdtype, question.rdclass)
    assert query.edns == (None if meant.edns < 0 else Edns(meant.payload, 0, bool(meant.ednsflags & dns.flags.DO)))


@given(queries(), st.integers(0, 255))
def test_a_response_is_never_answered(query: dns.message.QueryMessage, low: int) -> None:
    message = bytearray(query.to_wire())
    message[2] |= 0x80
    message[3] = low
    assert read_query(bytes(message)) is None


@pytest.mark.parametrize("opcode", [opcode for opcode in range(16) if opcode])
def test_other_opcodes_are_not_implemented(opcode: int) -> None:
    query = a_query("a")
    query.flags |= opcode << 11
    octets = read_query(query.to_wire())
    assert isinstance(octets, bytes)
    assert octets == struct.pack("!6H", query.id, 0x8000 | opcode << 11 | dns.rcode.NOTIMP, 0, 0, 0, 0)


def header(questions: int = 1, answers: int = 0, authorities: int = 0, additionals: int = 0) -> bytes:
    return struct.pack("!6H", 4711, dns.flags.RD, questions, answers, authorities, additionals)


QUESTION = b"\1a\7example\3com\0\0\1\0\1"
TSIG = b"\0\0\xfa\0\xff\0\0\0\0\0\0"


@pytest.mark.parametrize(
    "message",
    [
        header(0),
        header(2) + QUESTION * 2,
        header(),
        header() + QUESTION[:-1],
        header() + QUESTION + b"\0",
        header() + b"\xc0\x0c\0\1\0\1",
        header() + b"\x40a\0\0\1\0\1",
        header() + b"\x3f" + b"a" * 63 + (b"\x3f" + b"a" * 63) * 3 + b"\0\0\1\0\1",
        header() + b"\1a\0\0\x29\0\1",
        header() + b"\1a\0\0\xfa\0\1",
        header(additionals=1) + QUESTION,
        header(additionals=2) + QUESTION + OPT + OPT,
        header(answers=1) + QUESTION + OPT,
        header(additionals=1) + QUESTION + b"\1a" + OPT,
        header(additionals=1) + QUESTION + b"\xc0\x0c" + OPT[1:],
        header(additionals=1) + QUESTION + OPT[:-1] + b"\1",
        header(additionals=1) + QUESTION + OPT[:-1] + b"\5" + b"\0\x0a\0\2a",
        header(additionals=2) + QUESTION + TSIG + OPT,
    ],
    ids=[
        "no question",
        "two questions",
        "a question announced",
        "a question cut",
        "something behind",
        "a pointer in the question",
        "a label too long",
        "a name too long",
        "a question for OPT",
        "a question for TSIG",
        "a record announced",
        "two OPT",
        "OPT among answers",
        "OPT with a name",
        "OPT with a pointer",
        "OPT cut",
        "an option cut",
        "TSIG before the end",
    ],
)
def test_malformed_queries_are_told_so(message: bytes) -> None:
    expected = struct.pack("!6H", 4711, 0x8000 | dns.flags.RD | dns.rcode.FORMERR, 0, 0, 0, 0)
    assert read_query(message) == expected


def test_options_of_edns_are_passed_over() -> None:
    cookie = b"\0\x0a\0\x08" + b"12345678"
    query = read(header(additionals=1) + QUESTION + OPT[:-1] + bytes((len(cookie) * 2,)) + cookie * 2)
    assert query.edns == Edns(1232, 0, wants_dnssec=False)


def test_a_signature_is_found_behind_other_records() -> None:
    query = read(header(additionals=2) + QUESTION + OPT + TSIG)
    assert query.tsig_at == 12 + len(QUESTION) + len(OPT)


@pytest.mark.parametrize(("room", "expected"), [(0, 512), (511, 512), (900, 900), (1232, 1232), (65535, 1232)])
def test_the_room_of_an_answer_is_the_clients_within_bounds(room: int, expected: int) -> None:
    assert read(a_query("a", edns=0, payload=room).to_wire()).room == expected


def test_a_query_without_edns_has_room_for_512_octets() -> None:
    assert read(a_query("a").to_wire()).room == 512
