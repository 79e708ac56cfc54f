"""How a service leaves the answers and returns to them, and what a restart makes of that."""

import msgspec

from feddns.config.health import ClusterBudget
from feddns.model.evidence import Sight
from feddns.model.verdicts import Brake, Health, Pending
from tests.health.federation import Federation, address
from tests.health.tales import A1, A2, A3, C1, C2, C3, S, a_federation, accept, after, fail, pending, recover, refuse


def test_a_shard_without_ready_endpoints_leaves_when_that_has_settled() -> None:
    fed = a_federation()
    fail(fed, C1)
    assert pending(fed, C1) == Pending("leaves every answer", fed.now, fed.now + 3, is_withdrawal=True)
    assert after(fed, 2.9) == {A1, A2, A3}
    assert after(fed, 0.1) == {A2, A3}
    assert fed.verdict(C1).health is Health.UNHEALTHY


def test_a_new_service_is_published_at_once_and_so_is_one_that_gets_its_load_balancer_or_endpoints_late() -> None:
    fed = a_federation()
    late = address("c1", 0, 2)
    fed.set(C1, addresses=())
    del fed.shards[C2], fed.shards[C3]
    fed.restart()
    fed.set(C1, created_at=fed.now)
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    assert not fed.published(S)
    fed.set(C1, addresses=(late,))
    fed.turn()
    assert fed.published(S) == {late}
    fed.shards[C2] = fed.fresh("c2", 0, probed=False)
    fed.set_unready(C2)
    fed.turn()
    assert fed.published(S) == {late}
    recover(fed, C2)
    assert fed.published(S) == {late, A2}


def test_a_shard_that_is_ready_again_waits_for_its_hold_down_and_longer_the_next_time() -> None:
    fed = a_federation()
    for hold_down_s in (5, 10, 20):
        fail(fed, C1)
        assert after(fed, 3) == {A2, A3}
        recover(fed, C1)
        assert pending(fed, C1) == Pending("returns to every answer", fed.now, fed.now + hold_down_s)
        assert after(fed, hold_down_s - 0.1) == {A2, A3}
        assert after(fed, 0.1) == {A1, A2, A3}


def test_a_shard_that_no_other_could_stand_in_for_returns_at_once() -> None:
    fed = a_federation(longest_hold_down=300, hold_down=100)
    fail(fed, C1)
    fed.pass_time(3)
    recover(fed, C1)
    fail(fed, C2, C3)
    assert fed.published(S) == {A1, A2, A3}
    assert after(fed, 3) == {A1}


def test_a_shard_returns_at_once_where_others_answer_only_because_they_are_held_or_cannot_be_seen() -> None:
    fed = a_federation(probed=True, hold_down=100)
    fail(fed, C1)
    fed.pass_time(3)
    fed.see("c3", Sight.LOST)
    refuse(fed, C2)
    assert pending(fed, C2).brake is Brake.PANIC
    recover(fed, C1)
    assert fed.published(S) == {A1, A3}  # and what has come back stands in for what was held


def test_a_zone_leaves_and_returns_like_a_shard() -> None:
    fed = a_federation()
    fed.set_ready(C1, ("eu-b",))
    fed.turn()
    assert pending(fed, C1).text == "leaves the answer of zone eu-a"
    fed.pass_time(3)
    assert fed.verdict(C1).zones == ("eu-b",)
    assert fed.verdict(C1).addresses == (A1,)
    recover(fed, C1)
    assert pending(fed, C1).text == "returns to the answer of zone eu-a"
    fed.pass_time(5)
    assert fed.verdict(C1).zones == ("eu-a", "eu-b")


def test_an_address_that_comes_back_to_a_status_waits_as_if_it_had_been_withdrawn() -> None:
    fed, other = a_federation(), address("c1", 0, 1)
    fed.set(C1, addresses=(other,))
    fed.turn()
    assert fed.published(S) == {other, A2, A3}
    fed.set(C1, addresses=(A1, other))
    fed.turn()
    assert fed.published(S) == {other, A2, A3}
    assert after(fed, 5) == {A1, other, A2, A3}


def test_addresses_of_a_host_name_take_turns_without_waiting() -> None:
    fed = a_federation()
    fed.set(C1, addresses=(), hostnames=("lb.cloud.test.",))
    for which in (A1, address("c1", 0, 1), A1):
        sightings = [
            msgspec.structs.replace(each, resolved=(which,)) if each.cluster.name == "c1" else each
            for each in fed.sightings(S)
        ]
        fed.assess(S, sightings)
        assert fed.verdict(C1).addresses == (which,)


# --- restarts


def test_a_start_brings_back_nothing_dead_though_its_cluster_is_seen_first() -> None:
    fed = a_federation(probed=True)
    refuse(fed, C1)
    assert fed.published(S) == {A2, A3}
    fed.restart()
    fed.turn()
    fed.see("c1", Sight.VISIBLE)
    fed.turn()
    assert fed.published(S) == {A2, A3}


def test_a_start_in_a_panic_takes_away_nothing_that_panic_had_kept() -> None:
    fed = a_federation(4, probed=True)
    refuse(fed, C2, C3)
    refuse(fed, C1)
    kept = fed.published(S)
    assert kept == {A1, address("c4", 0)}
    fed.restart()
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    fed.probe(("c4", S), address("c4", 0), succeeded=True)
    refuse(fed, C1, C2, C3)
    assert fed.published(S) == kept


def start_again(fed: Federation) -> None:
    fed.restart()
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()


def test_what_is_published_settles_after_a_start_as_before_it() -> None:
    fed = a_federation(settle=60)
    fail(fed, C1)
    fed.pass_time(59)
    start_again(fed)
    assert pending(fed, C1) == Pending("leaves every answer", fed.now, fed.now + 60, is_withdrawal=True)
    assert after(fed, 59) == {A1, A2, A3}
    assert after(fed, 1) == {A2, A3}
    start_again(fed)
    assert fed.published(S) == {A2, A3}
    assert not fed.verdict(C1).pending


def test_a_zone_that_is_published_settles_after_a_start_too() -> None:
    fed = a_federation(settle=5)
    fed.set_ready(C1, ("eu-b",))
    before = fed.zone[S]
    start_again(fed)
    fed.pass_time(4)
    assert fed.zone[S] == before
    fed.pass_time(1)
    assert fed.zone[S] != before
    assert fed.published(S) == {A1, A2, A3}


def test_a_start_lets_no_more_clusters_go_at_once_than_the_budget_allows() -> None:
    fed = a_federation(5, settle=1)
    fed.budget = ClusterBudget(at_least=0)
    for cluster in ("c1", "c2", "c3"):
        fed.set_unready((cluster, S))
    start_again(fed)
    assert len(after(fed, 59)) == 4
    assert pending(fed, C2).brake is Brake.CLUSTERS


def test_a_new_service_without_ready_endpoints_is_not_published_to_settle() -> None:
    fed = a_federation()
    fed.zone = {}
    fed.set_unready(C1)
    start_again(fed)
    assert fed.published(S) == {A2, A3}


def test_a_start_changes_no_ttl_for_what_a_brake_holds_that_is_not_published() -> None:
    fed = a_federation(probed=True, panic_share=0.0)
    refuse(fed, C1, C2)
    fed.pass_time(1000)
    before = fed.zone[S]
    fed.budget = ClusterBudget(at_least=0)
    fed.restart()
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    accept(fed, C3)
    refuse(fed, C1, C2)
    assert pending(fed, C2).brake is Brake.CLUSTERS
    assert after(fed, 599) == {A3}
    assert fed.zone[S] == before
