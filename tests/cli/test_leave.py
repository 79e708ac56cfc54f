"""What `feddns leave` says before it talks to a cluster; the rest is in tests/membership."""

from pathlib import Path

import pytest

from tests.cli.conftest import Feddns
from tests.cli.test_join import KUBECONFIG
from tests.quickstart import Quickstart


@pytest.fixture(autouse=True)
def laptop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the one file that KUBECONFIG names."""
    (folder / "contexts").write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", "contexts")
    return folder


def test_without_a_configuration_it_is_not_known_what_is_lost(feddns: Feddns, laptop: Path) -> None:
    (laptop / "feddns.yaml").unlink()
    result = feddns("leave", "us", "--host-context", "us")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "feddns: leave is refused: there is no configuration here, so it is not known which services only this cluster "
        "has\n`feddns leave us --force` does it all the same\n"
    )


def test_without_a_host_cluster_it_is_told_how_to_name_one(feddns: Feddns, quickstart: Quickstart) -> None:
    assert quickstart.config.exists()
    result = feddns("leave", "us")
    assert result.exit_code == 1
    assert "feddns.yaml has no clusterSecrets" in result.stderr


def test_a_context_that_is_not_there_is_told_before_anything_is_done(feddns: Feddns, laptop: Path) -> None:
    (laptop / "feddns.yaml").unlink()
    result = feddns("leave", "us", "--host-context", "us", "--context", "eu", "--force")
    assert (result.exit_code, result.stderr) == (1, "feddns: contexts has no context 'eu'; there are us\n")
