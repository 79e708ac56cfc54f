import pytest
from hypothesis import given

from feddns.model.records import DnsName
from feddns.providers.route53.names import decode_name, encode_name
from tests.providers.fakes.route53.values import normal_name
from tests.providers.route53.strategies import names, odd_names


@pytest.mark.parametrize(
    ("told", "canonical"),
    [
        (r"\052.example.com.", "*.example.com."),
        ("www.example.com", "www.example.com."),
        ("WWW.Example.COM.", "www.example.com."),
        (r"_under\137score.example.com.", "_under_score.example.com."),
        (r"a\056b.example.com.", r"a\.b.example.com."),
        (r"0\05763.2.0.192.in-addr.arpa.", "0/63.2.0.192.in-addr.arpa."),
        (r"f\374bar.example.com.", r"f\252bar.example.com."),
        (r"\101.example.com.", "a.example.com."),
    ],
)
def test_names_are_read_as_route53_tells_them(told: str, canonical: str) -> None:
    assert decode_name(told) == canonical


@pytest.mark.parametrize(
    ("canonical", "asked"),
    [
        ("*.example.com.", "*.example.com."),
        (r"a\.b.example.com.", r"a\056b.example.com."),
        ("0/63.example.com.", r"0\05763.example.com."),
        (r"f\252bar.example.com.", r"f\374bar.example.com."),
        (r"back\\slash.example.com.", r"back\134slash.example.com."),
    ],
)
def test_names_are_written_as_route53_takes_them(canonical: str, asked: str) -> None:
    assert encode_name(canonical) == asked


@given(odd_names | names)
def test_every_name_comes_back_from_route53_as_it_went(name: DnsName) -> None:
    assert decode_name(encode_name(name)) == name
    assert decode_name(normal_name(encode_name(name))) == name


@pytest.mark.parametrize("text", ["", "relative", "a..b.", f"{'a' * 64}.example.com.", f"{'a.' * 128}", "\u00e4."])
def test_what_is_no_name_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        encode_name(text)


@pytest.mark.parametrize("text", ["a..b.", f"{'@' * 64}.example.com."])
def test_what_is_no_name_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is no domain name"):
        decode_name(text)


def test_the_root_is_a_name() -> None:
    assert encode_name(decode_name(".")) == "."
