import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.labels import absolute, is_hostname, is_within, is_zone_name


@pytest.mark.parametrize("text", ["a.b", "nginx.acme.com", "nginx.acme.com.", "1.a", "xn--bcher-kva.example"])
def test_what_is_a_hostname(text: str) -> None:
    assert is_hostname(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "a", "com.", "A.b", "_a.b", "*.b", "a..b", "a.1", "192.0.2.1", "a.b..", "-a.b", "a." * 127 + "com"],
)
def test_what_is_no_hostname(text: str) -> None:
    assert not is_hostname(text)


@given(st.text(alphabet="ab.-_1", max_size=12))
def test_every_hostname_could_be_a_zone(text: str) -> None:
    assert not is_hostname(text) or is_zone_name(text)


@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("acme.com.", "acme.com.", True),
        ("a.b.acme.com.", "acme.com.", True),
        ("xacme.com.", "acme.com.", False),
        ("com.", "acme.com.", False),
    ],
)
def test_a_name_is_within_a_domain_by_whole_labels(name: str, domain: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_within(name, domain) is expected
    assert is_within(absolute(name.upper()), domain) is expected
