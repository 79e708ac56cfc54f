"""A tenant who wants another's name: what annotations can be made to say, and what comes of it.

The tenant has the namespace `mallory`; `hostnames` gives it `mallory.example.com` and nothing else. `www.example.com`
is the shop's.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.annotations import read_annotations
from feddns.config.settings import HostnameSettings
from feddns.model.records import ZoneName
from feddns.model.services import HostnameWish, ServiceKey
from feddns.model.topology import ClusterName
from feddns.naming import Names
from feddns.records.permits import Permits, Permitted, Wished, permit

MALLORY = ServiceKey("mallory", "web")
SHOP = ServiceKey("shop", "web")
NAMES = Names.of("fed", "example.com")
DOMAINS = (
    HostnameSettings("mallory.example.com", ("mallory",)),
    HostnameSettings("example.com", ("shop",)),
)
PERMITS = Permits(NAMES, (NAMES.zone, ZoneName("example.org.")), DOMAINS)
WANTED = "www.example.com"


def granted(annotation: str, regions: Sequence[str] = ("us",), key: ServiceKey = MALLORY) -> tuple[Permitted, ...]:
    """What a Service with this annotation may have."""
    wishes, _ = read_annotations({"feddns.io/hostname": annotation}, "here")
    permitted, _ = permit(key, [Wished(wish, ClusterName("us")) for wish in wishes.hostname], regions, PERMITS)
    return permitted


@pytest.mark.parametrize(
    "annotation",
    [
        WANTED,
        f"{WANTED}.",
        f"{WANTED}..",
        f".{WANTED}",
        "WWW.Example.COM",
        "www.example.com\n",
        "www.example.com\0",
        "www.example.com,mallory",
        "mallory.example.com/../www.example.com",
        "www\\.example.com",
        "ww\\119.example.com",
        "www.example.com=us",
        "www.example.com=mallory.example.com",
        "*.example.com",
        "*",
        "example.com",
        "com",
        ".",
        "_feddns.www.example.com",
        "_feddns.fed.svc.example.com",
        "fed.svc.example.com",
        "web.shop.fed.svc.example.com",
        "mallory.example.com.example.com",
        "evilmallory.example.com",
        "xmallory.example.com",
        "mallory.example.com.evil.net",
        "www.example.org",
        "\uff57\uff57\uff57.example.com",  # wide letters, which IDNA maps to narrow ones
        "w\u200dww.example.com",
        "www\u3002example.com",
        "{region}.example.com",
        "{region}{region}.example.com",
        "{region}",
        "{REGION}.example.com",
        "a" * 64 + ".mallory.example.com",
        ".".join(["a"] * 130) + ".mallory.example.com",
    ],
)
@pytest.mark.parametrize("regions", [("www",), ("us", "www"), ()])
def test_no_spelling_gets_what_is_not_permitted(annotation: str, regions: Sequence[str]) -> None:
    """Also where a hostile cluster calls its region like the name that is wanted."""
    assert granted(annotation, regions) == ()


def test_what_is_permitted_is_granted_and_to_nobody_else() -> None:
    asked = "a.mallory.example.com, B.Mallory.example.com., {region}.mallory.example.com"
    assert [each.hostname for each in granted(asked)] == [
        "a.mallory.example.com.",
        "b.mallory.example.com.",
        "us.mallory.example.com.",
    ]
    assert granted(asked, key=ServiceKey("mallory2", "web")) == ()
    assert granted(WANTED, key=SHOP)


@given(st.text(st.sampled_from("wW.*\\_{}=, \n\0-amlory12\u212a\u0130\uff0e") | st.characters(), max_size=40))
def test_whatever_stands_before_it_all_that_is_granted_lies_in_the_tenants_domain(text: str) -> None:
    for annotation in (text, f"{text}.example.com", f"{text}{WANTED}", f"{text}.mallory.example.com"):
        for each in granted(annotation, ("us", "www")):
            assert each.hostname == "mallory.example.com." or each.hostname.endswith(".mallory.example.com.")


def test_two_tenants_who_are_both_permitted_do_not_take_from_each_other() -> None:
    """Who has the ownership in the zone keeps it: `tests/plan/test_hostnames.py` plays that through."""
    both = Permits(NAMES, (NAMES.zone,), (HostnameSettings("example.com", ("*",)),))
    wish = [Wished(HostnameWish(f"{WANTED}."), ClusterName("us"))]
    assert [permit(key, wish, (), both)[0][0].hostname for key in (SHOP, MALLORY)] == [f"{WANTED}."] * 2
