import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.errors import InvalidNameError
from feddns.model.records import ZoneName
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.naming import Names
from tests.strategies import keys, labels

NAMES = Names.of("fed", "Example.COM")


@given(keys, st.sampled_from([0, 1, 2]), labels, labels)
def test_a_name_leads_back_to_its_service_and_scope(key: ServiceKey, depth: int, region: str, zone: str) -> None:
    scope = (GLOBAL, Scope(region), Scope(region, zone))[depth]
    assert NAMES.parse(NAMES.name(key, scope)) == (key, scope)


@given(st.text(max_size=80))
def test_any_text_is_parsed_without_raising(text: str) -> None:
    parsed = NAMES.parse(text)
    assert parsed is None or NAMES.name(*parsed) == text


def test_the_scheme_is_that_of_kubernetes_cluster_federation() -> None:
    key = ServiceKey("mynamespace", "nginx")
    assert (
        NAMES.name(key, Scope("us-east1", "us-east1-b")) == "nginx.mynamespace.fed.svc.us-east1-b.us-east1.example.com."
    )
    assert NAMES.name(key, Scope("us-east1")) == "nginx.mynamespace.fed.svc.us-east1.example.com."
    assert NAMES.name(key, GLOBAL) == "nginx.mynamespace.fed.svc.example.com."


@pytest.mark.parametrize(
    "name",
    [
        "nginx.mynamespace.other.svc.example.com.",
        "nginx.mynamespace.fed.svc.example.org.",
        "nginx.mynamespace.fed.svc.a.b.c.example.com.",
        "mynamespace.fed.svc.example.com.",
        "_feddns.fed.svc.example.com.",
        "*.mynamespace.fed.svc.example.com.",
        "example.com.",
    ],
)
def test_names_of_others_are_not_ours(name: str) -> None:
    assert NAMES.parse(name) is None


@pytest.mark.parametrize(
    ("service", "zone", "blamed"),
    [
        ("x" * 64, "example.com", "x" * 64),
        ("under_score", "example.com", "under_score"),
        ("s", "d." * 122 + "com", "octets"),
    ],
)
def test_a_name_that_dns_cannot_hold_is_refused_and_says_why(service: str, zone: str, blamed: str) -> None:
    with pytest.raises(InvalidNameError, match=blamed):
        Names.of("fed", zone).name(ServiceKey("ns", service), GLOBAL)


def test_names_of_a_zone_inside_that_is_written_too_are_not_taken_for_names_of_a_region() -> None:
    zones = [ZoneName("example.com."), ZoneName("corp.example.com."), ZoneName("notexample.com.")]
    outer, inner = Names.of("fed", "example.com", zones), Names.of("fed", "corp.example.com", zones)
    name = "nginx.shop.fed.svc.eu.corp.example.com."
    assert outer.parse(name) is None
    assert inner.parse(name) == (ServiceKey("shop", "nginx"), Scope("eu"))
    assert Names.of("fed", "example.com").parse(name) == (ServiceKey("shop", "nginx"), Scope("corp", "eu"))
    with pytest.raises(InvalidNameError, match="a zone of its own"):
        outer.name(ServiceKey("shop", "nginx"), Scope("corp"))
    assert outer.parse("nginx.shop.fed.svc.eu.example.com.") == (ServiceKey("shop", "nginx"), Scope("eu"))
