"""Answers put on the wire, with compressed names (RFC 1035 section 4.1.4)."""

import struct
from typing import Final

from feddns.answers.lookup import Owned, Reply
from feddns.answers.query import MOST_ROOM, QR, RD, Query
from feddns.answers.rdata import IN, Rdata, RRset

AA: Final = 0x0400
TC: Final = 0x0200
BADVERS: Final = 16

_HEADER: Final = struct.Struct("!6H")
_RECORD: Final = struct.Struct("!HHIH")
_POINTER: Final = 0xC000
_LAST_TARGET: Final = 0x3FFF

_OPT: Final = {
    (extended, wants_dnssec): struct.pack("!BHHBBHH", 0, 41, MOST_ROOM, extended, 0, 0x8000 if wants_dnssec else 0, 0)
    for extended in (0, BADVERS >> 4)
    for wants_dnssec in (False, True)
}
"""Our OPT record by the upper bits of the RCODE and the DO bit, which is copied (RFC 3225 section 3)."""


class Message:
    """An answer in the making."""

    def __init__(self, question: bytes = b"") -> None:
        """Begin an answer that echoes a question in the case in which it was asked."""
        self._octets = bytearray(_HEADER.size)
        self._octets += question
        self._questions = 1 if question else 0
        self._offsets: dict[bytes, int] = {}
        name = question[:-4].lower()
        at = 0
        while at < len(name) and name[at]:
            self._offsets[name[at:]] = _HEADER.size + at
            at += name[at] + 1

    def __len__(self) -> int:
        return len(self._octets)

    def add_set(self, name: bytes, rrset: RRset) -> int:
        """Add a record set and tell how many records it has."""
        for rdata in rrset.rdatas:
            self.add_record(name, rrset, rdata)
        return len(rrset.rdatas)

    def add_record(self, name: bytes, rrset: RRset, rdata: Rdata) -> None:
        """Add one record of a set."""
        octets = self._octets
        self._add_name(name)
        octets += _RECORD.pack(rrset.type, IN, rrset.ttl, len(rdata.octets))
        if rdata.names:
            start = len(octets)
            for part in rdata.names:
                self._add_name(part)
            octets[start - 2 : start] = (len(octets) - start + len(rdata.octets)).to_bytes(2, "big")
        octets += rdata.octets

    def add_edns(self, query: Query, extended_rcode: int = 0) -> int:
        """Add our OPT record where the query has one, and tell how many were added (RFC 6891 section 6.1.1)."""
        if query.edns is None:
            return 0
        self._octets += _OPT[extended_rcode, query.edns.wants_dnssec]
        return 1

    def finish(self, query: Query, flags: int, *counts: int) -> bytes:
        """The whole message.

        Args:
            query: what it answers.
            flags: bits of the header beside those that every answer has; the RCODE among them.
            counts: records in the answer, authority and additional sections.
        """
        copied = RD if query.recursion_desired else 0
        _HEADER.pack_into(self._octets, 0, query.id, QR | copied | flags, self._questions, *counts)
        return bytes(self._octets)

    def _add_name(self, name: bytes) -> None:
        octets, offsets = self._octets, self._offsets
        while name != b"\0":
            known = offsets.get(name)
            if known is not None:
                octets += (_POINTER | known).to_bytes(2, "big")
                return
            if len(octets) <= _LAST_TARGET:
                offsets[name] = len(octets)
            step = name[0] + 1
            octets += name[:step]
            name = name[step:]
        octets.append(0)


def encode_reply(query: Query, reply: Reply, room: int) -> bytes:
    """An answer of at most `room` octets: without its additional section, or cut down to nothing, where it must."""
    flags = reply.rcode | (AA if reply.authoritative else 0)
    answer = _encode(query, flags, (reply.answer, reply.authority, reply.additional))
    if len(answer) > room and reply.additional:
        answer = _encode(query, flags, (reply.answer, reply.authority, ()))
    if len(answer) > room:
        answer = _encode(query, flags | TC, ((), (), ()))
    return answer


def encode_cut(query: Query) -> bytes:
    """An answer that has nothing but TC: whoever can, comes again by TCP."""
    return _encode(query, AA | TC, ((), (), ()))


def encode_bad_version(query: Query) -> bytes:
    """The answer to a version of EDNS that is not ours (RFC 6891 section 6.1.3)."""
    message = Message(query.question)
    return message.finish(query, BADVERS & 0xF, 0, 0, message.add_edns(query, BADVERS >> 4))


def _encode(query: Query, flags: int, sections: tuple[tuple[Owned, ...], ...]) -> bytes:
    message = Message(query.question)
    counts = [sum([message.add_set(name, rrset) for name, rrset in section]) for section in sections]
    counts[2] += message.add_edns(query)
    return message.finish(query, flags, *counts)
