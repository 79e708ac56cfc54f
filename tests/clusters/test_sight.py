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
