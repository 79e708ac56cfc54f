"""What comes and goes as fast as it can, and faster: how often the zone is written for it, at most."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feddns.config.health import HealthSettings
from feddns.model.orders import Eviction, evicted
from feddns.model.topology import ClusterName
from tests.health.federation import RULES, Federation, Place, address, key, some_examples

DAY_S = 86_400.0
PLACE: Place = ("c1", key(0))
_RESTORED_AFTER_S = 60.0

Turn = Callable[[Federation], None]


def most_withdrawals(rules: HealthSettings, seconds: float) -> int:
    """How often one thing that returns can have gone within some time, whatever it does, while others answer.

    Each withdrawal raises its level by one, and `hold_down_decay` lowers it by one. A gap between two withdrawals
    either lasts a whole decay; or it lasts the longest hold-down, at a high level; or it is one of the climbs to that
    level, of which there are as many as doublings to the longest hold-down, and one more for each decay.
    """
    doublings = math.ceil(math.log2(max(1.0, rules.longest_hold_down / rules.hold_down))) + 1
    decays = math.ceil(seconds / rules.hold_down_decay)
    return 1 + doublings + 2 * decays + math.ceil(seconds / rules.longest_hold_down)


def unready(fed: Federation) -> None:
    fed.set_unready(PLACE)


def ready(fed: Federation) -> None:
    fed.set_ready(PLACE)


def zone_unready(fed: Federation) -> None:
    fed.set_ready(PLACE, ("eu-b",))


def refused(fed: Federation) -> None:
    fed.probe(PLACE, address("c1", 0), succeeded=False, times=2)


def accepted(fed: Federation) -> None:
    fed.probe(PLACE, address("c1", 0), succeeded=True, times=2)


def emptied(fed: Federation) -> None:
    fed.set(PLACE, addresses=())


def filled(fed: Federation) -> None:
    fed.set(PLACE, addresses=(address("c1", 0),))


def moved(fed: Federation) -> None:
    """Two controllers fight about the status."""
    fed.set(PLACE, addresses=(address("c1", 0, 1),))


FLAPS: dict[str, tuple[Turn, Turn]] = {
    "a shard's endpoints": (unready, ready),
    "a zone's endpoints": (zone_unready, ready),
    "an address": (refused, accepted),
    "a load balancer's status": (emptied, filled),
    "a load balancer's address": (moved, filled),
}


def most_writes(rules: HealthSettings, seconds: float, *, flap: str) -> int:
    """How often the zone can have been written: for each thing that goes and returns, and for the TTL."""
    things = 2 if flap == "a load balancer's address" else 1
    lowered = math.ceil(seconds / _RESTORED_AFTER_S) + 1 if flap == "a load balancer's status" else 0
    return 2 * things * most_withdrawals(rules, seconds) + 2 * lowered


def a_federation(rules: HealthSettings, flap: str) -> Federation:
    fed = Federation(3, 1, rules, probed=flap == "an address")
    fed.probe_all()
    fed.turn()
    fed.writes = 0
    return fed


def pass_time(fed: Federation, seconds: float) -> None:
    fed.pass_time(seconds, most_turns=10_000)


@pytest.mark.parametrize("flap", FLAPS)
def test_what_goes_as_soon_as_it_is_back_is_written_a_bounded_number_of_times(flap: str) -> None:
    down, up = FLAPS[flap]
    fed = a_federation(RULES, flap)
    began, initial = fed.now, fed.zone[PLACE[1]]
    while fed.now < began + DAY_S:
        for turn in (down, up):
            before = fed.writes
            turn(fed)
            fed.turn()
            for _ in range(100):  # until feddns has followed, or will not
                due = fed.due()
                if fed.writes > before or due is None:
                    break
                pass_time(fed, due - fed.now)
            pass_time(fed, 0.5)
    assert 10 < fed.writes <= most_writes(RULES, DAY_S, flap=flap)
    up(fed)
    fed.turn()
    pass_time(fed, 10 * DAY_S)
    assert fed.zone[PLACE[1]] == initial


@settings(max_examples=some_examples(5))
@given(
    st.sampled_from(sorted(FLAPS)),
    st.builds(
        HealthSettings,
        settle=st.sampled_from((0.0, 3.0)),
        hold_down=st.sampled_from((1.0, 5.0)),
        longest_hold_down=st.sampled_from((10.0, 300.0)),
        hold_down_decay=st.sampled_from((5.0, 60.0, 600.0)),
        load_balancer_hold=st.sampled_from((0.0, 20.0)),
    ),
    st.lists(st.floats(0.01, 100.0), min_size=2, max_size=10),
)
def test_what_comes_and_goes_in_any_rhythm_is_written_a_bounded_number_of_times(
    flap: str, rules: HealthSettings, pauses: list[float]
) -> None:
    fed = a_federation(rules, flap)
    began, moves = fed.now, 0
    while moves < 200:
        FLAPS[flap][moves % 2](fed)
        fed.turn()
        pass_time(fed, pauses[moves % len(pauses)])
        moves += 1
    assert fed.writes <= most_writes(rules, fed.now - began, flap=flap)


@pytest.mark.parametrize("flap", ["a shard's endpoints", "a zone's endpoints"])
@given(pauses=st.lists(st.floats(0.01, 2.99), min_size=2, max_size=10))
@settings(max_examples=some_examples(5))
def test_what_goes_for_less_than_the_settle_time_is_never_written(flap: str, pauses: list[float]) -> None:
    down, up = FLAPS[flap]
    fed = a_federation(RULES, flap)
    for pause in pauses * 10:
        down(fed)
        fed.turn()
        pass_time(fed, pause)
        up(fed)
        fed.turn()
        pass_time(fed, pause)
    assert fed.writes == 0


def test_a_blip_lets_nobody_back_whom_a_person_wants_out() -> None:
    fed = a_federation(RULES, "a shard's endpoints")
    for name in ("c2", "c3"):
        fed.orders = evicted(fed.orders, ClusterName(name), Eviction(fed.now))
    fed.turn()
    fed.writes = 0
    for _ in range(5):
        unready(fed)
        fed.turn()
        pass_time(fed, 2.9)
        ready(fed)
        fed.turn()
        pass_time(fed, 2.9)
    assert fed.writes == 0


def test_a_lowered_ttl_is_written_no_more_than_twice_a_minute() -> None:
    fed = a_federation(RULES, "a load balancer's status")
    began = fed.now
    for _ in range(300):
        emptied(fed)
        fed.turn()
        pass_time(fed, 1.0)
        filled(fed)
        fed.turn()
        pass_time(fed, 62.0)
    assert fed.writes <= 2 * ((fed.now - began) / _RESTORED_AFTER_S + 1)
