"""How many clusters health takes out of the answers in some time, counted from outside."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.config.health import ClusterBudget
from feddns.health.brakes import ClusterBrake
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Brake
from tests.health.federation import RULES, Federation, address, key, some_examples

SETTLE_S = RULES.settle
SERVICES = 8
some_budgets = st.builds(
    ClusterBudget,
    interval=st.sampled_from((10.0, 60.0)),
    share=st.sampled_from((0.0, 0.34, 0.5, 1.0)),
    window=st.sampled_from((30.0, 600.0)),
    at_least=st.sampled_from((0, 2, 5)),
)
some_changes = st.lists(
    st.tuples(
        st.sampled_from(("c1", "c2", "c3", "c4")),
        st.sets(st.integers(0, SERVICES - 1), min_size=1),
        st.booleans(),
        st.sampled_from((0.0, 1.0, 20.0, 100.0)),
    ),
    min_size=3,
    max_size=25,
)


class Outside:
    """Counts what a client would see.

    Attributes:
        went: when a cluster went, as the budget means it: when more of its services than `at_least`, and more than
            half of them, had lost it within the window.
    """

    def __init__(self, fed: Federation) -> None:
        self._fed = fed
        self._answered = {cluster: self._now_in(cluster) for cluster in fed.clusters}
        self._lost: dict[str, dict[ServiceKey, float]] = {cluster: {} for cluster in fed.clusters}
        self._gone: set[str] = set()
        self.went: list[float] = []

    def look(self) -> None:
        for cluster, before in self._answered.items():
            now_in, lost = self._now_in(cluster), self._lost[cluster]
            lost.update(dict.fromkeys(before - now_in, self._fed.now))
            for each in list(lost):
                if each in now_in or lost[each] <= self._fed.now - self._fed.budget.window:
                    del lost[each]
            self._answered[cluster] = now_in
            is_gone = len(lost) > max(self._fed.budget.at_least, len(now_in))
            if is_gone and cluster not in self._gone:
                self.went.append(self._fed.now)
                self._gone.add(cluster)
            elif not is_gone and now_in - before:  # what is left of a cluster that went may follow it at any time
                self._gone.discard(cluster)

    def _now_in(self, cluster: str) -> set[ServiceKey]:
        return {each for each in self._fed.keys if cluster in self._fed.answering(each)}


def pass_time(fed: Federation, outside: Outside, seconds: float) -> None:
    end = fed.now + seconds
    for _ in range(1000):
        due = fed.due()
        if due is None or due > end:
            fed.now = end
            return
        fed.pass_time(due - fed.now)
        outside.look()
    raise AssertionError("feddns looks again and again")


@given(some_budgets, some_changes)
@settings(max_examples=some_examples(2))
def test_clusters_go_no_faster_than_their_budget(
    budget: ClusterBudget, changes: list[tuple[str, set[int], bool, float]]
) -> None:
    fed = Federation(4, SERVICES, RULES, budget)
    fed.turn()
    outside = Outside(fed)
    for cluster, services, ready, pause in changes:
        for number in services:
            (fed.set_ready if ready else fed.set_unready)((cluster, key(number)))
        fed.turn()
        outside.look()
        pass_time(fed, outside, pause)
    # Evidence that turned at different times settles at different times, though one ticket lets all of it go.
    for earlier, later in zip(outside.went, outside.went[1:], strict=False):
        assert later - earlier >= budget.interval - SETTLE_S
    most = max(1, int(budget.share * 4))
    for earlier, later in zip(outside.went, outside.went[most:], strict=False):
        assert later - earlier >= budget.window - SETTLE_S


@settings(max_examples=some_examples(4))
@given(st.randoms(use_true_random=False), st.sets(st.integers(0, SERVICES - 1), min_size=1), st.booleans())
def test_the_order_in_which_services_are_looked_at_changes_nothing(
    random: Random,
    failing: set[int],
    is_braked: bool,  # noqa: FBT001 - drawn
) -> None:
    straight, shuffled = (Federation(3, SERVICES, RULES, ClusterBudget(at_least=1)) for _ in range(2))
    for fed in (straight, shuffled):
        fed.turn()
        if is_braked:  # another cluster has just gone
            fail_whole(fed, "c3")
            fed.pass_time(10)
        for number in failing:
            fed.set_unready(("c1", key(number)))
    for seconds in (0.0, 3.0, 60.0, 600.0):
        for fed in (straight, shuffled):
            fed.now += seconds
            fed.turn(random.sample(fed.keys, SERVICES) if fed is shuffled else None)
        assert straight.zone == shuffled.zone
        assert dict(straight.verdicts()) == dict(shuffled.verdicts())


def fail_whole(fed: Federation, *clusters: str) -> None:
    for cluster in clusters:
        for each in fed.keys:
            fed.set_unready((cluster, each))
    fed.turn()


def gone(fed: Federation) -> set[str]:
    return {cluster for cluster in fed.clusters if all(cluster not in fed.answering(each) for each in fed.keys)}


def test_of_two_clusters_that_fail_at_once_one_goes_and_the_other_waits_and_says_so() -> None:
    fed = Federation(3, SERVICES)
    fed.turn()
    fail_whole(fed, "c1", "c2")
    fed.pass_time(10)
    assert len(gone(fed)) == 1
    (waiting,) = {"c1", "c2"} - gone(fed)
    for each in fed.keys:
        (pending,) = fed.verdict((waiting, each)).pending
        assert pending.brake is Brake.CLUSTERS
        assert pending.due == fed.now - 7 + 600  # of three, one may go in ten minutes
        assert "feddns evict" in pending.text
    fed.pass_time(600)
    assert gone(fed) == {"c1", "c2"}


def test_a_few_services_that_fail_in_every_cluster_are_no_matter_of_the_brake() -> None:
    fed = Federation(3, 20)
    fed.turn()
    for number in range(3):
        for cluster in ("c1", "c2"):
            fed.set_unready((cluster, key(number)))
    fed.turn()
    fed.pass_time(3)
    assert all(fed.answering(key(number)) == {"c3"} for number in range(3))


def test_any_service_of_an_unknown_cluster_is_a_matter_of_the_brake() -> None:
    fed = Federation(3, 20, msgspec.structs.replace(RULES, panic_share=0.0), probed=True)
    fed.probe_all()
    fed.turn()
    fail_whole(fed, "c2")
    fed.pass_time(10)
    fed.see("c1", Sight.LOST)
    fed.probe(("c1", key(0)), address("c1", 0), succeeded=False, times=2)
    fed.turn()
    fed.pass_time(100)
    (pending,) = fed.verdict(("c1", key(0))).pending
    assert pending.brake is Brake.CLUSTERS
    fed.pass_time(600)
    assert "c1" not in fed.answering(key(0))
    assert "c1" in fed.answering(key(1))


def test_what_probes_bring_back_while_its_endpoints_settle_counts_as_leaving_all_the_same() -> None:
    rules = msgspec.structs.replace(RULES, hold_down=0.0, panic_share=0.0)
    fed = Federation(3, 4, rules, ClusterBudget(interval=0.0, window=30.0, at_least=0), probed=True)
    fed.turn()
    for number in range(3):
        fed.set_unready(("c1", key(number)))
    fed.turn()
    for succeeded in (False, True):
        for number in range(4):
            fed.probe(("c1", key(number)), address("c1", number), succeeded=succeeded, times=2)
            fed.turn([key(number)])
    fed.pass_time(3)
    went = {number for number in range(4) if "c1" not in fed.answering(key(number))}
    assert went == {0, 1, 2}  # on one ticket


# --- the brake by itself

A, B = ClusterName("a"), ClusterName("b")


def a_brake(*, clusters: int = 3, standing: int = 10, **budget: float) -> ClusterBrake:
    brake = ClusterBrake(ClusterBudget(**budget), clusters)  # type: ignore[arg-type]  # tests name them
    for cluster in (A, B):
        for number in range(standing):
            brake.stands(cluster, key(number), 0.0, is_visible=True)
    return brake


def leave(brake: ClusterBrake, cluster: ClusterName, services: int, now: float) -> None:
    for number in range(services):
        brake.leaves(cluster, key(number), now)


@pytest.mark.parametrize(("services", "held"), [(4, False), (5, False), (6, True)])
def test_a_cluster_counts_where_more_than_half_of_its_services_leave_it(services: int, *, held: bool) -> None:
    brake = a_brake(at_least=0)
    leave(brake, B, 10, 1.0)
    assert brake.allowed_at(B, 1.0, is_visible=True) == 1.0
    leave(brake, A, services, 2.0)
    assert (brake.allowed_at(A, 2.0, is_visible=True) > 2.0) is held


def test_a_cluster_with_few_services_may_lose_them_all() -> None:
    brake = a_brake(standing=5)
    leave(brake, B, 5, 1.0)
    leave(brake, A, 5, 1.0)
    assert {brake.allowed_at(each, 1.0, is_visible=True) for each in (A, B)} == {1.0}
    assert not brake.withdrawn


def test_what_has_gone_goes_on_to_go_without_asking_again() -> None:
    brake = a_brake(at_least=0)
    leave(brake, A, 6, 1.0)
    assert brake.allowed_at(A, 1.0, is_visible=True) == 1.0
    leave(brake, A, 10, 2.0)
    assert brake.allowed_at(A, 2.0, is_visible=True) == 2.0
    assert brake.withdrawn == {A}


def test_a_cluster_that_is_back_must_ask_again() -> None:
    brake = a_brake(at_least=0)
    leave(brake, A, 10, 1.0)
    assert brake.allowed_at(A, 1.0, is_visible=True) == 1.0
    for number in range(10):
        brake.stands(A, key(number), 2.0, is_visible=True)
    assert not brake.withdrawn
    leave(brake, A, 10, 3.0)
    assert brake.allowed_at(A, 3.0, is_visible=True) == 601.0


def test_services_that_left_before_the_window_do_not_count() -> None:
    brake = a_brake(at_least=0, window=100)
    leave(brake, B, 10, 1.0)
    assert brake.allowed_at(B, 1.0, is_visible=True) == 1.0
    leave(brake, A, 4, 2.0)
    brake.leaves(A, key(5), 103.0)
    brake.leaves(A, key(6), 103.0)
    assert brake.allowed_at(A, 103.0, is_visible=True) == 103.0


def test_services_that_a_lost_cluster_does_not_have_are_no_sign_of_its_return() -> None:
    brake = a_brake()
    brake.leaves(A, key(0), 1.0)
    assert brake.allowed_at(A, 1.0, is_visible=False) == 1.0
    brake.forget(A, key(99), 2.0, is_visible=False)
    assert brake.withdrawn == {A}
    assert brake.allowed_at(A, 3.0, is_visible=False) == 3.0


def test_the_interval_holds_also_where_it_is_longer_than_the_window() -> None:
    brake = a_brake(at_least=0, interval=100, window=10, share=1.0)
    leave(brake, A, 10, 1.0)
    assert brake.allowed_at(A, 1.0, is_visible=True) == 1.0
    leave(brake, B, 10, 50.0)
    assert brake.allowed_at(B, 50.0, is_visible=True) == 101.0


def test_services_that_stand_no_more_for_another_cause_are_not_counted_as_standing() -> None:
    brake = a_brake(at_least=0)
    leave(brake, B, 10, 1.0)
    assert brake.allowed_at(B, 1.0, is_visible=True) == 1.0
    for number in range(8):
        brake.stands_no_more(A, key(number))
    leave(brake, A, 3, 2.0)
    assert brake.allowed_at(A, 2.0, is_visible=True) > 2.0


def test_what_is_left_of_the_budget_is_what_was_not_granted_in_the_window() -> None:
    brake = a_brake(at_least=0, interval=100, window=1000, share=1.0)
    assert brake.left(1.0) == 3
    leave(brake, A, 10, 1.0)
    assert brake.allowed_at(A, 1.0, is_visible=True) == 1.0
    assert brake.left(1.0) == 2
    assert brake.left(1000.0) == 2
    assert brake.left(1001.0) == 3
