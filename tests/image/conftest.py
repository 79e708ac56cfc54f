"""What the image holds, installed once for all tests."""

from pathlib import Path

import pytest

from tests.image.installed import Pod, install


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the image has as /opt/feddns."""
    prefix = tmp_path_factory.mktemp("image") / "feddns"
    install(prefix)
    return prefix


@pytest.fixture
def pod(prefix: Path, tmp_path: Path) -> Pod:
    """A container without any configuration."""
    return Pod(prefix, tmp_path)
