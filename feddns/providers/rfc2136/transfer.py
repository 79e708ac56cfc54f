"""The answer to a zone transfer, whole (RFC 5936) or since a serial number (RFC 1995), message by message."""

import enum
import struct
from typing import Final

import dns.rdatatype
import msgspec

from feddns.answers.transfer import is_newer
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.rfc2136.message import MalformedMessage, Message, Record
from feddns.providers.rfc2136.rdata import decode_rdata, type_mnemonic
from feddns.providers.rfc2136.request import SOA

_MADE_BY_THE_SERVER: Final = frozenset({dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3})
"""What a signing server derives from the other records (RFC 4034, RFC 5155), at every name: nobody's to plan with."""

Sets = dict[tuple[str, str], RecordSet]


class ZoneCopy(msgspec.Struct, frozen=True):
    """A zone as it was at a serial number; its record sets by name and type, without the SOA."""

    serial: int
    sets: Sets


class _Place(enum.Enum):
    """Where in the answer we are."""

    BEGIN = enum.auto()
    SECOND = enum.auto()
    WHOLE = enum.auto()
    REMOVED = enum.auto()
    ADDED = enum.auto()
    END = enum.auto()


class Transfer:
    """Takes the messages of one transfer in their order.

    Attributes:
        serial: of the zone that is being transferred.
    """

    def __init__(self, zone: ZoneName, known: ZoneCopy | None = None) -> None:
        """Begin a transfer.

        Args:
            zone: the zone's name.
            known: what was known when the transfer was asked for, if it was an incremental one.
        """
        self.serial = -1
        self._zone = zone
        self._known = known
        self._place = _Place.BEGIN
        self._sets: Sets = {}
        self._growing: dict[tuple[str, str], set[str]] = {}
        self._reached = -1

    @property
    def done(self) -> bool:
        """Whether the answer has come to its end."""
        return self._place is _Place.END

    @property
    def result(self) -> ZoneCopy:
        """The zone, once done."""
        return ZoneCopy(self.serial, self._sets)

    def feed(self, message: Message) -> None:
        """Take the next message.

        Raises:
            MalformedMessage: it does not go on as a transfer does.
        """
        if not message.answer:
            raise MalformedMessage("a message of the zone transfer is empty")
        for record in message.answer:
            self._take(message, record)
        if self._place is _Place.SECOND and self._known is not None:
            self._take_lone_soa(self._known)

    def _take_lone_soa(self, known: ZoneCopy) -> None:
        """It says that nothing has changed (RFC 1995 section 4), unless it is an older zone's."""
        if known.serial == self.serial:
            self._sets, self._place = known.sets, _Place.END
        elif not is_newer(self.serial, known.serial):
            raise MalformedMessage("the zone's serial number went back")

    def _take(self, message: Message, record: Record) -> None:
        if record.type == SOA:
            self._take_soa(_serial(message, record), record)
            return
        if self._place in {_Place.BEGIN, _Place.END}:
            raise MalformedMessage("the zone transfer does not begin, or does not end, with the SOA")
        if self._place is _Place.SECOND:
            self._place = _Place.WHOLE
        if record.type in _MADE_BY_THE_SERVER:
            return
        value = decode_rdata(message, record)
        if self._place is _Place.REMOVED:
            self._remove(record, value)
        else:
            self._add(record, value)

    def _take_soa(self, serial: int, record: Record) -> None:
        if record.name != DnsName(self._zone):
            raise MalformedMessage(f"the zone transfer holds the SOA of {record.name}")
        self._settle()
        match self._place:
            case _Place.BEGIN:
                self.serial, self._place = serial, _Place.SECOND
            case _Place.SECOND if self._known is not None and serial == self._known.serial:
                self._sets, self._place = dict(self._known.sets), _Place.REMOVED
            case _Place.REMOVED:
                self._reached, self._place = serial, _Place.ADDED
            case _Place.ADDED if serial == self._reached:
                self._place = _Place.END if serial == self.serial else _Place.REMOVED
            case _Place.SECOND | _Place.WHOLE if serial == self.serial:
                self._place = _Place.END
            case _:
                raise MalformedMessage(f"the zone transfer does not fit together at serial number {serial}")

    def _add(self, record: Record, value: str) -> None:
        key = (record.name, type_mnemonic(record.type))
        present = self._sets.get(key)
        if present is None:
            self._sets[key] = RecordSet(record.name, key[1], record.ttl, (value,))
            return
        # Sorted in the end: a set of thousands of values, put anew for each, would keep all else waiting.
        self._growing.setdefault(key, set(present.values)).add(value)
        if record.ttl != present.ttl:
            self._sets[key] = msgspec.structs.replace(present, ttl=record.ttl)

    def _settle(self) -> None:
        for key, values in self._growing.items():
            self._sets[key] = msgspec.structs.replace(self._sets[key], values=tuple(sorted(values)))
        self._growing.clear()

    def _remove(self, record: Record, value: str) -> None:
        key = (record.name, type_mnemonic(record.type))
        present = self._sets.get(key)
        if present is None or value not in present.values:
            raise MalformedMessage(f"the incremental transfer removes what is not there: {record.name} {key[1]}")
        values = tuple(other for other in present.values if other != value)
        if values:
            self._sets[key] = msgspec.structs.replace(present, values=values)
        else:
            del self._sets[key]


def _serial(message: Message, record: Record) -> int:
    """The serial number of an SOA (RFC 1035 section 3.3.13)."""
    try:
        at = message.name_at(message.name_at(record.start)[1])[1]
        return int(struct.unpack_from("!I", message.wire, at)[0])
    except (IndexError, struct.error) as error:
        raise MalformedMessage("the zone's SOA is malformed") from error
