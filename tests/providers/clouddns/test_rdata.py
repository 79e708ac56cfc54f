"""Names and data have one canonical form, and lead back to what the API has."""

import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.records import RecordSet
from feddns.providers.clouddns.rdata import api_value, canonical_name, canonical_value
from feddns.providers.clouddns.spelling import spell, understand
from feddns.testing.values import TEXTS
from tests.providers.rfc2136.strategies import record_sets

strings = st.lists(st.binary(max_size=255), min_size=1, max_size=3)


def presentation(octets: list[bytes]) -> str:
    return " ".join('"' + "".join(f"\\{octet:03d}" for octet in string) + '"' for string in octets)


def wire(text: str) -> bytes:
    return dns.rdata.from_text("IN", "TXT", text).to_wire() or b""


@given(record_sets())
def test_a_record_set_comes_back_as_it_went(record_set: RecordSet) -> None:
    assert understand(spell(record_set)) == record_set


@given(strings)
def test_any_text_has_one_form_that_leads_back_to_its_octets(octets: list[bytes]) -> None:
    text = presentation(octets)
    assert wire(api_value("TXT", canonical_value("TXT", text))) == wire(text)


@given(strings, strings)
def test_different_texts_never_have_the_same_form(one: list[bytes], other: list[bytes]) -> None:
    forms = [canonical_value("TXT", presentation(octets)) for octets in (one, other)]
    assert (forms[0] == forms[1]) == (one == other)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_canonical_text_is_its_own_form(text: str) -> None:
    assert canonical_value("TXT", api_value("TXT", text)) == text


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("TXT", "unquoted;word", "unquoted;word"),
        ("TXT", "two words", '"two" "words"'),
        ("TXT", '"one string"', "one string"),
        ("TXT", '"a"  "b"', '"a" "b"'),
        ("TXT", '""', '""'),
        ("TXT", '"ä"', '"\\195\\164"'),
        ("TXT", '"never ends', '"never ends'),
        ("AAAA", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("AAAA", "no address", "no address"),
        ("A", "192.0.2.1", "192.0.2.1"),
        ("A", "192.0.2", "192.0.2"),
        ("CNAME", "Target.Example.NET.", "target.example.net."),
        ("MX", "10 Mail.Example.NET.", "10 Mail.Example.NET."),
    ],
)
def test_values_are_read_in_canonical_form_and_foreign_ones_as_they_are(kind: str, text: str, form: str) -> None:
    assert canonical_value(kind, text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("WWW.Example.COM.", "www.example.com."),
        ("*.example.com.", "*.example.com."),
        ("\\042.example.com.", "*.example.com."),
        ("a\\.b.example.com.", "a\\.b.example.com."),
        ("_x.example.com.", "_x.example.com."),
        ("a..b.", "a..b."),
    ],
)
def test_names_are_read_in_canonical_form(text: str, form: str) -> None:
    assert canonical_name(text) == form
