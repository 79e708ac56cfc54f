"""What is believed of one service as a whole: its TTL, its problems, and that order does not matter."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.assess import Beliefs, assess
from feddns.config.health import HealthSettings
from feddns.health.service import Circumstances
from feddns.model.assessments import NO_HISTORY, Assessment, History
from feddns.model.evidence import Sight, Sighting
from feddns.model.orders import NO_ORDERS, Drain, Eviction, Orders, drained, evicted
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake
from tests.builders import HASTY, NGINX, NOW, a_cluster, a_policy, a_shard, absent, seen, some_circumstances
from tests.strategies import fleets

POLICY = a_policy()
RULES = HealthSettings(settle=3, load_balancer_hold=300, hold_down=5, witness=60)
EU, US = a_cluster("eu", "eu", "eu-a"), a_cluster("us", "us")
A, B = "192.0.2.1", "192.0.2.2"
TTL_S, FLOOR_S = POLICY.dns.ttl, POLICY.dns.ttl_floor
BOTH = (seen(EU, A), seen(US, B))


def assessed(
    sightings: Sequence[Sighting],
    history: History = NO_HISTORY,
    now: float = NOW,
    circumstances: Circumstances | None = None,
) -> Assessment:
    beliefs = Beliefs(POLICY.dns, circumstances or some_circumstances(RULES), (POLICY.names,))
    return assess(NGINX, sightings, history, now, beliefs)


def ordered(orders: Orders, rules: HealthSettings = RULES) -> Circumstances:
    return some_circumstances(rules, orders)


# --- order


@given(fleets(), fleets(), st.permutations(range(3)), st.permutations(range(3)))
def test_the_order_of_what_is_seen_at_one_time_changes_nothing(
    first: tuple[Sighting, ...], second: tuple[Sighting, ...], one: list[int], other: list[int]
) -> None:
    straight = assessed(second, assessed(first).history, NOW + 1)
    shuffled = assessed(
        [second[number] for number in other], assessed([first[number] for number in one]).history, NOW + 1
    )
    assert straight == shuffled


@given(fleets(), fleets())
def test_looking_twice_at_the_same_time_finds_the_same(
    first: tuple[Sighting, ...], second: tuple[Sighting, ...]
) -> None:
    once = assessed(second, assessed(first).history, NOW + 1)
    twice = assessed(second, once.history, NOW + 1)
    assert (once.verdicts, once.ttl_s, once.due, once.is_blind) == (
        twice.verdicts,
        twice.ttl_s,
        twice.due,
        twice.is_blind,
    )


# --- the TTL


def test_a_service_with_nothing_pending_has_its_own_ttl_and_is_not_due() -> None:
    found = assessed(BOTH)
    assert (found.ttl_s, found.due, found.problems) == (TTL_S, None, ())


def emptied(ttl_s: int | None = None) -> tuple[Sighting, ...]:
    """Both, but for a load balancer's status."""
    return Sighting(EU, a_shard("eu", created_at=0.0, ttl_s=ttl_s)), seen(US, B)


def test_the_ttl_is_halved_when_a_withdrawal_is_one_ttl_ahead_and_until_a_minute_after() -> None:
    pending = assessed(emptied(), assessed(BOTH).history, NOW)
    assert (pending.ttl_s, pending.due) == (TTL_S, NOW + 300 - TTL_S)
    lowered = assessed(emptied(), pending.history, NOW + 120)
    assert (lowered.ttl_s, lowered.due) == (TTL_S // 2, NOW + 300)
    filled = assessed(BOTH, lowered.history, NOW + 200)
    assert (filled.ttl_s, filled.due) == (TTL_S // 2, NOW + 260)
    again = assessed(BOTH, filled.history, NOW + 230)
    assert (again.ttl_s, again.due) == (TTL_S // 2, NOW + 260)
    restored = assessed(BOTH, again.history, NOW + 260)
    assert (restored.ttl_s, restored.due) == (TTL_S, None)


def test_how_long_the_ttl_stays_halved_does_not_depend_on_how_often_it_is_looked() -> None:
    seldom = assessed(emptied(), assessed(emptied(), assessed(BOTH).history, NOW).history, NOW + 120)
    often = seldom
    for seconds in range(121, 200):
        often = assessed(emptied(), often.history, NOW + seconds)
    assert assessed(BOTH, seldom.history, NOW + 200).due == assessed(BOTH, often.history, NOW + 200).due == NOW + 260


def test_a_withdrawal_that_comes_at_once_is_not_worth_a_lower_ttl() -> None:
    leaving = assessed((seen(EU, A, ready=0), seen(US, B)), assessed(BOTH).history, NOW + 1)
    assert leaving.verdicts[0].pending
    assert leaving.ttl_s == TTL_S


@pytest.mark.parametrize(("own_s", "halved_s"), [(600, 300), (50, 30), (30, 30), (20, 20)])
def test_the_ttl_is_never_lowered_below_the_floor_nor_raised_to_it(own_s: int, halved_s: int) -> None:
    eu = Sighting(EU, a_shard("eu", A, ttl_s=own_s, created_at=0.0))
    pending = assessed(emptied(own_s), assessed((eu, seen(US, B))).history, NOW)
    assert assessed(emptied(own_s), pending.history, NOW + 299).ttl_s == halved_s


def test_the_ttl_is_at_the_floor_while_a_cluster_that_answers_is_drained() -> None:
    orders = drained(NO_ORDERS, EU.name, Drain(NOW))
    found = assessed(BOTH, circumstances=ordered(orders))
    assert (found.ttl_s, found.due) == (FLOOR_S, NOW + TTL_S)
    gone = assessed(BOTH, found.history, NOW + TTL_S, ordered(orders))
    assert gone.ttl_s == TTL_S // 2
    assert not gone.verdicts[0].addresses
    assert assessed(BOTH, gone.history, NOW + TTL_S + 60, ordered(orders)).ttl_s == TTL_S


def test_a_drain_of_a_cluster_that_does_not_answer_leaves_the_ttl_alone() -> None:
    orders = drained(NO_ORDERS, EU.name, Drain(NOW))
    for eu in (absent(EU), seen(EU), seen(EU, A, ready=0), absent(a_cluster("eu", sight=Sight.UNSEEN))):
        assert assessed((eu, seen(US, B)), circumstances=ordered(orders, HASTY)).ttl_s == TTL_S


def test_the_shortest_ttl_that_is_asked_for_counts_also_of_a_cluster_that_is_lost() -> None:
    eu = Sighting(EU, a_shard("eu", A, ttl_s=60))
    before = assessed((eu, seen(US, B)))
    lost = assessed((absent(a_cluster("eu", sight=Sight.LOST)), seen(US, B)), before.history, NOW + 1)
    assert before.ttl_s == lost.ttl_s == 60


# --- problems


def test_a_host_name_that_is_one_of_ours_is_left_out_and_told() -> None:
    name = "nginx.mynamespace.ufp.svc.example.com."
    shard = a_shard("eu", A, hostnames=("lb.cloud.test.", name))
    found = assessed((Sighting(EU, shard, resolved=(B,), unresolved=(name,)),))
    (verdict,) = found.verdicts
    assert verdict.hostnames == ("lb.cloud.test.",)
    assert verdict.shard is not None
    assert [problem.reason for problem in verdict.shard.problems] == ["HostnameLoops"]
    assert found.sightings[0].unresolved == ()
    only = assessed((Sighting(EU, a_shard("eu", hostnames=(name,)), resolved=(B,)),))
    assert only.verdicts[0].addresses == ()


def test_a_withdrawal_that_a_brake_holds_is_a_problem_that_a_person_should_know_of() -> None:
    rules = msgspec.structs.replace(RULES, settle=0.0, panic_evidence="all")
    down = (seen(EU, A, ready=0), seen(US, B, ready=0))
    found = assessed(
        down, assessed(BOTH, circumstances=some_circumstances(rules)).history, NOW + 1, some_circumstances(rules)
    )
    held = [verdict for verdict in found.verdicts for pending in verdict.pending if pending.brake is Brake.PANIC]
    (problem,) = found.problems
    assert problem.reason == "WithdrawalHeld"
    assert problem.text.startswith(f"{NGINX} in {held[0].cluster} would leave every answer; held:")


# --- when to look again


@given(fleets(), fleets(), st.floats(0, 1000))
def test_what_is_due_lies_ahead(first: tuple[Sighting, ...], second: tuple[Sighting, ...], later_s: float) -> None:
    orders = evicted(drained(NO_ORDERS, ClusterName("one"), Drain(NOW)), ClusterName("two"), Eviction(NOW))
    circumstances, now = ordered(orders), NOW + later_s
    found = assessed(second, assessed(first, circumstances=circumstances).history, now, circumstances)
    for _ in range(20):
        if found.due is None:
            return
        assert found.due > now
        now = found.due
        found = assessed(second, found.history, now, circumstances)
    raise AssertionError("it is due again and again")
