"""DNS messages off the wire (RFC 1035 section 4), read only as deep as updates and transfers need.

dnspython makes objects of every name and record, which takes 0.7 s of CPU for a zone of 10,000 names and lets nothing
else run meanwhile; here a record's data stay octets until someone asks for their text.
"""

import struct
from typing import Final, cast

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import msgspec

from feddns.model.records import DnsName
from feddns.providers.rfc2136.names import decode_label

_HEADER: Final = struct.Struct("!6H")
_RECORD: Final = struct.Struct("!HHIH")
_ROOT: Final = "."
_RESPONSE: Final = 0x8000
_POINTER: Final = 0xC0
_LONGEST_LABEL: Final = 63
_MOST_POINTERS: Final = 127
"""A name has at most 127 labels, so an honest one has no more pointers."""
_LONGEST_TEXT: Final = 4 * 255
"""Every octet of the longest name written as `\\DDD`."""


class MalformedMessage(Exception):
    """What came is no DNS message, or none that may stand here."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of class IN; its data are the message's octets from `start` to `end`."""

    name: DnsName
    type: int
    ttl: int
    start: int
    end: int


class Tsig(msgspec.Struct, frozen=True):
    """The signature at a message's end (RFC 8945), which begins at the offset `start`."""

    owner: dns.name.Name
    data: dns.rdtypes.ANY.TSIG.TSIG
    start: int


class Message:
    """A response that came in.

    Attributes:
        wire: all its octets.
        id: the number that ties it to its request.
        authoritative: whether the server holds the zone itself (AA).
        rcode: the four bits of the header.
        answer: the answer section.
        tsig: the signature, None where it has none.

    Raises:
        MalformedMessage: the octets are no DNS message, or no response.
    """

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self._names: dict[int, DnsName] = {}
        try:
            self.id: int
            self.id, flags, questions, answers, authorities, additionals = _HEADER.unpack_from(wire)
            if not flags & _RESPONSE:
                raise MalformedMessage("it is a query and no response")
            self.authoritative = bool(flags & 0x0400)
            self.rcode: int = flags & 0xF
            at = _HEADER.size
            for _ in range(questions):
                at = self.name_at(at)[1] + 4
            self.answer, at = self._records(at, answers)
            at = self._skip(at, authorities)
            self.tsig = self._signature(at, additionals)
        except (IndexError, struct.error) as error:
            raise MalformedMessage("it ends in the middle of a record") from error

    def name_at(self, at: int, pointers: int = 0) -> tuple[DnsName, int]:
        """The name that begins at an offset, and the offset after it.

        Raises:
            MalformedMessage: there is no valid name.
        """
        wire, start, labels, suffix = self.wire, at, [], ""
        while length := wire[at]:
            if length >= _POINTER:
                target = (length & 0x3F) << 8 | wire[at + 1]
                # Pointers lead strictly back, so that every name ends (RFC 1035 section 4.1.4: "a prior occurrence").
                if target >= start or pointers >= _MOST_POINTERS:
                    raise MalformedMessage("a compressed name leads in a circle")
                suffix = self._names.get(target) or self.name_at(target, pointers + 1)[0]
                at += 1
                break
            if length > _LONGEST_LABEL:
                raise MalformedMessage("a name has a label of a type that was never standardised")
            labels.append(decode_label(wire[at + 1 : at + 1 + length]))
            at += 1 + length
        name = "".join(labels) + (suffix if suffix != _ROOT else "") or _ROOT
        if len(name) > _LONGEST_TEXT:
            raise MalformedMessage("a name has more than 255 octets")
        self._names[start] = DnsName(name)
        return DnsName(name), at + 1

    def _records(self, at: int, count: int) -> tuple[list[Record], int]:
        records = []
        for _ in range(count):
            name, at = self.name_at(at)
            kind, class_, ttl, length = _RECORD.unpack_from(self.wire, at)
            start = at + _RECORD.size
            at = start + length
            if class_ != dns.rdataclass.IN:
                raise MalformedMessage(f"its answer holds a record of class {class_}")
            records.append(Record(name, kind, ttl, start, at))
        if at > len(self.wire):
            raise MalformedMessage("it ends in the middle of a record")
        return records, at

    def _skip(self, at: int, count: int) -> int:
        for _ in range(count):
            at = self.name_at(at)[1]
            at += _RECORD.size + cast("int", _RECORD.unpack_from(self.wire, at)[3])
        return at

    def _signature(self, at: int, count: int) -> Tsig | None:
        """The signature counts only as the very last record (RFC 8945 section 5.1)."""
        if count == 0:
            return None
        start = self._skip(at, count - 1)
        at = self.name_at(start)[1]
        kind, class_, _, length = _RECORD.unpack_from(self.wire, at)
        if (kind, class_) != (dns.rdatatype.TSIG, dns.rdataclass.ANY):
            return None
        try:
            owner, _ = dns.name.from_wire(self.wire, start)
            data = dns.rdata.from_wire(class_, kind, self.wire, at + _RECORD.size, length)
        except dns.exception.DNSException as error:
            raise MalformedMessage("its TSIG record is malformed") from error
        return Tsig(owner, cast("dns.rdtypes.ANY.TSIG.TSIG", data), start)
