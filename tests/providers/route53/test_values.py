import pytest
from dns.rdataclass import IN
from dns.rdatatype import TXT as TXT_TYPE
from dns.rdtypes.ANY.TXT import TXT
from hypothesis import given
from hypothesis import strategies as st

from feddns.providers.route53.values import decode_value, encode_value
from tests.providers.fakes.route53.values import check_value
from tests.providers.route53.strategies import VALUES, texts


def canonical(strings: list[bytes]) -> str:
    """The canonical text of a TXT record's strings, by dnspython."""
    escaped = " ".join(TXT(IN, TXT_TYPE, [string]).to_text() for string in strings)
    is_plain = len(strings) == 1 and strings[0] and escaped[1:-1].encode() == strings[0]
    return escaped[1:-1] if is_plain else escaped


@given(texts)
def test_every_text_comes_back_as_it_went_and_is_one_that_route53_takes(strings: list[bytes]) -> None:
    value = canonical(strings)
    asked = encode_value("TXT", value)
    check_value("TXT", asked)
    assert decode_value("TXT", asked) == value


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])))
def test_every_value_comes_back_as_it_went_and_is_one_that_route53_takes(item: tuple[str, str]) -> None:
    kind, value = item
    asked = encode_value(kind, value)
    check_value(kind, asked)
    assert decode_value(kind, asked) == value


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        ("TXT", '"plain text"', "plain text"),
        ("TXT", '"one"  "two"', '"one" "two"'),
        ("TXT", r'"\303\244"', r'"\195\164"'),
        ("TXT", r'"say \"hi\""', r'"say \"hi\""'),
        ("TXT", r'"back\\slash"', r'"back\\slash"'),
        ("TXT", r'"back\134slash"', r'"back\\slash"'),
        ("TXT", r'"\101"', "A"),
        ("TXT", '""', '""'),
        ("TXT", "not quoted", "not quoted"),
        ("AAAA", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("AAAA", "no address", "no address"),
        ("CNAME", "Elsewhere.Example.NET", "elsewhere.example.net."),
        ("CNAME", "a..b", "a..b"),
        ("MX", "10 Mail.example.net", "10 Mail.example.net"),
        ("SRV", "0 5 5060 sip.example.net.", "0 5 5060 sip.example.net."),
    ],
)
def test_data_that_others_wrote_are_read(kind: str, told: str, value: str) -> None:
    assert decode_value(kind, told) == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("A", "2001:db8::1", "no IPv4 address"),
        ("A", "192.0.2.300", "no IPv4 address"),
        ("AAAA", "192.0.2.1", "no IPv6 address"),
        ("CNAME", "relative", "final dot"),
        ("TXT", 'half "quoted', "must stand in quotes"),
        ("TXT", "x" * 256, "a text of 256 octets"),
        ("TXT", f'"{"x" * 256}"', "a text of 256 octets"),
    ],
)
def test_what_is_no_data_is_refused_with_what_would_be_right(kind: str, value: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode_value(kind, value)
