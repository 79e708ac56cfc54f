import msgspec
from hypothesis import given

from feddns.model.orders import (
    NO_ORDERS,
    Drain,
    Eviction,
    Freeze,
    Orders,
    current,
    drained,
    evicted,
    frozen,
    readmitted,
    thawed,
    undrained,
)
from feddns.model.topology import ClusterName
from tests.orders.strategies import Change, changes, cluster_names, drains, evictions, freezes, orders, times

US, EU = ClusterName("us"), ClusterName("eu")


@given(orders, changes())
def test_an_order_given_twice_is_given_once(before: Orders, change: Change) -> None:
    assert change(change(before)) == change(before)


@given(orders, changes())
def test_an_order_changes_no_value_in_place(before: Orders, change: Change) -> None:
    copy = msgspec.convert(msgspec.to_builtins(before), Orders)
    change(before)
    assert before == copy


@given(orders, cluster_names, drains, evictions, freezes)
def test_what_is_taken_back_is_as_if_it_had_never_been(
    before: Orders, cluster: ClusterName, drain: Drain, eviction: Eviction, freeze: Freeze
) -> None:
    assert undrained(drained(before, cluster, drain), cluster) == undrained(before, cluster)
    assert readmitted(evicted(before, cluster, eviction), cluster) == readmitted(before, cluster)
    assert thawed(frozen(before, freeze)) == thawed(before)


@given(orders, cluster_names, drains, evictions)
def test_an_order_for_one_cluster_leaves_all_others_alone(
    before: Orders, cluster: ClusterName, drain: Drain, eviction: Eviction
) -> None:
    after = evicted(drained(before, cluster, drain), cluster, eviction)
    assert readmitted(undrained(after, cluster), cluster) == readmitted(undrained(before, cluster), cluster)


@given(orders, times)
def test_only_drains_that_are_over_are_pruned(before: Orders, now: float) -> None:
    after = current(before, now)
    assert after.drains == {name: drain for name, drain in before.drains.items() if not drain.is_over(now)}
    assert (after.evictions, after.freeze) == (before.evictions, before.freeze)


def test_a_second_drain_goes_on_from_the_first_and_stays_forced() -> None:
    first = drained(NO_ORDERS, US, Drain(100, until=200, by="ann", forced=True))
    second = drained(first, US, Drain(150, until=500, by="bob"))
    assert second.drains == {US: Drain(100, until=500, by="bob", forced=True)}


def test_a_drain_after_one_that_is_over_begins_anew() -> None:
    first = drained(NO_ORDERS, US, Drain(100, until=200, forced=True))
    assert drained(first, US, Drain(200)).drains == {US: Drain(200)}


def test_a_second_eviction_is_the_first_and_may_be_forced_by_now() -> None:
    first = evicted(NO_ORDERS, US, Eviction(100, by="ann"))
    assert evicted(first, US, Eviction(150, by="bob", forced=True)).evictions == {US: Eviction(100, "bob", forced=True)}


def test_a_second_freeze_does_not_hide_the_reason_of_the_first() -> None:
    first = frozen(NO_ORDERS, Freeze(100, "ann", "the provider lies"))
    assert frozen(first, Freeze(150, "bob")) == first


def test_a_cluster_is_leaving_while_it_is_drained_or_evicted() -> None:
    orders = evicted(drained(NO_ORDERS, US, Drain(100, until=200)), EU, Eviction(100))
    assert [orders.is_leaving(US, now) for now in (150, 200)] == [True, False]
    assert orders.is_leaving(EU, 1e9)
    assert not orders.is_leaving(ClusterName("asia"), 150)
