"""DNS requests onto the wire (RFC 1035 section 4, RFC 2136 section 2)."""

import struct
from typing import Final

import dns.opcode
import dns.rdataclass
import dns.rdatatype

from feddns.model.records import DnsName, ZoneName
from feddns.providers.rfc2136.names import encode_name

IN: Final = int(dns.rdataclass.IN)
ANY: Final = int(dns.rdataclass.ANY)
NONE: Final = int(dns.rdataclass.NONE)
SOA: Final = int(dns.rdatatype.SOA)
AXFR: Final = int(dns.rdatatype.AXFR)
IXFR: Final = int(dns.rdatatype.IXFR)

PREREQUISITE: Final = 1
UPDATE: Final = 2
"""The sections of an UPDATE message are those of a query: answer and authority (RFC 2136 section 2)."""

_AUTHORITY: Final = 2
_HEADER: Final = struct.Struct("!6H")
_QUESTION: Final = struct.Struct("!HH")
_RECORD: Final = struct.Struct("!HHIH")
_REACH: Final = 0x4000
"""A compression pointer has 14 bits (RFC 1035 section 4.1.4)."""


class RequestWriter:
    """Writes a message with one question, record by record, section by section; owner names are compressed."""

    def __init__(self, zone: ZoneName, kind: int) -> None:
        """Begin with the question, which an UPDATE calls its zone."""
        self._counts = [1, 0, 0, 0]
        self._octets = bytearray(_HEADER.size)
        self._offsets: dict[bytes, int] = {}
        self._write_name(encode_name(zone))
        self._octets += _QUESTION.pack(kind, IN)

    def record(self, section: int, name: DnsName, kind: int, class_: int, data: bytes = b"", ttl: int = 0) -> None:
        """Add one record; no section may follow on a later one.

        Raises:
            ValueError: the name is no domain name.
        """
        self._write_name(encode_name(name))
        self._octets += _RECORD.pack(kind, class_, ttl, len(data)) + data
        self._counts[section] += 1

    def finish(self, number: int, opcode: int = dns.opcode.QUERY) -> bytes:
        """The whole message."""
        _HEADER.pack_into(self._octets, 0, number, opcode << 11, *self._counts)
        return bytes(self._octets)

    def _write_name(self, name: bytes) -> None:
        octets, offsets = self._octets, self._offsets
        while name[0]:
            at = offsets.get(name)
            if at is not None:
                octets += (0xC000 | at).to_bytes(2)
                return
            if len(octets) < _REACH:
                offsets[name] = len(octets)
            step = name[0] + 1
            octets += name[:step]
            name = name[step:]
        octets += name


def soa_query(zone: ZoneName, number: int) -> bytes:
    """Ask whether the server holds the zone."""
    return RequestWriter(zone, SOA).finish(number)


def transfer_query(zone: ZoneName, number: int, known_serial: int | None) -> bytes:
    """Ask for the whole zone (RFC 5936), or for what changed since a serial number (RFC 1995)."""
    if known_serial is None:
        return RequestWriter(zone, AXFR).finish(number)
    writer = RequestWriter(zone, IXFR)
    # Of the SOA only the serial number counts (RFC 1995 section 3): root names and zeros stand for the rest.
    writer.record(_AUTHORITY, DnsName(zone), SOA, IN, struct.pack("!xx5I", known_serial, 0, 0, 0, 0))
    return writer.finish(number)
