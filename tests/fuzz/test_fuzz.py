import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from feddns.telemetry.events import DEBUG, write_from
from tests.fuzz.names import CORPUS, names

pytestmark = pytest.mark.servers

RUNS = 3_000
SEED = 2136
MOST_SEEDS = 60


@contextmanager
def quietly() -> Iterator[None]:
    """Some targets turn the log down, which is the process's."""
    try:
        yield
    finally:
        write_from(DEBUG, None)


def seeds(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


def test_every_target_has_seeds_and_not_too_many() -> None:
    assert len(names()) >= 14
    assert sorted(path.name for path in CORPUS.iterdir()) == names()
    assert all(0 < len(seeds(name)) <= MOST_SEEDS for name in names())


def test_what_was_found_is_no_more_than_a_seed() -> None:
    found = [
        path.name for name in names() for path in seeds(name) if path.name.startswith(("crash-", "timeout-", "oom-"))
    ]
    assert found == [], "turn it into a test, mend it, and give the seed a name"


@pytest.mark.parametrize("name", names())
def test_every_seed_is_taken(name: str) -> None:
    with quietly():
        target: Callable[[bytes], None] = import_module(f"tests.fuzz.targets.{name}").fuzz
        for seed in seeds(name):
            target(seed.read_bytes())
        target(b"")


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed: uv sync --group fuzz")
@pytest.mark.parametrize("name", names())
def test_some_thousand_inputs_always_the_same_find_nothing(name: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", name, "--runs", str(RUNS), "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
