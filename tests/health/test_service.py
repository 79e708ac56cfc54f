"""What becomes of the shards of one service, together and in time; each tale begins with all of them healthy."""

import msgspec
import pytest

from feddns.config.health import ClusterBudget
from feddns.model.evidence import Sight
from feddns.model.orders import Drain, Eviction, drained, evicted, readmitted, undrained
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Health, Pending
from tests.health.federation import RULES, Federation, Place, address, key

S = key(0)
C1, C2, C3 = (("c1", S), ("c2", S), ("c3", S))
A1, A2, A3 = (address(cluster, 0) for cluster in ("c1", "c2", "c3"))
TTL_S = 180


def a_federation(clusters: int = 3, *, probed: bool = False, **rules: object) -> Federation:
    fed = Federation(clusters, 1, msgspec.structs.replace(RULES, **rules), probed=probed)
    fed.probe_all()
    fed.turn()
    assert len(fed.published(S)) == clusters
    return fed


def after(fed: Federation, seconds: float) -> frozenset[str]:
    fed.pass_time(seconds)
    return fed.published(S)


def fail(fed: Federation, *places: Place) -> None:
    for place in places:
        fed.set_unready(place)
    fed.turn()


def recover(fed: Federation, *places: Place) -> None:
    for place in places:
        fed.set_ready(place)
    fed.turn()


def refuse(fed: Federation, *places: Place) -> None:
    """Probes of all addresses fail, twice in a row."""
    for place in places:
        for which in fed.shards[place].addresses:
            fed.probe(place, which, succeeded=False, times=2)
    fed.turn()


def accept(fed: Federation, *places: Place) -> None:
    for place in places:
        for which in fed.shards[place].addresses:
            fed.probe(place, which, succeeded=True, times=2)
    fed.turn()


def evict(fed: Federation, *clusters: str, forced: bool = False) -> None:
    for cluster in clusters:
        fed.orders = evicted(fed.orders, ClusterName(cluster), Eviction(fed.now, "ann", forced))
    fed.turn()


def drain(fed: Federation, *clusters: str, lasts: float | None = None, forced: bool = False) -> None:
    until = None if lasts is None else fed.now + lasts
    for cluster in clusters:
        fed.orders = drained(fed.orders, ClusterName(cluster), Drain(fed.now, until, "ann", forced))
    fed.turn()


def pending(fed: Federation, place: Place) -> Pending:
    (found,) = fed.verdict(place).pending
    return found


# --- settling, and coming back


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


# --- probes


def test_an_address_whose_probes_fail_leaves_alone_and_at_once() -> None:
    fed = a_federation(probed=True)
    other = address("c1", 0, 1)
    fed.set(C1, addresses=(A1, other))
    fed.turn()
    fed.probe(C1, other, succeeded=True)
    fed.turn()
    assert fed.published(S) == {A1, other, A2, A3}
    fed.probe(C1, A1, succeeded=False, times=2)
    fed.turn()
    assert fed.published(S) == {other, A2, A3}
    assert fed.verdict(C1).health is Health.HEALTHY


def test_a_new_address_waits_for_its_first_probe_while_others_answer_and_not_where_none_does() -> None:
    fed = a_federation(probed=True)
    new = address("c1", 0, 1)
    fed.set(C1, addresses=(A1, new))
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}
    assert fed.verdict(C1).unproved == (new,)
    fed.probe(C1, new, succeeded=True)
    fed.turn()
    assert fed.published(S) == {A1, new, A2, A3}

    alone = Federation(1, 1, probed=True)
    alone.turn()
    assert alone.published(S) == {A1}


def test_a_new_address_does_not_wait_for_its_first_probe_where_all_others_are_dead_and_held() -> None:
    fed = a_federation(probed=True)
    refuse(fed, C1, C2, C3)
    new = address("c1", 0, 1)
    fed.set(C1, addresses=(new,))
    fed.turn()
    assert new in fed.published(S)


def test_panic_keeps_the_share_of_shards_that_probes_would_take() -> None:
    fed = a_federation(4, probed=True)
    refuse(fed, C1, C2, C3)
    assert fed.published(S) == {A3, address("c4", 0)}
    found = pending(fed, C3)
    assert (found.brake, found.due) == (Brake.PANIC, None)
    assert found.text == (
        "would leave every answer; held: only 1 of 4 shards would stay in the answer of global, fewer than "
        "health.panicShare (50%) of them; `feddns evict c3` takes it out"
    )
    assert fed.verdict(C3).health is Health.UNHEALTHY
    accept(fed, C1)
    fed.pass_time(5)
    assert fed.published(S) == {A1, address("c4", 0)}


def test_panic_can_be_told_to_drop_them_all() -> None:
    fed = a_federation(probed=True, panic="drop")
    fed.budget = ClusterBudget(share=1.0, interval=0.0)
    fed.restart()
    fed.see("c1", Sight.VISIBLE)
    fed.see("c2", Sight.VISIBLE)
    fed.see("c3", Sight.VISIBLE)
    accept(fed, C1, C2, C3)
    refuse(fed, C1, C2, C3)
    assert not fed.published(S)


def test_a_service_that_asks_to_keep_goes_before_the_settings() -> None:
    fed = a_federation(probed=True, panic="drop")
    fed.set(C1, panic="keep")
    fed.set(C2, panic="drop")
    refuse(fed, C1, C2, C3)
    assert len(fed.published(S)) == 2


def test_panic_looks_at_regions_too_where_it_is_told_to() -> None:
    for scope, kept in (("global", {A1, A2}), ("region", {A1, A2, A3})):
        fed = a_federation(probed=True, panic_scope=scope)
        refuse(fed, C3)
        assert fed.published(S) == kept


def test_panic_leaves_what_endpoints_say_alone_unless_it_is_told_otherwise() -> None:
    for evidence, left in (("probes", 0), ("all", 2)):
        fed = a_federation(panic_evidence=evidence)
        fail(fed, C1, C2, C3)
        assert len(after(fed, 3)) == left


def test_panic_knows_that_shards_without_endpoints_are_about_to_go() -> None:
    fed = a_federation(2, probed=True)
    fail(fed, C2)
    refuse(fed, C1)
    assert pending(fed, C1).brake is Brake.PANIC
    assert after(fed, 3) == {A1}


def test_panic_decides_on_probes_when_it_is_known_what_else_goes_at_that_moment() -> None:
    fed = a_federation(2, probed=True, settle=0)
    fed.probe(C1, A1, succeeded=False, times=2)
    fed.set_unready(C2)
    fed.turn()
    assert fed.published(S) == {A1}


def test_what_a_person_keeps_out_is_no_stand_in_for_what_probes_would_take() -> None:
    fed = a_federation(2, probed=True)
    evict(fed, "c1", forced=True)
    assert fed.published(S) == {A2}
    refuse(fed, C2)
    assert fed.published(S) == {A2}
    assert pending(fed, C2).brake is Brake.PANIC


# --- clusters that cannot be seen


def test_an_unknown_cluster_keeps_its_answers_for_ever() -> None:
    fed = a_federation()
    before = fed.zone[S]
    fed.see("c1", Sight.LOST)
    fed.turn()
    assert fed.due() is None
    fed.now += 1e8
    fed.turn()
    assert fed.zone[S] == before
    assert fed.verdict(C1).health is Health.UNKNOWN


def test_a_withdrawal_that_was_settling_when_its_cluster_was_lost_waits_until_it_is_seen_again() -> None:
    fed = a_federation(settle=60)
    fail(fed, C1)
    fed.see("c1", Sight.LOST)
    fed.turn()
    assert pending(fed, C1) == Pending("leaves if that is still so when the cluster can be seen again", fed.now, None)
    assert after(fed, 1000) == {A1, A2, A3}
    fed.see("c1", Sight.VISIBLE)
    fed.turn()
    assert after(fed, 60) == {A2, A3}


def test_an_unknown_cluster_is_withdrawn_when_its_probes_have_failed_for_long_enough() -> None:
    fed = a_federation(probed=True)
    fed.see("c1", Sight.LOST)
    refuse(fed, C1)
    assert pending(fed, C1).due == fed.now + 60
    assert after(fed, 59) == {A1, A2, A3}
    assert after(fed, 1) == {A2, A3}
    accept(fed, C1)
    assert after(fed, 5) == {A1, A2, A3}


def test_an_address_that_went_by_its_probes_stays_out_when_its_cluster_is_lost() -> None:
    fed = a_federation(probed=True)
    refuse(fed, C1)
    assert fed.published(S) == {A2, A3}
    fed.see("c1", Sight.LOST)
    fed.turn()
    assert after(fed, 59) == {A2, A3}
    assert after(fed, 1000) == {A2, A3}


def test_when_most_clusters_are_unknown_probes_take_nothing_away_and_it_is_said_why() -> None:
    fed = a_federation(probed=True)
    fed.see("c1", Sight.LOST)
    fed.see("c2", Sight.LOST)
    refuse(fed, C1, C2, C3)
    assert after(fed, 1000) == {A1, A2, A3}
    for place, which in ((C1, A1), (C2, A2), (C3, A3)):
        found = pending(fed, place)
        assert (found.brake, found.due) == (Brake.CUT_OFF, None)
        assert found.text.startswith(f"{which} would leave the answers; held: most clusters cannot be seen")


def test_probes_that_all_began_to_fail_after_anything_was_last_heard_prove_nothing() -> None:
    fed = a_federation(probed=True)
    fed.heard = dict.fromkeys(fed.clusters, fed.now)
    fed.now += 1
    refuse(fed, C1, C2, C3)
    assert pending(fed, C1).brake is Brake.CUT_OFF
    assert after(fed, 40) == {A1, A2, A3}
    fed.heard["c2"] = fed.now
    assert after(fed, 20) == {A2, A3}  # the world is there, and was asked again since; panic keeps the others


def test_an_age_limit_takes_an_unknown_cluster_out() -> None:
    fed = a_federation(unknown_limit=1000.0)
    fed.see("c1", Sight.LOST)
    fed.turn()
    assert pending(fed, C1).due == fed.now + 1000
    assert after(fed, 1000 + 3) == {A2, A3}


def test_an_age_limit_counts_for_a_cluster_that_was_never_seen_too() -> None:
    fed = a_federation(unknown_limit=1000.0)
    fed.restart()
    fed.turn()
    for cluster in ("c2", "c3"):
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}
    assert after(fed, 1000) == {A2, A3}


def test_a_cluster_that_was_never_seen_says_nothing_of_its_shard() -> None:
    fed = a_federation()
    fed.restart()
    fed.turn()
    found = fed.verdict(C1)
    assert (found.health, found.addresses, found.shard) == (Health.UNKNOWN, (), None)
    assert [(piece.source, piece.text) for piece in found.evidence] == [("watch", "the cluster cannot be seen")]


# --- a person's word


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
    refuse(fed, C1, C2)
    refuse(fed, C3)
    kept = fed.published(S)
    assert kept == {A3, address("c4", 0)}
    fed.restart()
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    fed.probe(("c4", S), address("c4", 0), succeeded=True)
    refuse(fed, C1, C2, C3)
    assert fed.published(S) == kept


def test_a_start_forgets_how_long_something_had_to_settle_and_believes_endpoints_at_once() -> None:
    fed = a_federation(settle=60)
    fail(fed, C1)
    fed.restart()
    for cluster in fed.clusters:
        fed.see(cluster, Sight.VISIBLE)
    fed.turn()
    assert fed.published(S) == {A2, A3}
