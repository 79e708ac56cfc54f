import ipaddress

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.rdata import LARGEST_SET, encode_set
from feddns.errors import Rejected
from tests.answers.asking import a_set


def octets(type_: str, value: str) -> bytes:
    (rdata,) = encode_set(a_set("www", type_, value)).rdatas
    return b"".join(rdata.names) + rdata.octets


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("AAAA", "::ffff:192.0.2.1"),
        ("CNAME", "there.example.com."),
        ("TXT", '"one" "two"'),
        ("TXT", '"say \\"hi\\" \\195\\164"'),
        ("MX", "10 mail.example.com."),
        ("SRV", "0 5 5060 sip.example.com."),
        ("CAA", '0 issue "ca.example.net"'),
        ("PTR", "there.example.com."),
        ("SVCB", "1 . alpn=h2"),
        ("TYPE65280", "\\# 4 0a000001"),
    ],
)
def test_data_are_encoded_as_dnspython_does(type_: str, value: str) -> None:
    assert octets(type_, value) == dns.rdata.from_text("IN", type_, value).to_wire()


@given(
    st.text(st.characters(max_codepoint=0x17F, exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), max_size=600)
)
def test_a_text_without_quotes_is_one_text(text: str) -> None:
    encoded = octets("TXT", text)
    strings = []
    while encoded:
        strings.append(encoded[1 : 1 + encoded[0]])
        encoded = encoded[1 + encoded[0] :]
    assert b"".join(strings).decode() == text
    assert all(len(string) == 255 for string in strings[:-1])


@pytest.mark.parametrize(
    ("type_", "value", "wrong"),
    [
        ("A", "2001:db8::1", "2001:db8::1"),
        ("A", "192.0.2.01", "192.0.2.01"),
        ("AAAA", "192.0.2.1", "192.0.2.1"),
        ("CNAME", "there", "final dot"),
        ("MX", "mail.example.com.", "no data of this type"),
        ("MX", "10 mail", "no data of this type"),
        ("TXT", '"open', "no data of this type"),
        ("NS", "ns.example.com.", "none of this type|no records of this type"),
        ("SOA", ". . 1 2 3 4 5", "no records of this type"),
        ("TYPE6", "\\# 0", "do not stand in a zone"),
        ("TYPE251", "\\# 0", "do not stand in a zone"),
        ("OPT", "", "no records of this type"),
        ("BOGUS", "1", '"BOGUS" is no type'),
    ],
)
def test_what_cannot_be_served_is_rejected_with_name_and_reason(type_: str, value: str, wrong: str) -> None:
    with pytest.raises(Rejected, match=wrong) as refusal:
        encode_set(a_set("www", type_, value))
    assert refusal.value.names == {"www.example.com."}
    assert str(refusal.value).startswith(f"www.example.com. {type_} cannot be served: ")


def test_two_aliases_are_rejected() -> None:
    with pytest.raises(Rejected, match="2 values"):
        encode_set(a_set("www", "CNAME", "a.example.com.", "b.example.com."))


def test_an_empty_set_is_rejected() -> None:
    with pytest.raises(Rejected, match="0 values"):
        encode_set(a_set("www", "A"))


@pytest.mark.parametrize("ttl", [-1, 2**31])
def test_a_ttl_that_is_none_is_rejected(ttl: int) -> None:
    with pytest.raises(Rejected, match="31 bits"):
        encode_set(a_set("www", "A", "192.0.2.1", ttl=ttl))


def test_a_set_that_fits_in_no_message_is_rejected() -> None:
    texts = [f"{number:04}{'x' * 251}" for number in range(LARGEST_SET // 256 + 1)]
    with pytest.raises(Rejected, match="larger than"):
        encode_set(a_set("www", "TXT", *texts))


@pytest.mark.parametrize(("type_", "most"), [("A", LARGEST_SET // 16), ("AAAA", LARGEST_SET // 28)])
def test_a_set_is_as_large_as_its_records_are_in_a_message(type_: str, most: int) -> None:
    version = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}[type_]
    addresses = [str(version(number)) for number in range(1, most + 2)]
    encode_set(a_set("www", type_, *addresses[:most]))
    with pytest.raises(Rejected, match=f"its {most + 1} records are larger than"):
        encode_set(a_set("www", type_, *addresses))
