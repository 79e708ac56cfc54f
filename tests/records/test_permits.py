import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.settings import HostnameSettings
from feddns.model.labels import is_within
from feddns.model.records import DnsName, ZoneName
from feddns.model.services import HostnameWish, ServiceKey
from feddns.model.topology import ClusterName
from feddns.naming import Names
from feddns.records.permits import Permits, Permitted, Wished, called, permit
from tests.builders import FED

KEY = ServiceKey("team-a", "nginx")
INNER = ZoneName("eu.example.com.")
hostnames = st.sampled_from(
    [
        "example.com.",
        "www.example.com.",
        "eu.example.com.",
        "www.eu.example.com.",
        "weu.example.com.",
        "www.example.net.",
        "fed.svc.example.com.",
        "nginx.team-a.fed.svc.example.com.",
        "a.b.c.d.fed.svc.example.com.",
        "svc.example.com.",
        "{region}.example.com.",
    ]
)
domains = st.sampled_from(["example.com", "EXAMPLE.com.", "www.example.com", "eu.example.com", "example.net"])
patterns = st.sampled_from(["*", "team-*", "team-a", "shop"])
entries = st.lists(
    st.builds(HostnameSettings, domains, st.lists(patterns, min_size=1, max_size=2).map(tuple)), max_size=3
)


def rules(*allowed: HostnameSettings, zones: tuple[ZoneName, ...] = (FED.zone,), names: Names = FED) -> Permits:
    return Permits(names, zones, allowed)


def one(hostname: str, *allowed: HostnameSettings, region: str = "") -> tuple[list[str], list[str]]:
    wished = Wished(HostnameWish(hostname, region), ClusterName("eu"))
    permitted, problems = permit(KEY, [wished], ("eu", "us"), rules(*allowed))
    return [each.hostname for each in permitted], [problem.text for problem in problems]


NEEDED = "an entry {domain: example.com, namespaces: [team-a]} under `hostnames`"
ALL = HostnameSettings("example.com", ("*",))


@given(hostnames, entries)
def test_a_hostname_is_permitted_if_and_only_if_an_entry_allows_it_to_the_namespace(
    hostname: str, allowed: list[HostnameSettings]
) -> None:
    permitted, problems = one(hostname, *allowed)
    expanded = [hostname.replace("{region}", region) for region in ("eu", "us")] if "{" in hostname else [hostname]
    theirs = [entry for entry in allowed if {"*", "team-*", "team-a"} & set(entry.namespaces)]
    for each in expanded:
        is_allowed = any(is_within(each, entry.domain.lower().removesuffix(".") + ".") for entry in theirs)
        is_free = is_within(each, FED.zone) and ".fed.svc." not in f".{each}"
        assert (each in permitted) is (is_allowed and is_free)
    assert len(permitted) + len(problems) == len(expanded)


@given(hostnames)
def test_of_several_zones_the_innermost_has_a_hostname_and_no_other_tells_of_it(hostname: str) -> None:
    zones = (FED.zone, INNER)
    wished = [Wished(HostnameWish(hostname), ClusterName("eu"))]
    everything = (ALL, HostnameSettings("example.net", ("*",)))
    outer, outer_problems = permit(KEY, wished, (), rules(*everything, zones=zones))
    inner, inner_problems = permit(KEY, wished, (), rules(*everything, zones=zones, names=Names.of("fed", INNER)))
    assert not outer or not inner
    assert all(is_within(each.hostname, INNER) for each in inner)
    assert not any(is_within(each.hostname, INNER) for each in outer)
    in_none = [problem for problem in outer_problems if problem.reason == "HostnameInNoZone"]
    assert in_none == [problem for problem in inner_problems if problem.reason == "HostnameInNoZone"]


@pytest.mark.parametrize(
    ("hostname", "allowed", "expected"),
    [
        (
            "www.example.net.",
            [ALL],
            "hostname www.example.net. is in no zone that is written: example.com.",
        ),
        (
            "web.fed.svc.example.com.",
            [ALL],
            "hostname web.fed.svc.example.com. is among the names that federation fed makes",
        ),
        (
            "fed.svc.example.com.",
            [ALL],
            "hostname fed.svc.example.com. is among the names that federation fed makes",
        ),
        (
            "www.example.com.",
            [HostnameSettings("example.com", ("shop",))],
            f"hostname www.example.com. is not allowed to namespace team-a; {NEEDED} would allow it",
        ),
        (
            "{region}" + "a" * 62 + ".example.com.",
            [ALL],
            f"hostname eu{'a' * 62}.example.com. is too long, or a label of it is, once the region stands in it",
        ),
    ],
)
def test_what_is_refused_is_told_with_what_would_be_right(
    hostname: str, allowed: list[HostnameSettings], expected: str
) -> None:
    permitted, problems = one(hostname, *allowed)
    assert permitted == []
    assert problems[0] == f"team-a/nginx: {expected}"


def test_who_asks_is_told_and_each_region_has_its_own() -> None:
    wished = [
        Wished(HostnameWish("{region}.example.com."), ClusterName("eu-1")),
        Wished(HostnameWish("eu.example.com.", "eu"), ClusterName("eu-0")),
        Wished(HostnameWish("www.example.com."), None),
    ]
    assert permit(KEY, wished, ("eu", "us"), rules(ALL)) == (
        (
            Permitted(DnsName("eu" + ".example.com."), "eu", (ClusterName("eu-0"), ClusterName("eu-1"))),
            Permitted(DnsName("us" + ".example.com."), "us", (ClusterName("eu-1"),)),
            Permitted(DnsName("www" + ".example.com."), "", ()),
        ),
        (),
    )


def test_what_stays_from_before_is_no_disagreement() -> None:
    wished = [
        Wished(HostnameWish("www.example.com.", "us"), ClusterName("us")),
        Wished(HostnameWish("www.example.com.", "eu"), None),
    ]
    (permitted,), problems = permit(KEY, wished, ("eu", "us"), rules(ALL))
    assert (permitted.region, permitted.clusters, problems) == ("eu", (), ())


def test_a_name_is_called_by_its_region() -> None:
    assert (called(""), called("eu")) == ("the global name", "the name in region eu")
