"""Zones and questions for the tests of answers, and a second opinion on what is right."""

import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from hypothesis import strategies as st

from feddns.answers.query import Query, read_query
from feddns.answers.responder import Responder
from feddns.answers.zone import Apex, NameServer, Zone
from feddns.model.records import DnsName, RecordSet, ZoneName

ORIGIN = "example.com."
APEX = Apex(
    ZoneName(ORIGIN),
    (NameServer(DnsName("ns1.example.com."), ("192.0.2.53", "2001:db8::53")), NameServer(DnsName("ns.elsewhere.net."))),
    DnsName("hostmaster.example.com."),
    30,
)
SERIAL = 7


def a_set(name: str, type_: str, *values: str, ttl: int = 180) -> RecordSet:
    """A record set; names without a final dot are under the zone."""
    return RecordSet(DnsName(absolute(name)), type_, ttl, tuple(sorted(values)))


def absolute(name: str) -> str:
    return name if name.endswith(".") else f"{name}.{ORIGIN}"


def a_zone(*record_sets: RecordSet, serial: int = SERIAL) -> Zone:
    zone = Zone(APEX)
    zone.change(*zone.difference(record_sets), serial)
    return zone


def a_responder(*record_sets: RecordSet) -> Responder:
    return Responder(a_zone(*record_sets))


def change(responder: Responder, *record_sets: RecordSet) -> None:
    """Make these the zone's record sets, at the next serial."""
    zone = responder.zone
    responder.change(*zone.difference(record_sets), zone.serial + 1)


def read(message: bytes) -> Query:
    query = read_query(message)
    assert isinstance(query, Query)
    return query


def a_query(
    name: str, type_: str = "A", edns: int | None = None, payload: int = 1232, flags: int = 0, class_: str = "IN"
) -> dns.message.QueryMessage:
    """A query as dnspython makes it; `edns` is the version, and None leaves EDNS out."""
    query = dns.message.make_query(
        absolute(name), type_, class_, use_edns=-1 if edns is None else edns, payload=payload
    )
    query.flags = dns.flags.Flag(flags)
    return query


def ask(responder: Responder, query: dns.message.QueryMessage | str, type_: str = "A") -> dns.message.Message:
    """The answer that comes by UDP, which also is an answer to that query by dnspython's judgement."""
    asked = query if isinstance(query, dns.message.QueryMessage) else a_query(query, type_)
    answer = dns.message.from_wire(responder.answer_datagram(read(asked.to_wire())))
    assert asked.is_response(answer)
    return answer


def told(section: list[dns.rrset.RRset]) -> set[tuple[str, str, int, str]]:
    """A section's records, as name, type, TTL and data."""
    return {
        (rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, data.to_text().lower())
        for rrset in section
        for data in rrset
    }


LABELS = ("a", "b", "c", "*")
TYPES = ("A", "AAAA", "TXT", "MX")
VALUES = {
    "A": ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    "AAAA": ("2001:db8::1", "2001:db8::2"),
    "TXT": ("one", "two words", '"three" "strings"'),
    "MX": ("10 mail.example.com.", "20 mail.example.net."),
}

relative_names = st.lists(st.sampled_from(LABELS), min_size=1, max_size=3).map(".".join)
targets = relative_names.map(absolute) | st.sampled_from(
    ("elsewhere.net.", "example.com.", "notexample.com.", "ns1.example.com.")
)


@st.composite
def _sets_of_a_name(draw: st.DrawFn, name: str) -> list[RecordSet]:
    ttl = draw(st.sampled_from((0, 5, 180)))
    if draw(st.booleans()):
        return [a_set(name, "CNAME", draw(targets), ttl=ttl)]
    return [
        a_set(name, type_, *draw(st.sets(st.sampled_from(VALUES[type_]), min_size=1)), ttl=ttl)
        for type_ in draw(st.sets(st.sampled_from(TYPES), min_size=1))
    ]


@st.composite
def zones(draw: st.DrawFn) -> tuple[RecordSet, ...]:
    """The record sets of a zone in which names stand above, below and beside each other, and aliases lead anywhere."""
    names = draw(st.sets(relative_names, max_size=8))
    return tuple(record_set for name in sorted(names) for record_set in draw(_sets_of_a_name(name)))


@st.composite
def queries(draw: st.DrawFn) -> dns.message.QueryMessage:
    """Questions inside and outside of the zone, in any case of letters, with and without EDNS."""
    name = draw(
        st.lists(st.sampled_from((*LABELS, "d")), max_size=4).map(lambda labels: ".".join((*labels, ORIGIN)))
        | st.sampled_from((".", "com.", "elsewhere.net.", "xexample.com.", "ns1.example.com."))
    )
    mixed = "".join(letter.upper() if draw(st.booleans()) else letter for letter in name)
    type_ = draw(st.sampled_from((*TYPES, "CNAME", "NS", "SOA", "ANY", "SRV", "TYPE65280")))
    query = a_query(
        mixed,
        type_,
        edns=draw(st.sampled_from((None, 0))),
        payload=draw(st.sampled_from((0, 512, 513, 1232, 4096, 65535))),
        flags=draw(st.sampled_from((0, dns.flags.RD, dns.flags.RD | dns.flags.AD, dns.flags.CD))),
    )
    if query.edns == 0:
        query.want_dnssec(draw(st.booleans()))
    return query
