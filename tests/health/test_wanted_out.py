"""What a person wants out of the answers, and when it is out."""

import pytest

from feddns.model.evidence import Sight
from feddns.model.orders import readmitted, undrained
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Health, Pending
from tests.health.tales import A1, A2, A3, C1, C2, TTL_S, S, a_federation, after, drain, evict, fail, pending, recover


def test_a_cluster_that_is_evicted_leaves_at_once_and_is_back_at_once() -> None:
    fed = a_federation()
    evict(fed, "c1")
    assert fed.published(S) == {A2, A3}
    assert fed.verdict(C1).health is Health.HEALTHY
    fed.orders = readmitted(fed.orders, ClusterName("c1"))
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}


def test_a_drained_cluster_leaves_when_clients_have_had_the_lowered_ttl_and_returns_when_its_time_is_over() -> None:
    fed = a_federation()
    drain(fed, "c1", lasts=7200)
    assert {record_set.ttl for record_set in fed.zone[S]} == {30}
    assert pending(fed, C1) == Pending(
        "leaves every answer: it is drained", fed.now, fed.now + TTL_S, is_withdrawal=True
    )
    assert after(fed, TTL_S - 1) == {A1, A2, A3}
    assert after(fed, 1) == {A2, A3}
    assert after(fed, 7200 - TTL_S) == {A1, A2, A3}
    fed.orders = undrained(fed.orders, ClusterName("c1"))
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}


def test_a_drain_changes_nothing_of_a_service_that_the_cluster_does_not_answer_for() -> None:
    fed = a_federation()
    fail(fed, C1)
    fed.pass_time(1000)
    before = fed.zone[S]
    drain(fed, "c1")
    assert fed.zone[S] == before
    assert not fed.verdict(C1).pending


@pytest.mark.parametrize("order", [evict, drain])
def test_what_a_person_wants_out_stays_while_nobody_else_is_healthy_unless_forced(order: object) -> None:
    fed = a_federation(2)
    fail(fed, C2)
    fed.pass_time(3)
    order(fed, "c1")  # type: ignore[operator]  # one of two functions
    assert after(fed, TTL_S) == {A1}
    assert pending(fed, C1).text == "leaves every answer as soon as another shard can answer: a person wants it out"
    recover(fed, C2)
    assert fed.published(S) == {A2}
    fail(fed, C2)
    assert after(fed, 3) == {A1}
    order(fed, "c1", forced=True)  # type: ignore[operator]  # as above
    assert not after(fed, TTL_S)


def test_what_a_person_wants_out_is_let_back_without_its_hold_down_where_nobody_else_is_healthy() -> None:
    fed = a_federation(2, hold_down=100)
    evict(fed, "c1")
    fail(fed, C1)
    fed.pass_time(3)
    recover(fed, C1)
    assert fed.published(S) == {A2}
    fail(fed, C2)
    assert after(fed, 3) == {A1}


def test_silence_alone_brings_nothing_back_that_a_person_wants_out() -> None:
    fed = a_federation()
    evict(fed, "c1")
    before = fed.zone[S]
    fed.see("c2", Sight.LOST)
    fed.turn()
    fed.see("c3", Sight.LOST)
    fed.turn()
    assert fed.zone[S] == before
    fed.restart()
    fed.turn()
    fed.see("c1", Sight.VISIBLE)
    fed.turn()
    assert fed.zone[S] == before


def test_the_last_known_to_be_healthy_is_not_evicted_for_others_that_cannot_be_seen() -> None:
    fed = a_federation()
    fed.see("c2", Sight.LOST)
    fed.see("c3", Sight.LOST)
    evict(fed, "c1")
    assert fed.published(S) == {A1, A2, A3}


def test_an_unknown_cluster_can_be_evicted() -> None:
    fed = a_federation()
    fed.see("c1", Sight.LOST)
    evict(fed, "c1")
    assert fed.published(S) == {A2, A3}


def test_an_evicted_cluster_that_was_not_seen_since_a_start_leaves_too() -> None:
    fed = a_federation()
    fed.restart()
    fed.turn()
    for cluster in ("c2", "c3"):
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}
    evict(fed, "c1")
    assert fed.published(S) == {A2, A3}


def test_where_all_clusters_are_wanted_out_silence_takes_none_out_and_brings_none_back() -> None:
    fed = a_federation()
    fed.see("c1", Sight.LOST)
    evict(fed, "c1")
    evict(fed, "c2", "c3")
    before = fed.zone[S]
    assert fed.published(S) == {A2, A3}
    for cluster in ("c2", "c3"):
        fed.see(cluster, Sight.LOST)
        fed.turn()
        assert fed.published(S) == {A2, A3}
    fed.restart()
    for cluster in ("c2", "c3"):
        fed.see(cluster, Sight.VISIBLE)
        fed.turn()
        assert fed.zone[S] == before


def test_evidence_against_what_a_person_keeps_out_changes_no_ttl() -> None:
    fed = a_federation(settle=60)
    evict(fed, "c1")
    before = fed.zone[S]
    fail(fed, C1)
    assert not fed.verdict(C1).pending
    assert after(fed, 59) == {A2, A3}
    assert fed.zone[S] == before
