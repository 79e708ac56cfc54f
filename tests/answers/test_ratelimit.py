from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.answers.ratelimit import Pace, RateLimit

MASK = 0xFFFF_FF00
PACES = st.builds(Pace, rate=st.integers(1, 2_000), burst=st.integers(1, 500), slip=st.integers(0, 4))
STEPS = st.lists(st.tuples(st.integers(0, 2_000), st.lists(st.integers(0, 3), max_size=40)), max_size=30)
"""Milliseconds that pass, and then the networks that ask."""


def a_client(network: int, host: int = 1) -> int:
    return 0x0A00_0000 + (network << 8) + host


def played(limit: RateLimit, steps: list[tuple[int, list[int]]]) -> Iterator[tuple[float, int, bool | None]]:
    """Time and network of each query, and what became of it: None where it is answered, else whether it is cut."""
    now = 0.0
    for passed_ms, networks in steps:
        now += passed_ms / 1000
        beyond = limit.beyond([a_client(network, host) for host, network in enumerate(networks)], now)
        yield from ((now, network, beyond.get(place)) for place, network in enumerate(networks))


@given(pace=PACES, steps=STEPS)
def test_no_network_gets_more_than_its_burst_and_its_rate_in_any_span(
    pace: Pace, steps: list[tuple[int, list[int]]]
) -> None:
    answered = [(now, network) for now, network, beyond in played(RateLimit(pace, MASK), steps) if beyond is None]
    for network in range(4):
        times = [now for now, asked in answered if asked == network]
        for first, begin in enumerate(times):
            for last, end in enumerate(times[first:], first):
                assert last - first + 1 <= pace.burst + (end - begin) * pace.rate + 0.002


@given(pace=PACES, steps=STEPS)
def test_a_network_that_keeps_to_its_rate_is_never_limited_whatever_others_do(
    pace: Pace, steps: list[tuple[int, list[int]]]
) -> None:
    limit = RateLimit(pace, MASK)
    now = 0.0
    for number, (_, networks) in enumerate(steps):
        now = number / pace.rate
        clients = [a_client(9), *(a_client(network) for network in networks)]
        assert 0 not in limit.beyond(clients, now)


@given(pace=PACES, steps=STEPS)
def test_every_nth_answer_beyond_the_limit_is_cut_for_each_network_apart(
    pace: Pace, steps: list[tuple[int, list[int]]]
) -> None:
    outcomes = list(played(RateLimit(pace, MASK), steps))
    for network in range(4):
        beyond = [is_cut for _, asked, is_cut in outcomes if asked == network and is_cut is not None]
        wanted = [pace.slip > 0 and count % pace.slip == 0 for count in range(1, len(beyond) + 1)]
        assert beyond == wanted


@given(pace=PACES, steps=STEPS)
def test_forgetting_full_buckets_changes_nothing(pace: Pace, steps: list[tuple[int, list[int]]]) -> None:
    """Eight are enough for the four networks that may be in debt."""
    small = RateLimit(pace, MASK, most=8)
    large = RateLimit(pace, MASK)
    passing = 1_000
    now = 0.0
    for passed_ms, networks in steps:
        now += passed_ms / 1000
        clients = [a_client(network) for network in networks]
        assert small.beyond(clients, now).keys() == large.beyond(clients, now).keys()
        now += 2 / pace.rate  # until the strangers' buckets are full again
        small.beyond([a_client(passing := passing + 1) for _ in range(3)], now)
        now += 2 / pace.rate
        assert len(small) <= 8


@given(pace=PACES, strangers=st.integers(0, 300))
def test_forged_addresses_take_no_more_memory_than_was_agreed(pace: Pace, strangers: int) -> None:
    limit = RateLimit(pace, MASK, most=64)
    for first in range(0, strangers, 16):
        limit.beyond([a_client(first + number) for number in range(16)], 0.0)
        assert len(limit) <= 64


@given(pace=PACES, steps=STEPS)
def test_an_exempt_network_is_never_limited_and_the_others_are(pace: Pace, steps: list[tuple[int, list[int]]]) -> None:
    exempting = RateLimit(pace, MASK, lambda network: network == a_client(0, 0))
    outcomes = list(played(exempting, steps))
    assert all(beyond is None for _, network, beyond in outcomes if network == 0)
    plain = list(played(RateLimit(pace, MASK), steps))
    assert [each for each in outcomes if each[1]] == [each for each in plain if each[1]]


@pytest.mark.parametrize("burst", [1, 2, 7, 1_000])
def test_the_whole_burst_is_there_at_once_and_again_after_a_rest(burst: int) -> None:
    limit = RateLimit(Pace(rate=3, burst=burst, slip=0), MASK)
    for now in (0.0, 1e6, 1e6 + burst / 3):
        assert list(limit.beyond([a_client(1)] * (burst + 1), now)) == [burst]
