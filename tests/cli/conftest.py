"""The command line as an operator uses it: in a folder of its own, with a configuration and the files it names."""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feddns.cli.main import cli
from tests.quickstart import Quickstart

CONFIG = """\
federation: myfederation
dns:
  zone: example.com
  provider:
    rfc2136:
      server: 192.0.2.53
      tsig:
        name: feddns
        secretFile: secret
clusters:
- {name: us, kubeconfig: us.kubeconfig, context: us}
- {name: eu, manifests: eu, region: europe-west1, zones: [europe-west1-b]}
- {name: here, inCluster: true}
"""

Feddns = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def kept_loop() -> Iterator[None]:
    """The event loop that pytest-asyncio makes for itself and forgets, unclosed, when a verb calls `asyncio.run`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            loop = asyncio.get_event_loop_policy().get_event_loop()
        except RuntimeError:  # there is none, so none can be forgotten
            yield
            return
    yield
    loop.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a valid `feddns.yaml` and everything that it names."""
    (tmp_path / "feddns.yaml").write_text(CONFIG)
    (tmp_path / "secret").write_text("c2VjcmV0")
    (tmp_path / "us.kubeconfig").write_text("apiVersion: v1\nkind: Config\n")
    (tmp_path / "eu").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEDDNS_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def feddns(folder: Path) -> Feddns:  # noqa: ARG001 - the folder must be there
    """Runs `feddns` with these arguments, in this process."""

    def run(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(cli, arguments, prog_name="feddns", env=environment)

    return run


@pytest.fixture
def quickstart(folder: Path) -> Quickstart:
    """The current directory, with the federation of the example; what does not come is not waited for long."""
    quickstart = Quickstart(folder)
    quickstart.configure(watch={"startGrace": "300ms"}, write={"deadline": "300ms"})
    return quickstart
