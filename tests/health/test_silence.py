"""What becomes of a service in clusters that cannot be seen."""

from feddns.model.evidence import Sight
from feddns.model.verdicts import Brake, Health, Pending
from tests.health.tales import A1, A2, A3, C1, C2, C3, S, a_federation, accept, after, fail, pending, recover, refuse


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


def test_what_answers_only_because_we_may_be_cut_off_is_no_stand_in_for_what_waits() -> None:
    fed = a_federation(5, probed=True, hold_down=100)
    fail(fed, C1)
    fed.pass_time(3)
    for cluster in ("c3", "c4", "c5"):
        fed.see(cluster, Sight.LOST)
    refuse(fed, C2)
    assert A2 in fed.published(S)
    recover(fed, C1)
    assert A1 in fed.published(S)


def test_probes_that_all_began_to_fail_after_anything_was_last_heard_prove_nothing() -> None:
    fed = a_federation(probed=True)
    fed.heard = dict.fromkeys(fed.clusters, fed.now)
    fed.now += 1
    refuse(fed, C1, C2, C3)
    assert pending(fed, C1).brake is Brake.CUT_OFF
    assert after(fed, 40) == {A1, A2, A3}
    fed.heard["c2"] = fed.now
    assert after(fed, 20) == {A2, A3}  # the world is there, and was asked again since; panic keeps the others


def test_a_clock_that_goes_back_does_not_make_proof_of_what_was_none() -> None:
    fed = a_federation(probed=True)
    for cluster in ("c1", "c2"):
        fed.see(cluster, Sight.LOST)
    refuse(fed, C3)
    fed.now -= 1
    fed.turn()
    assert fed.published(S) == {A1, A2, A3}


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
