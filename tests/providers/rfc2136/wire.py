"""Messages for the tests, made and read by dnspython."""

from collections.abc import Iterable

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from feddns.model.records import RecordSet
from feddns.providers.rfc2136.message import Message

APEX = dns.name.from_text("example.com.")
Row = tuple[str, str, int, str]
"""A record: name, type, TTL, data."""


def rows(record_sets: Iterable[RecordSet]) -> list[Row]:
    """The records of record sets; texts in quotes, as dnspython wants them."""
    return [
        (record_set.name, record_set.type, record_set.ttl, presentation(record_set.type, value))
        for record_set in record_sets
        for value in record_set.values
    ]


def presentation(kind: str, value: str) -> str:
    """A canonical value as dnspython reads it."""
    return f'"{value}"' if kind == "TXT" and not value.startswith('"') else value


def soa(serial: int) -> Row:
    return ("example.com.", "SOA", 60, f"ns1.example.com. hostmaster.example.com. {serial} 1 2 3 4")


def answer(records: Iterable[Row], number: int = 0, rcode: int = 0) -> bytes:
    """A response whose answer section holds the records in this order."""
    message = dns.message.Message(number)
    message.flags = dns.flags.QR | dns.flags.AA | dns.flags.Flag(rcode)
    message.question.append(dns.rrset.RRset(APEX, dns.rdataclass.IN, dns.rdatatype.AXFR))
    for name, kind, ttl, data in records:
        rdata = dns.rdata.from_text("IN", kind, data)
        message.answer.append(dns.rrset.from_rdata(dns.name.from_text(name), ttl, rdata))
    return message.to_wire()


def received(records: Iterable[Row], number: int = 0) -> Message:
    """The same, as read by us."""
    return Message(answer(records, number))
