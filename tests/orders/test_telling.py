from hypothesis import given

from feddns.model.orders import NO_ORDERS, Drain, Eviction, Freeze, Orders, drained, evicted
from feddns.model.topology import ClusterName
from feddns.orders.telling import cluster_texts, drain_text, freeze_notice, freeze_text, instant
from tests.orders.strategies import cluster_names, orders, times

US = ClusterName("us")
NOW = 1_767_261_600.0


def test_a_freeze_tells_who_when_and_why_and_what_ends_it() -> None:
    freeze = Freeze(NOW, "ann@host", "the provider lies")
    assert freeze_text(freeze) == "frozen by ann@host since 2026-01-01T10:00:00Z: the provider lies"
    assert freeze_notice(freeze) == f"{freeze_text(freeze)}; `feddns thaw` releases it"
    assert freeze_text(Freeze(NOW)) == "frozen since 2026-01-01T10:00:00Z"


def test_a_drain_tells_when_it_ends() -> None:
    drain = Drain(NOW, NOW + 3600, "ann", forced=True)
    assert drain_text(drain) == "drained by ann since 2026-01-01T10:00:00Z until 2026-01-01T11:00:00Z (forced)"


def test_a_cluster_has_what_is_ordered_for_it_now() -> None:
    both = evicted(drained(NO_ORDERS, US, Drain(NOW, NOW + 1)), US, Eviction(NOW, "bob"))
    assert list(cluster_texts(both, US, NOW)) == [
        "evicted by bob since 2026-01-01T10:00:00Z",
        "drained since 2026-01-01T10:00:00Z until 2026-01-01T10:00:01Z",
    ]
    assert list(cluster_texts(both, US, NOW + 1)) == ["evicted by bob since 2026-01-01T10:00:00Z"]
    assert list(cluster_texts(both, ClusterName("eu"), NOW)) == []


@given(orders, cluster_names, times)
def test_whatever_is_ordered_can_be_told(ordered: Orders, cluster: ClusterName, now: float) -> None:
    assert bool(list(cluster_texts(ordered, cluster, now))) == ordered.is_leaving(cluster, now)


@given(times)
def test_every_time_that_an_order_may_have_is_one_that_people_can_read(seconds: float) -> None:
    assert len(instant(seconds)) == 20
