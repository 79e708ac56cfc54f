"""Fixtures that every test can ask for, and the marks that follow from what a test asks for."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
import structlog.testing

from feddns.telemetry.events import DEBUG, write_from
from tests.lab.binaries import CHARTS, LAB, programs
from tests.quickstart import Quickstart

# Their assertions tell values, as those of tests do.
pytest.register_assert_rewrite("feddns.testing", "tests.outages.playing")

pytest_plugins = ["tests.servers", "tests.lab.fixtures"]

# A machine that is busy with other tests is slow, which is no fault of what is tested.
hypothesis.settings.register_profile("feddns", deadline=None)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("feddns"), max_examples=12)
hypothesis.settings.load_profile("feddns")

# Keeps the looptime plugin, which asks for the event loop in every test, from making one that nobody closes.
asyncio.set_event_loop(None)

MARKS = {"servers": {"bind", "knot"}, "lab": {"clusters"}}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the servers it uses, so that `-m "not lab and not servers"` needs no one's care."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for mark, asked in MARKS.items():
            if fixtures & asked:
                item.add_marker(mark)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build what the lab is made of before any test's time limit runs."""
    if session.config.getoption("collectonly") or not any(item.get_closest_marker("lab") for item in session.items):
        return
    capture = session.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():  # a cold build takes minutes: it shows its steps
        try:
            programs((*LAB, *CHARTS))
        except RuntimeError as failed:
            pytest.exit(f"the lab's programs cannot be built: {failed}", returncode=1)


@pytest.fixture(autouse=True)
def kept_log() -> Iterator[None]:
    """Leaves logging as it was, so that what a command set up takes no other test's lines."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    write_from(DEBUG, None)
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What is logged from now on, line by line."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def quickstart(tmp_path: Path) -> Quickstart:
    """The federation of the example, in a folder of its own."""
    return Quickstart(tmp_path)
