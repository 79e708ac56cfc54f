import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.sight import Hearing, Kind
from feddns.model.evidence import Sight

KINDS = (Kind.SERVICES, Kind.SLICES)


def a_hearing() -> Hearing:
    return Hearing(KINDS, lost_after_s=45.0, now=0.0)


def a_visible_one(now: float = 10.0) -> Hearing:
    hearing = a_hearing()
    for kind in KINDS:
        hearing.listed(kind, now)
    return hearing


def test_a_cluster_is_unseen_until_every_needed_kind_is_listed() -> None:
    hearing = a_hearing()
    assert hearing.sight(5.0) == (Sight.UNSEEN, 0.0)
    assert not hearing.listed(Kind.SERVICES, 6.0)
    assert hearing.sight(900.0) == (Sight.UNSEEN, 0.0)
    assert hearing.reason(900.0) == "not listed yet: endpointslices.discovery.k8s.io"
    assert hearing.listed(Kind.SLICES, 901.0)


def test_a_kind_listed_long_before_the_last_is_heard_of_from_its_own_time() -> None:
    hearing = a_hearing()
    hearing.listed(Kind.SERVICES, 6.0)
    hearing.heard(Kind.SERVICES, 40.0)
    assert hearing.listed(Kind.SLICES, 41.0)
    assert hearing.sight(41.0) == (Sight.VISIBLE, 41.0)
    assert hearing.reason(41.0) == ""


def test_a_cluster_is_lost_when_any_kind_was_silent_for_too_long() -> None:
    hearing = a_visible_one()
    hearing.heard(Kind.SERVICES, 50.0)
    assert hearing.sight(54.9) == (Sight.VISIBLE, 10.0)
    assert hearing.sight(55.0) == (Sight.LOST, 55.0)
    assert hearing.is_silent(Kind.SLICES, 55.0)
    assert not hearing.is_silent(Kind.SERVICES, 55.0)
    assert hearing.reason(60.0) == "nothing heard for too long of endpointslices.discovery.k8s.io"


def test_a_lost_cluster_is_back_when_the_silent_kind_speaks() -> None:
    hearing = a_visible_one()
    assert not hearing.heard(Kind.SERVICES, 70.0)
    assert hearing.heard(Kind.SLICES, 71.0)
    assert hearing.sight(72.0) == (Sight.VISIBLE, 71.0)
    assert not hearing.heard(Kind.SLICES, 73.0)


def test_the_reason_is_the_last_failure_until_the_kind_is_heard_of() -> None:
    hearing = a_hearing()
    for kind in KINDS:
        hearing.failed(kind, "connection refused")
    assert hearing.reason(1.0) == "connection refused"
    hearing.listed(Kind.SERVICES, 2.0)
    hearing.failed(Kind.SLICES, "403")
    assert hearing.reason(3.0) == "403"
    hearing.listed(Kind.SLICES, 4.0)
    assert hearing.reason(5.0) == ""
    hearing.failed(Kind.SERVICES, "no answer")
    assert hearing.reason(46.9) == ""
    assert hearing.reason(47.0) == "no answer"


def hear(hearing: Hearing, now: float) -> None:
    for kind in KINDS:
        hearing.heard(kind, now)


def a_distrusted_one() -> Hearing:
    """Lost at 70, as its API server has said since 20 that it is not ready, though all is heard."""
    hearing = a_visible_one()
    for now in (20.0, 30.0, 40.0, 50.0, 60.0):
        hear(hearing, now)
        assert not hearing.unready("[-]etcd failed", now)
    hear(hearing, 70.0)
    assert hearing.unready("[-]etcd failed", 70.0)
    return hearing


def test_the_oldest_of_the_kinds_tells_when_the_api_server_was_heard() -> None:
    hearing = a_hearing()
    heard_at = []
    for kind, now in ((Kind.SERVICES, 1.0), (Kind.SLICES, 2.0), (Kind.SERVICES, 3.0)):
        hearing.heard(kind, now)
        heard_at.append(hearing.heard_at)
    assert heard_at == [None, 1.0, 2.0]


def test_an_api_server_that_says_for_long_that_it_is_not_ready_is_lost_though_its_watches_live() -> None:
    hearing = a_distrusted_one()
    hear(hearing, 71.0)
    assert hearing.sight(71.0) == (Sight.LOST, 70.0)
    assert hearing.reason(71.0) == "its API server is not ready: [-]etcd failed"


def test_one_that_was_ready_in_between_is_not_lost() -> None:
    hearing = a_visible_one()
    hearing.unready("[-]etcd failed", 20.0)
    assert not hearing.ready()
    hear(hearing, 66.0)
    assert not hearing.unready("[-]etcd failed", 66.0)
    assert hearing.sight(66.0)[0] is Sight.VISIBLE


def test_no_answer_neither_loses_a_cluster_nor_brings_it_back() -> None:
    hearing = a_visible_one()
    hearing.unready("[-]etcd failed", 20.0)
    hear(hearing, 300.0)
    assert hearing.sight(300.0)[0] is Sight.VISIBLE
    distrusted = a_distrusted_one()
    hear(distrusted, 900.0)
    assert distrusted.sight(900.0) == (Sight.LOST, 70.0)


def test_a_distrusted_cluster_is_visible_when_all_was_listed_after_it_was_ready() -> None:
    hearing = a_distrusted_one()
    assert not hearing.listed(Kind.SERVICES, 75.0)  # by an API server that is not ready
    assert hearing.ready()
    assert not hearing.ready()
    hear(hearing, 80.0)
    assert hearing.reason(80.0) == "its API server is ready again, and everything is being listed anew"
    assert not hearing.listed(Kind.SLICES, 81.0)
    assert hearing.sight(81.0) == (Sight.LOST, 70.0)
    assert hearing.listed(Kind.SERVICES, 82.0)
    assert hearing.sight(82.0) == (Sight.VISIBLE, 82.0)


def test_a_distrusted_cluster_that_is_silent_too_tells_both() -> None:
    hearing = a_distrusted_one()
    hearing.failed(Kind.SERVICES, "connection refused")
    assert hearing.reason(116.0) == "its API server is not ready: [-]etcd failed; connection refused"


def test_an_unseen_cluster_stays_unseen_whatever_its_api_server_says() -> None:
    hearing = a_hearing()
    hearing.unready("[-]etcd failed", 1.0)
    hearing.unready("[-]etcd failed", 100.0)
    assert hearing.sight(100.0) == (Sight.UNSEEN, 0.0)


STEPS = st.lists(
    st.tuples(st.sampled_from(["heard", "listed", "unready", "ready"]), st.sampled_from(KINDS), st.floats(0.0, 60.0)),
    max_size=40,
)


@given(STEPS)
def test_every_change_of_sight_but_by_the_passing_of_time_is_told(steps: list[tuple[str, Kind, float]]) -> None:
    hearing, now = a_hearing(), 0.0
    for step, kind, pause in steps:
        now += pause
        before = hearing.sight(now)[0]
        match step:
            case "heard":
                told = hearing.heard(kind, now)
            case "listed":
                told = hearing.listed(kind, now)
            case "unready":
                told = hearing.unready("[-]etcd failed", now)
            case _:
                hearing.ready()
                told = False
        sight, since = hearing.sight(now)
        assert told is (sight is not before)
        assert since <= now
        assert bool(hearing.reason(now)) is (sight is not Sight.VISIBLE)


@pytest.mark.parametrize("pause", [5.0, 44.0])
def test_no_number_of_answers_loses_a_cluster_within_the_set_time(pause: float) -> None:
    hearing, now = a_visible_one(0.0), 0.0
    while now < 45.0:
        hear(hearing, now)
        assert not hearing.unready("[-]etcd failed", now)
        now += pause


def test_the_silence_of_each_kind_is_told_since_it_was_first_heard() -> None:
    hearing = a_hearing()
    assert hearing.silences(5.0) == {}
    hearing.listed(Kind.SERVICES, 6.0)
    hearing.heard(Kind.SLICES, 8.0)
    assert hearing.silences(10.0) == {Kind.SERVICES: 4.0, Kind.SLICES: 2.0}
    assert hearing.silences(7.0)[Kind.SLICES] == 0.0
