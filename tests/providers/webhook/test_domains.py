"""A domain filter means here what it means in ExternalDNS."""

import msgspec
import pytest

from feddns.model.records import ZoneName
from feddns.providers.webhook.domains import DomainFilter


def read(text: str) -> DomainFilter:
    return msgspec.json.decode(text, type=DomainFilter)


@pytest.mark.parametrize(
    ("text", "served", "not_served"),
    [
        ("{}", ["a.example.com.", "example.com."], []),
        ('{"include": null, "exclude": []}', ["example.com."], []),
        ('{"include": ["example.com"]}', ["example.com.", "a.b.example.com."], ["example.org.", "badexample.com."]),
        ('{"include": ["Example.COM."]}', ["example.com."], ["com."]),
        ('{"filters": ["example.com"]}', ["a.example.com."], ["example.org."]),
        ('{"include": [".example.com"]}', ["a.example.com."], ["example.com.", "badexample.com."]),
        ('{"include": ["", " "]}', ["example.com."], []),
        ('{"include": ["b\\u00fccher.example"]}', ["a.xn--bcher-kva.example."], ["a.bucher.example."]),
        ('{"include": ["example.com"], "exclude": ["x.example.com"]}', ["y.example.com."], ["a.x.example.com."]),
        ('{"exclude": ["example.org"]}', ["example.com."], ["a.example.org.", "example.org."]),
        ('{"regexInclude": "\\\\.example\\\\.com$"}', ["a.example.com."], ["example.com.", "a.example.org."]),
        ('{"regexExclude": "^internal"}', ["a.example.com."], ["internal.example.com."]),
        ('{"regexInclude": "com$", "regexExclude": "^x"}', ["a.com."], ["x.com.", "a.org."]),
        ('{"regexInclude": "\\\\pL+[", "regexExclude": "\\\\z("}', ["a.example.com."], []),
    ],
)
def test_names_are_served_or_not(text: str, served: list[str], not_served: list[str]) -> None:
    domains = read(text)
    assert [name for name in (*served, *not_served) if domains.matches(name)] == served


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ('{"include": ["com"]}', True),
        ('{"include": ["fed.example.com"]}', True),
        ('{"include": [".fed.example.com"]}', True),
        ('{"include": ["other.fed.example.com"]}', False),
        ('{"include": ["example.com"], "exclude": ["fed.example.com"]}', False),
        ('{"regexInclude": "fed\\\\.example\\\\.com$"}', True),
        ('{"regexInclude": "^[a-z]+\\\\.fed"}', True),
        ('{"regexInclude": "org$"}', False),
    ],
)
def test_a_zone_is_covered_where_its_names_are_served(text: str, covered: bool) -> None:  # noqa: FBT001  # a parameter
    assert read(text).covers(ZoneName("fed.example.com.")) is covered


def test_a_filter_is_told_in_words() -> None:
    assert str(read("{}")) == "everything"
    assert str(read('{"include": ["a.b", "c.d"], "exclude": ["x.a.b"]}')) == "names in a.b, c.d, not names in x.a.b"
    assert str(read('{"regexInclude": "^a", "include": ["ignored"]}')) == "what matches ^a"
    assert str(read('{"regexExclude": "^b"}')) == "not what matches ^b"


def test_its_zones_are_the_domains_that_it_names() -> None:
    assert read('{"include": ["a.b.", ".c.d", "not a name", "E.f"]}').zones() == {"a.b.", "e.f."}
    assert read('{"regexInclude": "a"}').zones() == frozenset()
