import asyncio

import pytest

from feddns.providers.pacing import LONGEST_PAUSE_S, Gathering, Pace, asked_pause_s, shared_pace

pytestmark = pytest.mark.looptime


async def times(pace: Pace, requests: int) -> list[float]:
    """When each of so many requests at once was let go."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    async def one() -> float:
        await pace.turn()
        return round(loop.time() - start, 3)

    return list(await asyncio.gather(*(one() for _ in range(requests))))


async def test_after_a_rest_a_few_go_at_once_and_the_others_at_the_rate_in_their_order() -> None:
    assert await times(Pace(5, 3), 6) == [0, 0, 0, 0.2, 0.4, 0.6]


async def test_a_long_rest_gives_no_more_than_the_burst() -> None:
    pace = Pace(5, 2)
    await times(pace, 2)
    await asyncio.sleep(3600)
    assert await times(pace, 4) == [0, 0, 0.2, 0.4]


async def test_a_short_rest_gives_back_what_it_earned() -> None:
    pace = Pace(5, 3)
    await times(pace, 3)
    await asyncio.sleep(0.2)
    assert await times(pace, 2) == [0, 0.2]


async def test_nothing_goes_while_the_account_rests() -> None:
    pace = Pace(5, 3)
    pace.rest(2.0)
    assert await times(pace, 2) == [2.0, 2.2]


async def test_writers_of_one_account_share_its_pace() -> None:
    first, second = shared_pace(("route53", "prod"), 5, 1), shared_pace(("route53", "prod"), 5, 1)
    assert await times(first, 2) == [0, 0.2]
    assert await times(second, 1) == [0.2]
    assert await times(shared_pace(("route53", "test"), 5, 1), 1) == [0]


async def test_a_batch_that_is_not_full_waits_a_moment_after_another_and_after_a_rest_not_at_all() -> None:
    gathering = Gathering(0.5)
    assert gathering.pause_s(is_full=False) == 0
    gathering.begin()
    assert gathering.pause_s(is_full=True) == 0
    assert gathering.pause_s(is_full=False) == pytest.approx(0.5)
    await asyncio.sleep(0.3)
    assert gathering.pause_s(is_full=False) == pytest.approx(0.2)
    await asyncio.sleep(0.3)
    assert gathering.pause_s(is_full=False) == 0


async def test_what_is_left_to_wait_is_told_without_taking_a_turn() -> None:
    pace = Pace(5, 1)
    assert pace.pause_s == 0
    await pace.turn()
    assert pace.pause_s == pytest.approx(0.2)
    await asyncio.sleep(pace.pause_s)
    assert await times(pace, 1) == [0]


NOW = "Sat, 21 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "pause_s"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 09:00:00 -0000", 0.0),
        ("9" * 400, LONGEST_PAUSE_S),
        ("Mon, 21 Nov 2033 10:00:00 GMT", LONGEST_PAUSE_S),
        ("soon", 0.0),
        ("\u00b2", 0.0),
        (f"Sat, 21 Nov 2026 10:00:{'4' * 80} GMT", 0.0),
        ("", 0.0),
    ],
)
def test_a_service_is_heeded_when_it_says_when_to_come_back_and_believed_for_an_hour(
    asked: str, pause_s: float
) -> None:
    assert asked_pause_s(asked, NOW) == pause_s


def test_a_date_to_come_back_at_means_nothing_without_the_services_own_date() -> None:
    assert asked_pause_s("Sat, 21 Nov 2026 10:00:30 GMT", "") == 0.0
