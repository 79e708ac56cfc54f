"""The fake refuses what the service refuses, by the rules that are published."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.providers.fakes.clouddns.project import Project, Request
from tests.providers.fakes.clouddns.refusal import Refused
from tests.providers.fakes.clouddns.zone import Quota, Zone

Json = dict[str, Any]
WEIGHTED = {"wrr": {"items": [{"weight": 1.0, "rrdatas": ["192.0.2.1"]}]}}


def a_set(name: str = "www.example.com.", kind: str = "A", *rrdatas: str, ttl: int = 60, **more: Any) -> Json:
    return {"name": name, "type": kind, "ttl": ttl, "rrdatas": list(rrdatas) or ["192.0.2.1"], **more}


def routed(name: str = "www.example.com.", **policy: Any) -> Json:
    return {"name": name, "type": "A", "ttl": 60, "routingPolicy": policy or WEIGHTED}


@pytest.fixture
def zone() -> Zone:
    return Zone("z", "example.com.")


def refused(zone: Zone, quota: Quota | None = None, **change: Any) -> Refused:
    """A change that is refused, and leaves everything as it was."""
    before = copy.deepcopy((zone.rrsets, zone.changes))
    with pytest.raises(Refused) as refusal:
        zone.change(change, quota or Quota())
    assert (zone.rrsets, zone.changes) == before
    return refusal.value


def reasons(refusal: Refused) -> tuple[int, list[str]]:
    return refusal.status, [cause.reason for cause in refusal.causes]


def test_a_change_without_anything_is_refused(zone: Zone) -> None:
    assert reasons(refused(zone)) == (400, ["required"])
    assert reasons(refused(zone, additions=[], deletions=[])) == (400, ["required"])


@pytest.mark.parametrize("field", ["name", "type", "ttl", "rrdatas"])
def test_every_field_of_a_record_set_is_required(zone: Zone, field: str) -> None:
    part = {key: value for key, value in a_set().items() if key != field}
    assert reasons(refused(zone, additions=[part])) == (400, ["required"])


@pytest.mark.parametrize(
    ("record_set", "place"),
    [
        (a_set("www.example.net."), "name"),
        (a_set("www.evilexample.com."), "name"),
        (a_set("www.example.com"), "name"),
        (a_set(f"{'a' * 64}.example.com."), "name"),
        (a_set("a..example.com."), "name"),
        (a_set("w*w.example.com."), "name"),
        (a_set("www.*.example.com."), "name"),
        (a_set(kind="TYPE65280"), "type"),
        (a_set(kind="ALIAS"), "type"),
        (a_set(ttl=-1), "ttl"),
        (a_set("www.example.com.", "A", "192.0.2"), "rrdata[0]"),
        (a_set("www.example.com.", "A", "192.0.2.1", "192.0.2.300"), "rrdata[1]"),
        (a_set("www.example.com.", "A", "192.0.2.1", "192.0.2.1"), "rrdata[1]"),
        (a_set("www.example.com.", "A", "2001:db8::1"), "rrdata[0]"),
        (a_set("www.example.com.", "AAAA", "192.0.2.1"), "rrdata[0]"),
        (a_set("www.example.com.", "CNAME", "no.final.dot"), "rrdata[0]"),
        (a_set("www.example.com.", "CNAME", "a.example.net.", "b.example.net."), "rrdata"),
        (a_set("www.example.com.", "MX", "10 mail"), "rrdata[0]"),
        (a_set("www.example.com.", "MX", "mail.example.net."), "rrdata[0]"),
        (a_set("www.example.com.", "TXT", '"never ends'), "rrdata[0]"),
        (a_set("www.example.com.", "TXT", f'"{"x" * 256}"'), "rrdata[0]"),
        (a_set("www.example.com.", "TXT", 'un"quoted'), "rrdata[0]"),
        (a_set(routingPolicy=WEIGHTED), "routingPolicy"),
        (routed(wrr=WEIGHTED["wrr"], geo={"items": []}), "routingPolicy"),
        (routed(healthCheck="h"), "routingPolicy"),
        (routed(wrr={"items": [{"weight": 1.0, "rrdatas": ["x"]}]}), "routingPolicy"),
    ],
)
def test_what_is_invalid_is_told_by_its_place(zone: Zone, record_set: Json, place: str) -> None:
    refusal = refused(zone, additions=[a_set("fine.example.com."), record_set])
    assert reasons(refusal) == (400, ["invalid"])
    assert f"'entity.change.additions[1].{place}'" in refusal.causes[0].message


def test_every_quota_that_is_exceeded_is_told(zone: Zone) -> None:
    many = [a_set(f"n{number}.example.com.", "TXT", f'"{"x" * 90}"') for number in range(1_001)]
    told = refused(zone, additions=many, deletions=many)
    assert reasons(told) == (403, ["quotaExceeded"] * 3)
    assert [cause.message.partition("quota for ")[2] for cause in told.causes] == [
        "additions per change.",
        "deletions per change.",
        "total rrdata size per change.",
    ]
    assert zone.change({"additions": many[:1_000]}, Quota())
    assert reasons(refused(zone, Quota(rrsets_per_managed_zone=1_002), additions=[a_set()])) == (403, ["quotaExceeded"])


def test_a_record_set_has_a_hundred_records_at_most(zone: Zone) -> None:
    addresses = [f"10.0.0.{number}" for number in range(101)]
    assert reasons(refused(zone, additions=[a_set("www.example.com.", "A", *addresses)])) == (403, ["quotaExceeded"])
    assert zone.change({"additions": [a_set("www.example.com.", "A", *addresses[:100])]}, Quota())


@pytest.mark.parametrize(
    ("deletion", "status"),
    [
        (a_set("other.example.com."), 404),
        (a_set(kind="AAAA", ttl=60) | {"rrdatas": ["2001:db8::1"]}, 404),
        (a_set("www.example.com.", "A", "192.0.2.1"), 412),
        (a_set("www.example.com.", "A", "192.0.2.2", "192.0.2.1"), 412),
        (a_set("www.example.com.", "A", "192.0.2.1", "192.0.2.2", ttl=61), 412),
        (routed(), 412),
    ],
)
def test_a_deletion_must_be_exactly_what_is_there(zone: Zone, deletion: Json, status: int) -> None:
    zone.change({"additions": [a_set("www.example.com.", "A", "192.0.2.1", "192.0.2.2")]}, Quota())
    refusal = refused(zone, additions=[a_set("new.example.com.")], deletions=[deletion])
    assert reasons(refusal) == (status, ["notFound" if status == 404 else "conditionNotMet"])
    assert "entity.change.deletions[0]" in refusal.causes[0].message


def test_a_routed_set_is_deleted_with_its_policy_alone(zone: Zone) -> None:
    zone.change({"additions": [routed()]}, Quota())
    other = copy.deepcopy(routed())
    other["routingPolicy"]["wrr"]["items"][0]["weight"] = 2.0
    for wrong in (a_set(), other):
        assert reasons(refused(zone, deletions=[wrong])) == (412, ["conditionNotMet"])
    zone.change({"deletions": [routed()]}, Quota())
    assert len(zone.rrsets) == 2


def test_nothing_is_deleted_or_added_twice(zone: Zone) -> None:
    assert reasons(refused(zone, additions=[a_set(), a_set()])) == (409, ["alreadyExists"])
    zone.change({"additions": [a_set()]}, Quota())
    assert reasons(refused(zone, additions=[a_set()])) == (409, ["alreadyExists"])
    assert reasons(refused(zone, deletions=[a_set(), a_set()])) == (404, ["notFound"])


def test_deletions_go_before_additions(zone: Zone) -> None:
    alias = a_set("www.example.com.", "CNAME", "there.example.net.")
    zone.change({"additions": [a_set()]}, Quota())
    zone.change({"additions": [a_set(ttl=61)], "deletions": [a_set()]}, Quota())
    zone.change({"additions": [alias], "deletions": [a_set(ttl=61)]}, Quota())
    assert ("www.example.com.", "A") not in zone.rrsets


@pytest.mark.parametrize(
    ("there", "more"),
    [
        ([a_set()], [a_set("www.example.com.", "CNAME", "there.example.net.")]),
        ([a_set("www.example.com.", "CNAME", "there.example.net.")], [a_set()]),
        ([], [a_set(), a_set("www.example.com.", "CNAME", "there.example.net.")]),
    ],
)
def test_a_cname_stands_alone(zone: Zone, there: list[Json], more: list[Json]) -> None:
    if there:
        zone.change({"additions": there}, Quota())
    refusal = refused(zone, additions=[a_set("fine.example.com."), *more])
    assert reasons(refusal) == (400, ["cnameResourceRecordSetConflict"])
    assert "entity.change.additions[www.example.com.][" in refusal.causes[0].message


@pytest.mark.parametrize("kind", ["SOA", "NS"])
def test_the_apex_keeps_what_makes_it_a_zone(zone: Zone, kind: str) -> None:
    there = {key: value for key, value in zone.rrsets["example.com.", kind].items() if key != "kind"}
    assert reasons(refused(zone, deletions=[there])) == (400, ["invalidZoneApex"])
    zone.change({"deletions": [there], "additions": [there | {"ttl": 5}]}, Quota())


@pytest.mark.parametrize(
    "record_set",
    [
        a_set("example.com.", "CNAME", "there.example.net."),
        a_set("www.example.com.", "SOA", "ns.example.net. host.example.net. 1 2 3 4 5"),
    ],
)
def test_some_types_have_their_place(zone: Zone, record_set: Json) -> None:
    assert reasons(refused(zone, additions=[record_set])) == (400, ["invalidZoneApex"])


def test_an_alias_stands_at_a_public_apex_alone(zone: Zone) -> None:
    alias = a_set("example.com.", "ALIAS", "lb.example.net.")
    assert reasons(refused(Zone("p", "example.com.", private=True), additions=[alias])) == (400, ["invalid"])
    assert zone.change({"additions": [alias]}, Quota())


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("TXT", "word", '"word"'),
        ("TXT", "two words", '"two" "words"'),
        ("TXT", "semi;colon", '"semi;colon"'),
        ("TXT", '"quoted text"', '"quoted text"'),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("CNAME", "There.Example.NET.", "there.example.net."),
        ("MX", "10 Mail.example.net.", "10 Mail.example.net."),
    ],
)
def test_data_are_written_down_in_one_way(zone: Zone, kind: str, given: str, kept: str) -> None:
    zone.change({"additions": [a_set("WWW.example.com.", kind, given)]}, Quota())
    assert zone.rrsets["www.example.com.", kind]["rrdatas"] == [kept]


# --- a project


@pytest.fixture
def project() -> Project:
    project = Project("p", clock=lambda: 0.0)
    project.add_zone("z")
    return project


def ask(verb: str = "GET", path: str = "/dns/v1/projects/p/managedZones/z", body: bytes = b"", **query: str) -> Request:
    return Request(verb, path, query, {}, body)


CHANGES = "/dns/v1/projects/p/managedZones/z/changes"
RRSETS = "/dns/v1/projects/p/managedZones/z/rrsets"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (ask(path="/dns/v1/projects/p/nothing"), 404),
        (ask(path="/dns/v1/projects/p/managedZones/other"), 404),
        (ask(path="/dns/v1/projects/other"), 403),
        (ask(path=f"{CHANGES}/7"), 404),
        (ask("DELETE"), 501),
        (ask(path=RRSETS, limit="7"), 400),
        (ask(path=RRSETS, maxResults="many"), 400),
        (ask(path=RRSETS, maxResults="0"), 400),
        (ask(path=RRSETS, pageToken="x"), 400),
        (ask(path=RRSETS, type="A"), 400),
        (ask(path=CHANGES, sortOrder="descending", sortBy="size"), 400),
        (ask("POST", CHANGES, b"{"), 400),
        (ask("POST", CHANGES, b'{"additions": {}}'), 400),
        (ask("POST", CHANGES, b'{"add": []}'), 400),
        (ask("POST", CHANGES, b'{"additions": [{"name": "a.example.com.", "values": ["x"]}]}'), 400),
        (ask("POST", CHANGES, b'{"additions": [{"name": "a.example.com.", "ttl": "60"}]}'), 400),
        (ask("POST", CHANGES, b'{"additions": [{"name": "a.example.com.", "ttl": 2147483648}]}'), 400),
        (ask("POST", CHANGES, b'{"additions": [], "status": "done"}'), 400),
    ],
)
def test_a_request_that_the_description_does_not_know_is_refused(
    project: Project, request_: Request, status: int
) -> None:
    with pytest.raises(Refused) as refusal:
        project.answer(request_)
    assert refusal.value.status == status


def test_the_fake_fails_on_an_answer_that_the_description_does_not_know(project: Project) -> None:
    project.zones["z"].rrsets["example.com.", "NS"]["invented"] = "by the fake"
    with pytest.raises(Refused) as refusal:
        project.answer(ask(path=RRSETS))
    assert refusal.value.status == 500
    assert "'invented' was unexpected" in project.defects[0]


def test_requests_are_counted_and_limited_by_the_minute() -> None:
    now = 0.0
    project = Project("p", clock=lambda: now)
    project.add_zone("z")
    project.rate.per_minute = 30
    answer: Callable[[], Json] = lambda: project.answer(ask())  # noqa: E731 - asked often
    for _ in range(30):
        answer()
    with pytest.raises(Refused) as refusal:
        answer()
    assert (refusal.value.status, refusal.value.retry_after) == (429, "2")
    now = 2.0
    assert answer()
    with pytest.raises(Refused):
        answer()
    assert project.calls["managedZones.get"] == 33


def test_a_change_is_pending_at_first_and_then_done(project: Project) -> None:
    project.pending_polls = 2
    body = b'{"additions": [{"name": "a.example.com.", "type": "A", "ttl": 5, "rrdatas": ["192.0.2.1"]}]}'
    created = project.answer(ask("POST", CHANGES, body))
    polls = [project.answer(ask(path=f"{CHANGES}/{created['id']}"))["status"] for _ in range(3)]
    assert [created["status"], *polls] == ["pending", "pending", "pending", "done"]


def test_lists_come_in_pages(project: Project) -> None:
    project.zones["z"].change({"additions": [a_set(f"n{number}.example.com.") for number in range(7)]}, Quota())
    names: list[tuple[str, str]] = []
    token: dict[str, str] = {}
    for _ in range(3):
        page = project.answer(Request("GET", RRSETS, {"maxResults": "4"} | token, {}, b""))
        names += [(rrset["name"], rrset["type"]) for rrset in page["rrsets"]]
        token = {"pageToken": page.get("nextPageToken", "")}
    assert token == {"pageToken": ""}
    assert len(set(names)) == len(names) == 9
