"""Fixtures that every test can ask for, and the marks that follow from what a test asks for."""

import pytest

from tests.lab.binaries import programs

pytest_plugins = ["tests.servers", "tests.lab.fixtures"]

MARKS = {"servers": {"bind", "knot"}, "lab": {"clusters"}}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the servers it uses, so that `-m "not lab and not servers"` needs no one's care.

    Tests of the lab form one group of pytest-xdist: the lab's clusters run once, whatever the number of workers.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for mark, asked in MARKS.items():
            if fixtures & asked:
                item.add_marker(mark)
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group("lab"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build what the lab is made of before any test's time limit runs."""
    if session.config.getoption("collectonly") or not any(item.get_closest_marker("lab") for item in session.items):
        return
    capture = session.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():  # a cold build takes minutes: it shows its steps
        try:
            programs()
        except RuntimeError as failed:
            pytest.exit(f"the lab's programs cannot be built: {failed}", returncode=1)
