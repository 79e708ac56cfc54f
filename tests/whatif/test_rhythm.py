import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.changes import Limits
from feddns.providers.pacing import Gathering, Pace
from feddns.whatif.rhythm import Beat, Rhythm
from tests.virtual import virtually

ANY = Limits(10, 1_000)


def begun(rhythm: Rhythm, count: int, *, is_full: bool) -> list[float]:
    """When so many batches begin, the first at 1000 s and each as soon as it may."""
    beat, now, found = Beat(rhythm), 1_000.0, []
    for _ in range(count):
        now = beat.next_at(now, is_full=is_full)
        found.append(now - 1_000.0)
        now = beat.begin(now)
    return found


def test_without_a_pace_one_batch_follows_the_other() -> None:
    assert begun(Rhythm(ANY, batch_s=2.0), 3, is_full=True) == [0.0, 2.0, 4.0]


def test_a_batch_that_is_not_full_waits_for_company() -> None:
    gathering = Rhythm(ANY, batch_s=0.25, gather_s=0.5)
    assert begun(gathering, 3, is_full=False) == [0.0, 0.5, 1.0]
    assert begun(gathering, 3, is_full=True) == [0.0, 0.25, 0.5]


@given(st.floats(0.5, 50), st.integers(1, 20), st.floats(0, 2), st.lists(st.booleans(), max_size=30))
def test_it_is_the_pace_of_providers(rate: float, burst: int, gather_s: float, full: list[bool]) -> None:
    async def main() -> None:
        pace, gathering, clock = Pace(rate, burst), Gathering(gather_s), asyncio.get_running_loop().time
        beat = Beat(Rhythm(ANY, batch_s=0.0, interval_s=1 / rate, burst=burst, gather_s=gather_s))
        await asyncio.sleep(1_000)
        for is_full in full:
            pause_s = max(pace.pause_s, gathering.pause_s(is_full=is_full))
            assert beat.next_at(clock(), is_full=is_full) - clock() == pytest.approx(pause_s, abs=1e-3)
            await asyncio.sleep(pause_s)
            gathering.begin()
            beat.begin(clock())
            await pace.turn()

    virtually(main())
