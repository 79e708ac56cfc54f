"""Whole zones put on the wire (AXFR, RFC 5936)."""

from collections.abc import Iterator
from typing import Final

from feddns.answers.message import AA, Message
from feddns.answers.query import Query
from feddns.answers.zone import Zone

MESSAGE_SIZE: Final = 16_384
"""Octets after which a message is sent: names further in could not be pointed to (RFC 1035 section 4.1.4)."""


def transfer_messages(query: Query, zone: Zone) -> Iterator[bytes]:
    """The messages that carry the zone to a secondary, all of the moment in which the first was asked for.

    Where the secondary asks what changed since a serial that is ours or newer, that is the SOA alone (RFC 1995
    section 2); since any other, it gets the whole zone, as RFC 1995 section 4 allows.
    """
    if query.known_serial is not None and not is_newer(zone.serial, query.known_serial):
        message = Message(query.question)
        message.add_set(zone.apex, zone.soa)
        yield message.finish(query, AA, 1, 0, message.add_edns(query))
        return
    message, count, first = Message(query.question), 0, True
    for name, rrset in zone.records():
        for rdata in rrset.rdatas:
            message.add_record(name, rrset, rdata)
            count += 1
        if len(message) >= MESSAGE_SIZE:
            yield message.finish(query, AA, count, 0, message.add_edns(query) if first else 0)
            message, count, first = Message(query.question), 0, False
    if count:
        yield message.finish(query, AA, count, 0, message.add_edns(query) if first else 0)


def is_newer(serial: int, other: int) -> bool:
    """Whether a serial is greater than another (RFC 1982 section 3.2)."""
    return serial != other and (serial - other) & 0xFFFF_FFFF < 2**31
