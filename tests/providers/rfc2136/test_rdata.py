"""Record data go on the wire and come back, in one canonical form."""

import dns.rdata
import dns.rdtypes.ANY.TXT
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import RecordSet
from feddns.providers.rfc2136.message import MalformedMessage, Message
from feddns.providers.rfc2136.rdata import decode_rdata, encode_rdata, type_mnemonic, type_number
from tests.providers.rfc2136.strategies import record_sets
from tests.providers.rfc2136.wire import answer, presentation, received

strings = st.lists(st.binary(max_size=255), min_size=1, max_size=3)


def canonical(kind: str, data: str) -> str:
    message = received([("www.example.com.", kind, 1, data)])
    return decode_rdata(message, message.answer[0])


@given(record_sets())
def test_what_is_written_is_what_dnspython_would_write(record_set: RecordSet) -> None:
    for value in record_set.values:
        theirs = dns.rdata.from_text("IN", record_set.type, presentation(record_set.type, value)).to_wire()
        assert encode_rdata(record_set.type, value) == theirs


@given(record_sets())
def test_what_is_written_comes_back_the_same(record_set: RecordSet) -> None:
    for value in record_set.values:
        assert canonical(record_set.type, presentation(record_set.type, value)) == value


@given(strings)
def test_any_text_has_one_form_that_leads_back_to_its_octets(octets: list[bytes]) -> None:
    wire = b"".join(bytes((len(string),)) + string for string in octets)
    text = dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, octets).to_text()
    assert encode_rdata("TXT", canonical("TXT", text)) == wire


@given(strings, strings)
def test_different_texts_never_have_the_same_form(one: list[bytes], other: list[bytes]) -> None:
    forms = [
        canonical("TXT", dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, octets).to_text())
        for octets in (one, other)
    ]
    assert (forms[0] == forms[1]) == (one == other)


@pytest.mark.parametrize(
    ("kind", "data", "form"),
    [
        ("TXT", '"one string; plain"', "one string; plain"),
        ("TXT", '"a" "b"', '"a" "b"'),
        ("TXT", '"say \\"hi\\""', '"say \\"hi\\""'),
        ("TXT", '""', '""'),
        ("AAAA", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("CNAME", "Target.Example.NET.", "target.example.net."),
        ("MX", "10 Mail.Example.NET.", "10 mail.example.net."),
        ("SRV", "0 5 5060 SIP.Example.NET.", "0 5 5060 sip.example.net."),
        ("TYPE65280", "\\# 4 0A000001", "\\# 4 0a000001"),
    ],
)
def test_values_are_read_in_canonical_form(kind: str, data: str, form: str) -> None:
    assert canonical(kind, data) == form


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "192.0.2"),
        ("A", "2001:db8::1"),
        ("AAAA", "192.0.2.1"),
        ("AAAA", "fe80::1%eth0"),
        ("CNAME", "relative"),
        ("CNAME", "a..b."),
        ("TXT", "x" * 256),
        ("TXT", "un\\quoted"),
        ("TXT", 'half "quoted"'),
        ("TXT", ""),
        ("MX", "mail.example.net."),
        ("NOSUCHTYPE", "x"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_rdata(kind, value)


def test_a_type_without_a_mnemonic_has_the_form_of_rfc_3597() -> None:
    assert type_mnemonic(65280) == "TYPE65280"
    assert type_number("TYPE65280") == 65280


@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME", "TXT", "MX"])
def test_data_that_do_not_fit_their_type_are_malformed(kind: str) -> None:
    wire = answer([("www.example.com.", "TYPE65280", 1, "\\# 3 7f0041")])
    wire = wire.replace((65280).to_bytes(2), type_number(kind).to_bytes(2))
    message = Message(wire)
    with pytest.raises(MalformedMessage):
        decode_rdata(message, message.answer[0])


@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME", "TXT", "MX"])
@pytest.mark.parametrize("data", ["\\# 0", "\\# 1 03", "\\# 1 c0"])
def test_data_that_would_go_on_after_the_end_of_the_message_are_malformed(kind: str, data: str) -> None:
    wire = answer([("www.example.com.", "TYPE65280", 1, data)]).replace(
        (65280).to_bytes(2), type_number(kind).to_bytes(2)
    )
    message = Message(wire)
    with pytest.raises(MalformedMessage):
        decode_rdata(message, message.answer[0])
