"""The soak for a few minutes, and what tells whether one went well."""

from pathlib import Path

import pytest

from tests.lab.federation import Lab
from tests.soak.replica import Gauges
from tests.soak.soak import MOST_GROWTH_KIB, MOST_WARMING_KIB, growth, interleaved, leaks, soak

MINUTES = 5.0
SEED = 2026
QUIET = Gauges(rss_kib=70_000, files=20, sockets=15, threads=2, tasks=40)


@pytest.mark.lab
@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_under_random_changes_and_faults_nothing_leaks_and_the_zone_is_exact_at_the_end(
    clusters: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"soak: {text}")  # noqa: T201 - how it goes is all that is known of one that hangs

    say(f"--minutes {MINUTES:g} --seed {SEED}")
    report = await soak(clusters, tmp_path, MINUTES, SEED, say)
    assert report.faulty == ()
    assert report.batches > 100
    assert len(report.faults) > 5


@pytest.mark.parametrize("what", ["files", "sockets", "threads", "tasks"])
def test_what_there_is_more_of_at_the_end_is_a_leak(what: str) -> None:
    held = {name: getattr(QUIET, name) for name in QUIET.__struct_fields__}
    assert list(leaks(QUIET, Gauges(**held))) == []
    (text,) = leaks(QUIET, Gauges(**{**held, what: held[what] + 5}))
    assert what in text


def test_memory_may_grow_until_it_is_warm_and_not_for_ever() -> None:
    warming = [70_000 + min(number * 100, 20_000) for number in range(3600)]
    assert list(growth(warming)) == []
    assert list(growth([*warming, *[90_000 + MOST_GROWTH_KIB + 1] * 100])) != []
    assert list(growth([70_000, *[70_001 + MOST_WARMING_KIB] * 90])) != []


def test_batches_of_one_number_are_two_writers() -> None:
    lines = [{"event": "records written", "seq": seq, "time": str(seq)} for seq in (1, 2, 3)]
    assert list(interleaved(lines)) == []
    assert list(interleaved([*lines, lines[1]])) != []
