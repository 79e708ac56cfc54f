"""A query's octets, understood or refused (RFC 1035 section 4, RFC 6891, RFC 8906, RFC 9619)."""

import struct
from typing import Final

import msgspec

from feddns.answers.names import LONGEST_LABEL, LONGEST_NAME
from feddns.answers.rdata import IXFR, OPT, SOA

FORMERR: Final = 1
NOTIMP: Final = 4
TSIG: Final = 250

QR: Final = 0x8000
RD: Final = 0x0100

LEAST_ROOM: Final = 512
"""What every client takes by UDP (RFC 1035 section 2.3.4)."""
MOST_ROOM: Final = 1_232
"""What no network fragments, by the DNS Flag Day 2020: 1,280 of IPv6 without the headers of IPv6 and UDP."""

_HEADER: Final = struct.Struct("!6H")
_QUESTION: Final = struct.Struct("!HH")
_RECORD: Final = struct.Struct("!HHIH")
_OPT: Final = struct.Struct("!BHHBBHH")
_POINTER: Final = 0xC0
_DO: Final = 0x8000


class Edns(msgspec.Struct, frozen=True, gc=False):
    """What a query's OPT record says (RFC 6891 section 6.1); its options are ignored, as the RFC allows.

    Attributes:
        room: octets that the client takes by UDP.
        version: of EDNS.
        wants_dnssec: the DO bit (RFC 3225).
    """

    room: int
    version: int
    wants_dnssec: bool


class Query(msgspec.Struct, frozen=True, gc=False):
    """A well-formed query with one question.

    Attributes:
        id: the number that ties the answer to it.
        recursion_desired: the RD bit.
        question: the question's octets, to be echoed as they are.
        name: the name asked for, in lower case.
        type: the type asked for.
        class_: the class asked for.
        edns: None where the query has no OPT record.
        tsig_at: where its TSIG record begins, None where it is not signed.
        known_serial: the serial that an incremental transfer is to start from (RFC 1995 section 3).
    """

    id: int
    recursion_desired: bool
    question: bytes
    name: bytes
    type: int
    class_: int
    edns: Edns | None = None
    tsig_at: int | None = None
    known_serial: int | None = None

    @property
    def has_other_edns(self) -> bool:
        """Whether it is of a version of EDNS that is not ours, to which nothing else is an answer (RFC 6891 6.1.3)."""
        return self.edns is not None and self.edns.version > 0

    @property
    def room(self) -> int:
        """Octets that the answer may have by UDP."""
        return LEAST_ROOM if self.edns is None else min(max(self.edns.room, LEAST_ROOM), MOST_ROOM)


class _Malformed(Exception):
    """The octets are no query."""


def read_query(message: bytes) -> Query | bytes | None:
    """Understand what came.

    Returns:
        The query; or the answer that refuses it; or None where no answer may be given: to what is itself a response,
        lest two servers talk for ever, and to what is too short to have a header.
    """
    if len(message) < _HEADER.size:
        return None
    id_, flags, questions, *counts = _HEADER.unpack_from(message)
    if flags & QR:
        return None
    opcode = flags & 0x7800
    if opcode:
        return _refusal(id_, opcode | NOTIMP, flags)
    if questions != 1:
        return _refusal(id_, FORMERR, flags)
    try:
        return _read(message, id_, flags, counts)
    except (_Malformed, IndexError, struct.error):
        return _refusal(id_, FORMERR, flags)


def _refusal(id_: int, code: int, flags: int) -> bytes:
    return _HEADER.pack(id_, QR | code | flags & RD, 0, 0, 0, 0)


def _read(message: bytes, id_: int, flags: int, counts: list[int]) -> Query:
    start = _HEADER.size
    at = start
    while length := message[at]:
        if length > LONGEST_LABEL:
            raise _Malformed  # a compressed name has nothing before it that it could point to
        at += length + 1
    at += 1
    if at - start > LONGEST_NAME:
        raise _Malformed
    name = message[start:at].lower()
    type_, class_ = _QUESTION.unpack_from(message, at)
    if type_ in (OPT, TSIG):
        raise _Malformed
    end = at + _QUESTION.size
    question = message[start:end]
    recursion_desired = flags & RD != 0
    if counts == [0, 0, 0]:
        if end != len(message):
            raise _Malformed
        return Query(id_, recursion_desired, question, name, type_, class_)
    if counts == [0, 0, 1] and (edns := _lone_edns(message, end)) is not None:
        return Query(id_, recursion_desired, question, name, type_, class_, edns)
    records = _Records(message, end, counts)
    return Query(
        id_, recursion_desired, question, name, type_, class_, records.edns, records.tsig_at, records.serial_for(type_)
    )


def _lone_edns(message: bytes, at: int) -> Edns | None:
    """What the OPT record says where it alone stands behind the question, as in nearly every query; else None."""
    start = at + _OPT.size
    if start > len(message):
        return None
    root, type_, room, _, version, flags, length = _OPT.unpack_from(message, at)
    if root or type_ != OPT or start + length != len(message):
        return None
    _check_options(message, start, len(message))
    return Edns(room, version, flags & _DO != 0)


class _Records:
    """What stands behind a question."""

    def __init__(self, message: bytes, at: int, counts: list[int]) -> None:
        self.edns: Edns | None = None
        self.tsig_at: int | None = None
        self._soa_end: int | None = None
        self._message = message
        for section, count in enumerate(counts):
            for _ in range(count):
                at = self._read(at, is_additional=section == 2)
        if at != len(message):
            raise _Malformed

    def serial_for(self, type_: int) -> int | None:
        """The serial in the authority section of a query for an incremental transfer."""
        if type_ != IXFR or self._soa_end is None:
            return None
        return int.from_bytes(self._message[self._soa_end - 20 : self._soa_end - 16], "big")

    def _read(self, start: int, *, is_additional: bool) -> int:
        message = self._message
        at = _skip_name(message, start)
        type_, class_, ttl, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        end: int = at + length
        if end > len(message) or self.tsig_at is not None:
            raise _Malformed  # a signature is the last of all (RFC 8945 section 5.1)
        if type_ == OPT:
            if self.edns is not None or message[start] or not is_additional:
                raise _Malformed
            _check_options(message, at, end)
            self.edns = Edns(class_, ttl >> 16 & 0xFF, ttl & _DO != 0)
        elif type_ == TSIG and is_additional:
            self.tsig_at = start
        elif type_ == SOA and length > 20:
            self._soa_end = end
        return end


def _check_options(message: bytes, at: int, end: int) -> None:
    while at < end:
        at += 4 + int.from_bytes(message[at + 2 : at + 4], "big")
    if at != end:
        raise _Malformed


def _skip_name(message: bytes, at: int) -> int:
    while length := message[at]:
        if length >= _POINTER:
            return at + 2
        if length > LONGEST_LABEL:
            raise _Malformed
        at += 1 + length
    return at + 1
