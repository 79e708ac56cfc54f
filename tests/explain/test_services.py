import json
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.health import HealthSettings
from feddns.explain import age, followed, story, story_value
from feddns.model.decisions import Decision
from feddns.model.evidence import Sight, Sighting
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import HostnameWish, Problem
from feddns.model.topology import GLOBAL, Scope
from tests.builders import NOW, a_cluster, a_policy, a_shard, absent, decided, permitting, seen, some_circumstances
from tests.strategies import fleets, labels

EU, EU_A = Scope("eu"), Scope("eu", "a")
scopes = st.one_of(st.just(GLOBAL), st.builds(Scope, labels), st.builds(Scope, labels, labels))


def told(
    decision: Decision, scope: Scope, published: tuple[RecordSet, ...] | None = None, now: float = NOW
) -> list[str]:
    return list(story(decision, scope, decision.records if published is None else published, now))


@given(fleets(), scopes)
def test_the_way_is_the_one_that_a_resolver_takes(fleet: tuple[Sighting, ...], scope: Scope) -> None:
    decision = decided(*fleet)
    by_name = {answer.name: answer for answer in decision.scopes}
    for start in {scope, *(answer.scope for answer in decision.scopes)}:
        passed = followed(decision, start)
        assert bool(passed) is (start in {answer.scope for answer in decision.scopes})
        for step, after in pairwise(passed):
            assert [(record.type, record.values) for record in step.records] == [(CNAME, (after.name,))]
        if passed:
            last = passed[-1].records
            assert not last or last[0].type != CNAME or last[0].values[0] not in by_name


@given(fleets(), st.booleans())
def test_every_story_can_be_told_and_names_every_shard(fleet: tuple[Sighting, ...], is_known: bool) -> None:  # noqa: FBT001 - drawn
    decision = decided(*fleet)
    published = decision.records if is_known else None
    for scope in {GLOBAL, *(answer.scope for answer in decision.scopes)}:
        lines = list(story(decision, scope, published, NOW))
        assert all("\n" not in line for line in lines)
        assert "  the zone still has:" not in lines
        for verdict in decision.verdicts:
            assert any(line.startswith(f"  {verdict.cluster} (") for line in lines)
        value = json.loads(msgspec.json.encode(story_value(decision, scope, published)))
        assert [shard["cluster"] for shard in value["shards"]] == [verdict.cluster for verdict in decision.verdicts]
        assert [answer["name"] for answer in value["answers"]] == [s.name for s in followed(decision, scope)]


def test_a_failover_reads_from_the_asked_name_up_to_the_answer() -> None:
    decision = decided(seen(a_cluster("eu", "eu", "a"), "192.0.2.1", ready=0), seen(a_cluster("us", "us"), "192.0.2.2"))
    assert told(decision, EU_A, now=NOW + 75) == [
        "nginx.mynamespace.ufp.svc.a.eu.example.com. (zone a of eu)",
        "  180 CNAME nginx.mynamespace.ufp.svc.eu.example.com.",
        "  because: no healthy shard in zone a of eu: leads to region eu",
        "  - eu: EndpointSlices: no endpoints",
        "then nginx.mynamespace.ufp.svc.eu.example.com. (region eu)",
        "  180 CNAME nginx.mynamespace.ufp.svc.example.com.",
        "  because: no healthy shard in region eu: leads to global",
        "  - eu: EndpointSlices: no endpoints",
        "then nginx.mynamespace.ufp.svc.example.com. (global)",
        "  180 A 192.0.2.2",
        "  because: addresses of 1 shard",
        "  - eu: EndpointSlices: no endpoints",
        "  + us: healthy",
        "shards considered:",
        "  eu (eu, a): Unhealthy for 1m15s",
        "    EndpointSlices: no endpoints",
        "    load balancer: 192.0.2.1",
        "  us (us): Healthy for 1m15s",
        "    EndpointSlices: 1 of 1 endpoints ready",
        "    load balancer: 192.0.2.2",
    ]


def test_what_the_zone_has_instead_is_shown() -> None:
    before = decided(seen(a_cluster("us"), "192.0.2.1")).records
    after = decided(seen(a_cluster("us"), "192.0.2.9"), published=before)
    lines = told(after, GLOBAL, before)
    at = lines.index("  the zone still has:")
    assert lines[at - 2] == "  180 A 192.0.2.9"
    assert lines[at + 1] == "    180 A 192.0.2.1"
    assert "    no records" in told(after, GLOBAL, ())


def test_a_zone_that_was_not_read_is_not_told_of() -> None:
    decision = decided(seen(a_cluster("us"), "192.0.2.1"))
    assert not [line for line in story(decision, GLOBAL, None, NOW) if "the zone" in line]
    assert story_value(decision, GLOBAL, None)["answers"][0]["published"] is None


def test_a_service_that_no_cluster_has_is_told_so() -> None:
    decision = decided(absent(a_cluster("us")))
    assert told(decision, EU) == [
        "mynamespace/nginx has no name in region eu",
        "shards considered:",
        "  none: no cluster has this service as a LoadBalancer that is federated",
    ]


def test_problems_of_shards_and_of_the_service_are_told() -> None:
    problem = Problem("HostnameNotResolved", "load balancer host name lb.test.: no answer")
    us = Sighting(a_cluster("us"), a_shard("us", "192.0.2.1", ttl_s=60, problems=(problem,)))
    eu = Sighting(a_cluster("eu"), a_shard("eu", "192.0.2.2", ttl_s=30))
    decision = decided(us, eu)
    lines = told(decision, GLOBAL)
    assert "    HostnameNotResolved: load balancer host name lb.test.: no answer" in lines
    assert lines[-1].startswith("problem: TTLsDiffer: mynamespace/nginx: clusters disagree")
    value = story_value(decision, GLOBAL, ())
    assert value["shards"][1]["problems"] == [problem.text]
    assert [problem["reason"] for problem in value["problems"]] == ["TTLsDiffer"]


def test_a_cluster_that_cannot_be_seen_has_its_place_and_the_age_of_the_silence() -> None:
    us = a_cluster("us", "us")
    first = decided(seen(us, "192.0.2.1"))
    lost = msgspec.structs.replace(a_cluster("us", "us", sight=Sight.LOST), since=NOW - 3_700, reason="no route")
    lines = told(decided(absent(lost), published=first.records, before=first), GLOBAL)
    assert "  + us: cannot be seen: its last answer stays" in lines
    assert "  us (us): Unknown for 0s" in lines
    assert "    watch: no route (for 1h1m)" in lines
    assert "  us (no region known): Unknown for 1m40s" in told(
        decided(absent(a_cluster("us", sight=Sight.UNSEEN))), GLOBAL
    )


def test_a_services_hostnames_are_told_with_where_they_lead() -> None:
    wishes = (HostnameWish("eu.example.com.", "eu"), HostnameWish("www.example.com."))
    eu = Sighting(a_cluster("eu", "eu"), a_shard("eu", "192.0.2.1", wishes=wishes))
    decision = decided(eu, policy=permitting(a_policy()))
    lines = told(decision, GLOBAL)
    at = lines.index("hostnames:")
    assert lines[at + 1 : at + 4] == [
        "  eu.example.com. leads to the name in region eu",
        "  www.example.com. leads to the global name",
        "shards considered:",
    ]
    value = json.loads(msgspec.json.encode(story_value(decision, GLOBAL, None)))
    assert value["hostnames"][1] == {
        "hostname": "www.example.com.",
        "scope": "global",
        "clusters": ["eu"],
        "records": [{"type": "CNAME", "ttl": 180, "values": ["nginx.mynamespace.ufp.svc.example.com."]}],
        "because": "leads to the global name",
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0.9, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (61, "1m1s"),
        (3_600, "1h"),
        (3_661, "1h1m"),
        (86_400, "1d"),
        (90_061, "1d1h"),
        (86_405, "1d5s"),
        (400 * 86_400, "400d"),
    ],
)
def test_an_age_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert age(seconds) == text


@given(st.integers(0, 10**9))
def test_an_age_is_never_more_than_it_was_and_close_to_it(seconds: int) -> None:
    sizes = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    total, number, smallest = 0, "", 86_400
    for char in age(seconds):
        if char.isdigit():
            number += char
        else:
            smallest = sizes[char]
            total, number = total + int(number) * smallest, ""
    assert total <= seconds
    assert seconds - total < max(smallest, 3_600)


def test_what_is_pending_is_told_with_when_it_takes_effect() -> None:
    eu, us = a_cluster("eu", "eu", "eu-a"), a_cluster("us", "us")
    circumstances = some_circumstances(HealthSettings(settle=3.0))
    first = decided(seen(eu, "192.0.2.1"), seen(us, "192.0.2.2"), circumstances=circumstances)
    sick = (seen(eu, "192.0.2.1", ready=0), seen(us, "192.0.2.2"))
    settling = decided(*sick, published=first.records, before=first, circumstances=circumstances, now=NOW + 1)
    lines = told(settling, GLOBAL, now=NOW + 2)
    assert "    pending: leaves every answer, in 2s (for 1s)" in lines
    assert "  + eu: healthy" in lines
    (shard,) = (each for each in story_value(settling, GLOBAL, None)["shards"] if each["cluster"] == "eu")
    assert shard["pending"] == [{"text": "leaves every answer", "since": NOW + 1, "due": NOW + 4, "brake": None}]
    assert [piece["against"] for piece in shard["evidence"]] == [True, False]
