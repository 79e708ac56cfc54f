"""One message by UDP, of any kind: what the server answers, against what dnspython makes of both.

Whatever comes, the answer is a well-formed message to it, no larger than it may be, and the same from the cache of
ready answers. And the two parsers agree on which messages are queries, as far as they read the same parts.
"""

import struct

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.tsig

from feddns.answers.query import FORMERR, Query, read_query
from tests.answers.asking import a_set
from tests.nameserver.serving import a_dispatch

KEY = dns.tsig.Key("key.", "c2VjcmV0IG9mIHRoZSBmdXp6ZXI=", "hmac-sha256")
DISPATCH = a_dispatch(
    a_set("www", "A", "192.0.2.1", "192.0.2.2"),
    a_set("www", "AAAA", "2001:db8::1"),
    a_set("a.b.c", "CNAME", "www.example.com."),
    a_set("loop", "CNAME", "pool.example.com."),
    a_set("pool", "CNAME", "loop.example.com."),
    a_set("out", "CNAME", "www.elsewhere.net."),
    a_set("*.wild", "TXT", "anything"),
    a_set("many", "A", *(f"192.0.2.{number}" for number in range(200))),
    keys=[KEY],
)
MOST_OCTETS = 1_232
SIGNATURE_OCTETS = 400
"""More than a signature, or the refusal of one, adds to an answer."""


def fuzz(data: bytes) -> None:
    answer = DISPATCH.answer_datagram(data)
    cut = DISPATCH.cut_datagram(data)
    query = read_query(data)
    assert (answer is None) == (query is None)
    if answer is None:
        return
    for given in (answer, cut or answer):
        assert given[:2] == data[:2]
        assert given[2] & 0x80, "an answer has QR"
        assert not given[3] & 0x80, "recursion is never available"
        parsed = dns.message.from_wire(given, keyring=True, continue_on_error=True)
        assert isinstance(parsed, dns.message.Message)
    is_signed = isinstance(query, Query) and query.tsig_at is not None
    room = query.room if isinstance(query, Query) else 512
    assert len(answer) <= min(room, MOST_OCTETS) + (SIGNATURE_OCTETS if is_signed else 0)
    if not is_signed:
        dns.message.from_wire(answer)
        assert DISPATCH.answer_datagram(data) == answer
        ready = DISPATCH.ready.get(data[2:])
        assert ready is None or data[:2] + ready == answer
        _agree(data, query)


def _agree(data: bytes, query: Query | bytes | None) -> None:
    """Both parsers take the message, or neither does."""
    opcode, counts = data[2] >> 3 & 0xF, struct.unpack_from("!4H", data, 4)
    if opcode:
        return
    try:
        theirs = dns.message.from_wire(data)
    except (dns.exception.DNSException, ValueError):
        # Only where there are no records that we skip, and options that we ignore, and dnspython reads.
        assert not (isinstance(query, Query) and counts == (1, 0, 0, 0)), "dnspython finds it malformed"
        return
    is_plain = len(theirs.question) == 1 and counts[0] == 1 and not _is_compressed(data)
    if is_plain and theirs.question[0].rdtype not in (dns.rdatatype.OPT, dns.rdatatype.TSIG):
        assert isinstance(query, Query) or query is None or (query[3] & 0xF == FORMERR and _is_odd(theirs, counts))
        if isinstance(query, Query):
            assert dns.name.from_wire(query.name, 0)[0] == theirs.question[0].name.canonicalize()
            assert (query.type, query.class_) == (theirs.question[0].rdtype, theirs.question[0].rdclass)


def _is_odd(theirs: dns.message.Message, counts: tuple[int, ...]) -> bool:
    """What dnspython is lenient about: records where a query has none to have."""
    return counts[1:] != (0, 0, 0) or theirs.opcode() != dns.opcode.QUERY


def _is_compressed(data: bytes) -> bool:
    """Whether the question's name has a pointer, which could only lead into the header."""
    at = 12
    while at < len(data) and data[at]:
        if data[at] > 63:
            return True
        at += 1 + data[at]
    return False
