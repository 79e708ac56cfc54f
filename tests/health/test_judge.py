import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.health.judge import judge
from feddns.model.evidence import Sight, Sighting
from feddns.model.services import ReadyEndpoints, Shard
from feddns.model.topology import Topology
from feddns.model.verdicts import Health, Verdict
from tests.builders import NOW, a_cluster, a_shard, absent, seen
from tests.strategies import sightings

VISIBLE = (Sight.VISIBLE,)
befores = st.none() | sightings("one", VISIBLE).map(lambda sighting: judge(sighting, None, NOW - 50))


def judged(sighting: Sighting, before: Verdict | None = None, now: float = NOW) -> Verdict:
    verdict = judge(sighting, before, now)
    assert verdict is not None
    return verdict


def in_zones(ready: ReadyEndpoints, *zones: str) -> Verdict:
    shard = msgspec.structs.replace(a_shard("one", "192.0.2.1"), ready=ready)
    return judged(Sighting(a_cluster("one", "eu", *zones), shard))


@given(sightings("one", VISIBLE), befores)
def test_a_visible_shard_is_healthy_if_and_only_if_it_has_endpoints_and_a_load_balancer(
    sighting: Sighting, before: Verdict | None
) -> None:
    verdict = judge(sighting, before, NOW)
    if sighting.shard is None:
        assert verdict is None
        return
    assert verdict is not None
    healthy = sighting.shard.ready.total > 0 and bool(
        sighting.shard.addresses or sighting.resolved or sighting.shard.hostnames
    )
    assert verdict.health is (Health.HEALTHY if healthy else Health.UNHEALTHY)
    expected = {*sighting.shard.addresses, *sighting.resolved} if healthy else set[str]()
    assert verdict.addresses == tuple(sorted(expected))
    assert set(verdict.zones) <= set(verdict.topology.zones)
    assert healthy or verdict.zones == verdict.hostnames == ()


@given(sightings("one", VISIBLE), st.floats(1, 1e6))
def test_a_cluster_that_is_lost_leaves_its_shard_as_it_was_last_seen(sighting: Sighting, later_s: float) -> None:
    before = judge(sighting, None, NOW)
    lost = absent(a_cluster("one", "elsewhere", "z", sight=Sight.LOST))
    after = judge(lost, before, NOW + later_s)
    if before is None:
        assert after is None
        return
    assert after is not None
    assert after.health is Health.UNKNOWN
    kept = ("topology", "zones", "addresses", "hostnames", "shard")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.evidence[1:] == before.evidence
    again = judge(lost, after, NOW + later_s + 5)
    assert again == after  # since when it is unknown does not move, nor does the evidence pile up


@given(sightings("one", VISIBLE), befores)
def test_since_moves_only_with_the_health(sighting: Sighting, before: Verdict | None) -> None:
    verdict = judge(sighting, before, NOW)
    if verdict is None:
        return
    if before is None:
        assert verdict.since == NOW
    else:
        assert verdict.since == (before.since if before.health is verdict.health else NOW)


def test_a_cluster_that_was_never_seen_says_nothing_of_its_shard() -> None:
    cluster = msgspec.structs.replace(a_cluster("one", sight=Sight.UNSEEN), reason="not listed yet: services")
    verdict = judged(absent(cluster))
    assert (verdict.health, verdict.addresses, verdict.shard) == (Health.UNKNOWN, (), None)
    assert [(piece.source, piece.text, piece.since) for piece in verdict.evidence] == [
        ("watch", "not listed yet: services", cluster.since)
    ]


def test_a_cluster_that_is_lost_without_a_reason_has_some_words_anyway() -> None:
    verdict = judged(absent(a_cluster("one", sight=Sight.LOST)), judge(seen(a_cluster("one"), "192.0.2.1"), None, NOW))
    assert verdict.evidence[0].text == "the cluster cannot be seen"


@pytest.mark.parametrize(
    ("ready", "zones"),
    [
        (ReadyEndpoints(2, (("a", 2),)), ("a",)),
        (ReadyEndpoints(2, (("a", 1), ("b", 1))), ("a", "b")),
        (ReadyEndpoints(2, (("a", 1),)), ("a", "b")),
        (ReadyEndpoints(1, (("elsewhere", 1),)), ("a", "b")),
        (ReadyEndpoints(1), ("a", "b")),
        (ReadyEndpoints(0, (), 3), ()),
    ],
    ids=["one zone", "both", "one endpoint without a zone", "a zone not of the cluster", "no zones told", "not ready"],
)
def test_the_zones_of_a_shard_are_those_of_its_ready_endpoints(ready: ReadyEndpoints, zones: tuple[str, ...]) -> None:
    assert in_zones(ready, "a", "b").zones == zones


def test_a_cluster_without_zones_has_none_whatever_its_endpoints_say() -> None:
    assert judged(Sighting(a_cluster("one", "eu"), a_shard("one", "192.0.2.1"))).zones == ()
    assert in_zones(ReadyEndpoints(1, (("a", 1),))).zones == ()


def test_a_load_balancer_whose_host_name_is_not_resolved_yet_is_one_all_the_same() -> None:
    shard = a_shard("one", hostnames=("lb.cloud.test.",))
    verdict = judged(Sighting(a_cluster("one", "eu"), shard, unresolved=("lb.cloud.test.",)))
    assert (verdict.health, verdict.addresses) == (Health.HEALTHY, ())
    assert verdict.hostnames == ("lb.cloud.test.",)


def evidence(shard: Shard, *resolved: str) -> dict[str, str]:
    verdict = judged(Sighting(a_cluster("one"), shard, resolved))
    return {piece.source: piece.text for piece in verdict.evidence}


def test_the_evidence_counts_endpoints_and_names_the_load_balancer() -> None:
    shard = msgspec.structs.replace(a_shard("one", "192.0.2.1"), ready=ReadyEndpoints(2, (), 1))
    assert evidence(shard) == {"EndpointSlices": "2 of 3 endpoints ready", "load balancer": "192.0.2.1"}


def test_the_evidence_tells_of_a_pending_load_balancer_and_of_no_endpoints() -> None:
    assert evidence(a_shard("one", ready=0)) == {
        "EndpointSlices": "no endpoints",
        "load balancer": "pending: its status has no ingress",
    }


def test_the_evidence_tells_what_a_host_name_leads_to() -> None:
    shard = a_shard("one", hostnames=("lb.cloud.test.",))
    assert evidence(shard)["load balancer"] == "lb.cloud.test. (no address known yet)"
    assert evidence(shard, "192.0.2.5")["load balancer"] == "lb.cloud.test. (192.0.2.5)"


def test_a_shard_that_is_judged_first_has_the_time_of_its_endpoints_but_none_in_the_future() -> None:
    for changed_at, since in ((NOW - 70, NOW - 70), (NOW + 70, NOW), (None, NOW)):
        ready = ReadyEndpoints(1, changed_at=changed_at)
        sighting = Sighting(a_cluster("one"), a_shard("one", "192.0.2.1"))
        assert sighting.shard is not None
        shard = msgspec.structs.replace(sighting.shard, ready=ready)
        assert judged(Sighting(a_cluster("one"), shard)).since == since


def test_a_shard_that_is_seen_again_is_judged_anew_where_it_stands_now() -> None:
    lost = judged(absent(a_cluster("one", sight=Sight.LOST)), judged(seen(a_cluster("one", "eu"), "192.0.2.1")))
    back = judged(seen(a_cluster("one", "us", "us-a"), "192.0.2.2"), lost, NOW + 9)
    assert (back.health, back.topology, back.addresses) == (Health.HEALTHY, Topology("us", ("us-a",)), ("192.0.2.2",))
    assert back.since == NOW + 9
