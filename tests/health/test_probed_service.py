"""What probes take out of the answers, and what panic keeps."""

from feddns.config.health import ClusterBudget
from feddns.model.evidence import Sight
from feddns.model.probing import Track
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake, Health
from tests.health.federation import Federation, address
from tests.health.tales import A1, A2, A3, C1, C2, C3, S, a_federation, accept, after, evict, fail, pending, refuse


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


def test_an_address_that_is_never_asked_is_as_if_not_probed_and_it_is_said_why() -> None:
    fed = a_federation(probed=True)
    new = address("c1", 0, 1)
    fed.set(C1, addresses=(A1, new))
    fed.is_probing = False
    fed.tracks[C1][new] = Track(hindrance="never asked: it is a loopback address")
    fed.turn()
    assert fed.published(S) == {A1, new, A2, A3}
    assert not fed.verdict(C1).unproved
    told = [piece.text for piece in fed.verdict(C1).evidence if piece.source == "probe"]
    assert told[1] == f"{new} TCP 443 untested: never asked: it is a loopback address"
    assert fed.history(S).shards[ClusterName("c1")].is_at_rest


def test_a_new_address_does_not_wait_for_its_first_probe_where_all_others_are_dead_and_held() -> None:
    fed = a_federation(probed=True)
    refuse(fed, C1, C2, C3)
    new = address("c1", 0, 1)
    fed.set(C1, addresses=(new,))
    fed.turn()
    assert new in fed.published(S)


def test_an_address_that_is_back_in_a_status_and_not_probed_yet_answers_at_once_where_no_other_does() -> None:
    fed = a_federation(1, probed=True)
    for which in (address("c1", 0, 1), A1):
        fed.tracks.clear()
        fed.set(C1, addresses=(which,))
        fed.turn()
        assert fed.published(S) == {which}


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


def test_a_held_shard_whose_other_address_is_back_answers_with_that_alone() -> None:
    fed = a_federation(1, probed=True, hold_down=100)
    other = address("c1", 0, 1)
    fed.set(C1, addresses=(A1, other))
    fed.probe(C1, other, succeeded=True)
    fed.turn()
    fed.probe(C1, other, succeeded=False, times=2)
    fed.turn()
    fed.probe(C1, A1, succeeded=False, times=2)
    fed.turn()
    assert fed.published(S) == {A1}
    assert pending(fed, C1).brake is Brake.PANIC
    fed.probe(C1, other, succeeded=True, times=2)
    fed.turn()
    assert fed.published(S) == {other}
    assert fed.verdict(C1).health is Health.HEALTHY
