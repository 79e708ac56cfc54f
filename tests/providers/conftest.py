"""Servers with providers for them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from feddns.model.records import ZoneName
from feddns.providers import pacing
from feddns.providers.rfc2136 import Rfc2136
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.providers.tsigkey import TsigSettings
from tests.servers import DnsServer

pytest.register_assert_rewrite("feddns.testing")

OpenAt = Callable[..., Rfc2136]


@pytest.fixture(autouse=True)
def paces_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for requests of another, whose time may have been a virtual one."""
    monkeypatch.setattr(pacing, "_paces", {})


@pytest.fixture
def open_rfc2136(tmp_path: Path) -> OpenAt:
    """Opens a provider for a server, by default with the key that it grants everything."""

    def open_it(server: DnsServer, host: str = "", port: int = 0, key_name: str = "") -> Rfc2136:
        (tmp_path / "secret").write_text(server.secret + "\n")
        settings = Rfc2136Settings(
            server=f"{host or server.host}:{port or server.port}",
            tsig=TsigSettings(key_name or server.key_name, server.algorithm, secret_file="secret"),  # noqa: S106  # a path
            timeout=2.0,  # a busy machine takes its time, and a contract waits five seconds
        )
        return Rfc2136.open(settings, ZoneName(f"{server.zone}."), tmp_path)

    return open_it
