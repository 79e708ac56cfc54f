from hypothesis import given
from hypothesis import strategies as st

from feddns.model.decisions import Decision
from feddns.model.orders import NO_ORDERS, Drain, Eviction, Orders, drained, evicted
from feddns.model.records import ALIAS, CNAME, A, DnsName, RecordSet
from feddns.model.services import ServiceKey, Shard
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Verdict
from feddns.orders.outlook import Timetable, drain_times, eviction_times, outlook

NOW = 1_800_000_000.0
US, EU, ASIA = map(ClusterName, ("us", "eu", "asia"))
WEB = ServiceKey("shop", "web")
NAME = DnsName("web.shop.f.svc.example.com.")
UP, DOWN, UNKNOWN = Health.HEALTHY, Health.UNHEALTHY, Health.UNKNOWN
TTL_S = 180


def decided(
    us: Health | None,
    eu: Health | None = None,
    asia: Health | None = None,
    *,
    key: ServiceKey = WEB,
    kind: str = A,
    brought_by: ClusterName | None = None,
    ttls_s: dict[ClusterName, int] | None = None,
) -> Decision:
    """A decision on a service that has shards of these states; it answers with an address."""
    address = "192.0.2.1" if kind == A else "x.example.com."
    found = {US: us, EU: eu, ASIA: asia}
    verdicts = tuple(
        Verdict(
            cluster,
            health,
            NOW,
            addresses=(address,) if cluster == brought_by else (),
            shard=Shard(key, cluster, ttl_s=(ttls_s or {}).get(cluster)),
        )
        for cluster, health in found.items()
        if health is not None
    )
    records = (RecordSet(NAME, kind, TTL_S, (address,)),)
    return Decision(key, records, (), verdicts, (), {})


def bereft(*decisions: Decision, orders: Orders = NO_ORDERS) -> list[str]:
    return [key.name for key in outlook(decisions, US, orders, TTL_S, NOW).bereft]


def test_a_service_that_another_cluster_is_healthy_for_is_not_left_alone() -> None:
    assert bereft(decided(UP, UP)) == []
    assert bereft(decided(UP, DOWN, UP)) == []


def test_a_service_of_the_cluster_alone_is() -> None:
    assert bereft(decided(UP)) == ["web"]
    assert bereft(decided(UP, DOWN, DOWN)) == ["web"]


def test_a_cluster_that_cannot_be_seen_is_not_known_to_be_healthy() -> None:
    assert bereft(decided(UP, UNKNOWN)) == ["web"]
    assert bereft(decided(UP, UNKNOWN, UP)) == []


def test_a_cluster_that_is_drained_or_evicted_does_not_count() -> None:
    drain = drained(NO_ORDERS, EU, Drain(NOW - 10, until=NOW + 10))
    assert bereft(decided(UP, UP), orders=drain) == ["web"]
    assert bereft(decided(UP, UP), orders=evicted(NO_ORDERS, EU, Eviction(1))) == ["web"]
    assert bereft(decided(UP, UP), orders=drained(NO_ORDERS, EU, Drain(1, until=NOW))) == []
    assert bereft(decided(UP, UP), orders=drained(NO_ORDERS, US, Drain(1))) == []


def test_what_the_cluster_does_not_answer_for_is_no_loss() -> None:
    found = outlook([decided(DOWN), decided(None, UP)], US, NO_ORDERS, TTL_S, NOW)
    assert (found.ttls, found.bereft) == ({}, ())


def test_a_cluster_that_cannot_be_seen_may_be_behind_what_no_other_brings() -> None:
    assert bereft(decided(UNKNOWN)) == ["web"]
    assert bereft(decided(UNKNOWN, kind=ALIAS)) == ["web"]
    assert bereft(decided(UNKNOWN, kind=CNAME)) == []
    assert bereft(decided(UNKNOWN, UNKNOWN, brought_by=EU)) == []
    assert bereft(decided(UNKNOWN, UNKNOWN, brought_by=US)) == ["web"]


def test_services_are_told_once_and_sorted_however_many_targets_there_are() -> None:
    decisions = [decided(UP, key=ServiceKey("shop", name)) for name in ("b", "a")] * 2
    found = outlook(decisions, US, NO_ORDERS, TTL_S, NOW)
    assert [key.name for key in found.bereft] == ["a", "b"]
    assert len(found.ttls) == 2


def test_a_service_has_the_shortest_ttl_that_it_asks_for_or_the_default() -> None:
    other = ServiceKey("shop", "other")
    found = outlook([decided(UP, UP, ttls_s={US: 60, EU: 20}), decided(UP, key=other)], US, NO_ORDERS, TTL_S, NOW)
    assert found.ttls == {WEB: 20, other: TTL_S}


def test_a_drain_waits_out_the_old_ttl_and_then_the_lowered_one() -> None:
    assert drain_times(Drain(100), [180, 20, 60], 30) == Timetable(leaves=120, out_by=280, moved_by=310)
    assert drain_times(Drain(100), [20], 30) == Timetable(leaves=120, out_by=120, moved_by=140)
    assert drain_times(Drain(100), [], 30) == Timetable(leaves=100, out_by=100, moved_by=100)


def test_an_eviction_waits_for_nothing_but_resolvers_do() -> None:
    assert eviction_times(100, [180, 20]) == Timetable(leaves=100, out_by=100, moved_by=280)
    assert eviction_times(100, []) == Timetable(leaves=100, out_by=100, moved_by=100)


states = st.sampled_from([None, *Health])


@given(us=states, eu=states, asia=states, is_drained=st.booleans())
def test_no_service_is_left_alone_that_a_visible_cluster_is_healthy_for(
    us: Health | None, eu: Health | None, asia: Health | None, *, is_drained: bool
) -> None:
    orders = drained(NO_ORDERS, EU, Drain(1)) if is_drained else NO_ORDERS
    is_safe = asia is UP or (eu is UP and not is_drained)
    expected = us in {UP, UNKNOWN} and not is_safe
    assert bereft(decided(us, eu, asia), orders=orders) == (["web"] if expected else [])
