import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.controller.failovers import MOST, Failovers
from feddns.model.assessments import NO_HISTORY, Assessment
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.model.verdicts import Evidence, Health, Verdict
from tests.builders import NOW, a_shard, numbered


class Time:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Zone:
    """Someone who writes a zone."""


def a_verdict(cluster: str, *addresses: str, zones: tuple[str, ...] = ("a",), unseen: bool = False) -> Verdict:
    health = Health.HEALTHY if addresses else Health.UNHEALTHY
    against = (Evidence("EndpointSlices", "0 of 2 endpoints ready", against=True),) if not addresses else ()
    shard = None if unseen else a_shard(cluster, *addresses)
    return Verdict(ClusterName(cluster), health, NOW, zones=zones, addresses=addresses, evidence=against, shard=shard)


def believed(key: ServiceKey, *verdicts: Verdict) -> Assessment:
    return Assessment(key, (), verdicts, 60, (), NO_HISTORY)


US, EU, NO_EU = a_verdict("us", "192.0.2.1"), a_verdict("eu", "192.0.2.2"), a_verdict("eu")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def failovers(time: Time) -> Failovers:
    return Failovers(time)


def leave(failovers: Failovers, number: int, at: float) -> None:
    key = numbered(number)
    failovers.record(believed(key, US, EU), believed(key, US, NO_EU), at)


def test_a_shard_that_no_longer_answers_has_left_to_the_others(failovers: Failovers) -> None:
    leave(failovers, 1, NOW)
    (left,) = failovers.last(10, ())
    assert (left.cluster, left.kind, left.service, left.services, left.at) == ("eu", "left", "shop/s1", 1, NOW)
    assert (left.before.addresses, left.after.addresses, left.others) == (("192.0.2.2",), (), ("us",))
    assert left.because == "EndpointSlices: 0 of 2 endpoints ready"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (NO_EU, EU, "joined"),
        (EU, a_verdict("eu", "192.0.2.3"), "moved"),
        (EU, a_verdict("eu", "192.0.2.2", zones=("b",)), "moved"),
        (EU, None, "left"),
        (None, EU, "joined"),
        (EU, EU, None),
        (NO_EU, a_verdict("eu", zones=("b",)), None),
        (a_verdict("eu", unseen=True), EU, None),
    ],
)
def test_what_a_shard_answers_with_tells_what_happened(
    failovers: Failovers, before: Verdict | None, after: Verdict | None, kind: str | None
) -> None:
    one, other = (believed(numbered(1), US, *filter(None, (verdict,))) for verdict in (before, after))
    failovers.record(one, other, NOW)
    assert [found.kind for found in failovers.last(10, ())] == ([] if kind is None else [kind])


def test_services_that_move_together_are_one_failover_and_later_ones_another(failovers: Failovers) -> None:
    for number in range(3):
        leave(failovers, number, NOW + number)
    leave(failovers, 7, NOW + 60)
    second, first = failovers.last(10, ())
    assert (first.services, first.service, first.at, first.until) == (3, "shop/s0", NOW, NOW + 2)
    assert (second.services, second.service) == (1, "shop/s7")


def test_a_failover_is_written_when_every_zone_has_all_of_it(failovers: Failovers, time: Time) -> None:
    zones = Zone(), Zone()
    one, other = (failovers.follow(zone) for zone in zones)
    leave(failovers, 1, NOW)
    leave(failovers, 2, NOW)
    for step, (settle, number) in enumerate([(one, 1), (one, 2), (other, 1)]):
        time.now = NOW + step
        settle(numbered(number))
        assert [found.written_at for found in failovers.last(1, zones)] == [None]
    time.now = NOW + 9
    other(numbered(2))
    assert [found.written_at for found in failovers.last(1, zones)] == [NOW + 9]
    assert [found.written_at for found in failovers.last(1, zones[:1])] == [NOW + 1]
    other(numbered(2))  # says nothing new
    assert [found.written_at for found in failovers.last(1, zones)] == [NOW + 9]


def test_a_zone_that_is_written_no_more_is_not_waited_for(failovers: Failovers, time: Time) -> None:
    stays, goes = Zone(), Zone()
    settle, _ = failovers.follow(stays), failovers.follow(goes)
    leave(failovers, 1, NOW)
    time.now = NOW + 1
    settle(numbered(1))
    del goes
    leave(failovers, 2, NOW + 60)
    settle(numbered(2))
    assert all(found.written_at is not None for found in failovers.last(10, (stays,)))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.floats(0, 20)), max_size=30))
def test_nothing_is_kept_of_what_is_forgotten(story: list[tuple[int, bool, float]]) -> None:
    time, zone = Time(), Zone()
    failovers = Failovers(time)
    settle = failovers.follow(zone)
    for number, is_written, seconds in story * (MOST // 10):
        time.now += seconds
        leave(failovers, number, time.now)
        if is_written:
            settle(numbered(number))
    told = list(failovers.last(None, (zone,)))
    assert len(told) <= MOST
    waiting = [entry for entries in failovers._waiting.values() for entry in entries]  # noqa: SLF001
    assert all(entry in failovers._entries for entry in waiting)  # noqa: SLF001
    for number in range(4):
        settle(numbered(number))
    assert all(found.written_at is not None for found in failovers.last(MOST, (zone,)))
    assert not failovers._waiting  # noqa: SLF001
