"""What is told of a shard: its health, since when, and the order of the evidence."""

import msgspec
from hypothesis import given

from feddns.model.evidence import Sight, Sighting
from feddns.model.services import ReadyEndpoints
from feddns.model.topology import Topology
from feddns.model.verdicts import Health, Verdict
from tests.builders import HASTY, NOW, Decided, a_cluster, a_shard, absent, decided, seen, some_circumstances
from tests.strategies import sightings

VISIBLE = (Sight.VISIBLE,)
ONE = a_cluster("one", "eu", "a", "b")
A = "192.0.2.1"


def only(found: Decided) -> Verdict:
    (verdict,) = found.assessment.verdicts
    return verdict


@given(sightings("one", VISIBLE))
def test_a_visible_shard_is_healthy_if_and_only_if_it_has_endpoints_and_a_load_balancer(sighting: Sighting) -> None:
    found = decided(sighting)
    if sighting.shard is None:
        assert not found.assessment.verdicts
        return
    verdict = only(found)
    healthy = sighting.shard.ready.total > 0 and bool(
        sighting.shard.addresses or sighting.resolved or sighting.shard.hostnames
    )
    assert verdict.health is (Health.HEALTHY if healthy else Health.UNHEALTHY)
    expected = {*sighting.shard.addresses, *sighting.resolved} if healthy else set[str]()
    assert verdict.addresses == tuple(sorted(expected))
    assert set(verdict.zones) <= set(verdict.topology.zones)
    assert healthy or verdict.zones == verdict.hostnames == ()
    assert not verdict.pending


@given(sightings("one", VISIBLE), sightings("one", VISIBLE))
def test_since_moves_only_with_the_health(first: Sighting, second: Sighting) -> None:
    before = decided(first)
    after = decided(second, before=before, now=NOW + 9)
    if first.shard is None or second.shard is None:
        return
    same = only(before).health is only(after).health
    assert only(before).since == NOW
    assert only(after).since == (NOW if same else NOW + 9)


@given(sightings("one", VISIBLE))
def test_a_lost_cluster_is_told_as_it_was_with_its_silence_in_front(sighting: Sighting) -> None:
    if sighting.shard is None:
        return
    before = decided(sighting)
    lost = absent(a_cluster("one", "elsewhere", "z", sight=Sight.LOST))
    after = decided(lost, before=before, now=NOW + 9)
    assert only(after).health is Health.UNKNOWN
    kept = ("topology", "zones", "addresses", "hostnames", "shard")
    assert [getattr(only(after), name) for name in kept] == [getattr(only(before), name) for name in kept]
    assert only(after).evidence[0].source == "watch"
    assert only(after).evidence[1:] == only(before).evidence
    again = decided(lost, before=after, now=NOW + 99)
    assert only(again) == only(after)  # since when it is unknown does not move, nor does the evidence pile up


def test_a_shard_that_is_judged_first_has_the_time_of_its_endpoints_but_none_in_the_future() -> None:
    for changed_at, since in ((NOW - 70, NOW - 70), (NOW + 70, NOW), (None, NOW)):
        shard = msgspec.structs.replace(a_shard("one", A), ready=ReadyEndpoints(1, changed_at=changed_at))
        assert only(decided(Sighting(ONE, shard))).since == since


def test_a_load_balancer_whose_host_name_is_not_resolved_yet_is_one_all_the_same() -> None:
    shard = a_shard("one", hostnames=("lb.cloud.test.",))
    verdict = only(decided(Sighting(ONE, shard, unresolved=("lb.cloud.test.",))))
    assert (verdict.health, verdict.addresses, verdict.hostnames) == (Health.HEALTHY, (), ("lb.cloud.test.",))


def test_a_shard_that_is_seen_again_is_judged_anew_where_it_stands_now() -> None:
    lost = decided(absent(a_cluster("one", sight=Sight.LOST)), before=decided(seen(ONE, A)))
    back = only(decided(seen(a_cluster("one", "us", "us-a"), "192.0.2.2"), before=lost, now=NOW + 9))
    assert (back.health, back.topology, back.addresses) == (Health.HEALTHY, Topology("us", ("us-a",)), ("192.0.2.2",))
    assert (back.since, back.zones) == (NOW + 9, ("us-a",))


def test_what_has_not_to_wait_is_never_pending() -> None:
    rules = msgspec.structs.replace(HASTY, settle=0.0)
    before = decided(seen(ONE, A))
    after = decided(seen(ONE, A, ready=0), before=before, now=NOW + 9, circumstances=some_circumstances(rules))
    assert (only(after).addresses, only(after).pending) == ((), ())
