"""Messages are read as dnspython reads them, and whatever comes is survived."""

from contextlib import suppress

import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import RecordSet
from feddns.providers.rfc2136.message import MalformedMessage, Message
from tests.providers.rfc2136.strategies import record_sets, zones
from tests.providers.rfc2136.wire import answer, received, rows, soa


@given(zones())
def test_records_are_those_that_dnspython_finds(zone: dict[tuple[str, str], RecordSet]) -> None:
    wire = answer(rows(zone.values()), number=77)
    theirs = dns.message.from_wire(wire, one_rr_per_rrset=True)
    ours = Message(wire)
    assert (ours.id, ours.rcode, ours.authoritative) == (77, 0, True)
    assert [(record.name, record.type, record.ttl) for record in ours.answer] == [
        (rrset.name.to_text(), rrset.rdtype, rrset.ttl) for rrset in theirs.answer
    ]


@given(st.binary(max_size=200))
def test_random_octets_are_no_message(octets: bytes) -> None:
    with suppress(MalformedMessage):
        Message(octets)
    with suppress(MalformedMessage):
        Message(b"\0\0\x84\0" + octets)


@given(st.lists(record_sets(), max_size=4), st.data())
def test_a_damaged_message_is_read_or_refused(sets: list[RecordSet], data: st.DataObject) -> None:
    wire = bytearray(answer([*rows(sets), soa(1)]))
    for _ in range(data.draw(st.integers(1, 3))):
        wire[data.draw(st.integers(2, len(wire) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MalformedMessage):
        Message(bytes(wire))


@given(st.lists(record_sets(), min_size=1, max_size=4), st.data())
def test_a_message_that_is_cut_off_is_refused(sets: list[RecordSet], data: st.DataObject) -> None:
    wire = answer(rows(sets))
    with pytest.raises(MalformedMessage):
        Message(wire[: data.draw(st.integers(0, len(wire) - 1))])


def test_a_name_that_points_to_itself_is_refused() -> None:
    header = b"\0\0\x84\0\0\1\0\0\0\0\0\0"
    with pytest.raises(MalformedMessage, match="circle"):
        Message(header + b"\xc0\x0c\0\x06\0\1")


def test_a_label_of_an_unknown_type_is_refused() -> None:
    header = b"\0\0\x84\0\0\1\0\0\0\0\0\0"
    with pytest.raises(MalformedMessage, match="label"):
        Message(header + b"\x41" + b"a" * 65 + b"\0\0\x06\0\1")


def test_a_query_is_no_response() -> None:
    with pytest.raises(MalformedMessage, match="query"):
        Message(dns.message.make_query("example.com.", dns.rdatatype.SOA).to_wire())


def test_names_are_lower_case_and_escaped_only_where_they_must_be() -> None:
    message = received([("WWW.Example.COM.", "A", 1, "192.0.2.1"), ("a\\.b.\\195*.example.com.", "A", 1, "192.0.2.1")])
    assert [record.name for record in message.answer] == ["www.example.com.", "a\\.b.\\195*.example.com."]
