import dns.exception
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.names import ancestors, encode_name, is_within

texts = st.text(st.sampled_from("abCD01-_*. \\'\"é\n") | st.characters(max_codepoint=127), max_size=12)


@given(texts.map(lambda text: f"{text}."))
def test_a_name_is_encoded_as_dnspython_does_or_refused_as_it_does(text: str) -> None:
    try:
        expected = dns.name.from_text(text, origin=None, idna_codec=None) if text.isascii() else None
    except (dns.exception.DNSException, ValueError):
        expected = None
    if expected is None or not expected.is_absolute():
        with pytest.raises(ValueError, match="name"):
            encode_name(text)
    else:
        assert encode_name(text) == expected.canonicalize().to_wire()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("www.example.com", "lacks the final dot"),
        ("", "lacks the final dot"),
        ("a..example.com.", "a label has 1 to 63 octets"),
        (f"{'a' * 64}.example.com.", "a label has 1 to 63 octets"),
        ("a." * 128, "longer than 255 octets"),
        ("bücher.example.com.", "only ASCII"),
        ("a\\300.example.com.", "after a backslash"),
        ("a\\", "after a backslash"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        encode_name(text)


def test_the_longest_name_is_one() -> None:
    assert len(encode_name("a." * 127)) == 255


def test_ancestors_go_up_to_the_root() -> None:
    assert list(ancestors(encode_name("a.b.c."))) == [encode_name("b.c."), encode_name("c."), encode_name(".")]


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("example.com.", True),
        ("a.b.example.com.", True),
        ("com.", False),
        (".", False),
        ("xexample.com.", False),
        ("a\\007example.com.", False),
    ],
)
def test_a_name_is_in_a_zone_by_whole_labels(name: str, within: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_within(encode_name(name), encode_name("example.com.")) is within
