"""Webhooks with providers for them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from feddns.model.records import ZoneName
from feddns.providers.webhook import Webhook
from feddns.providers.webhook.settings import WebhookSettings
from tests.lab.binaries import program
from tests.providers.webhook.externaldns import ExternalDns, copy_that_listens_elsewhere, in_memory, on_server
from tests.servers import DnsServer

ZONE = ZoneName("example.com.")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build external-dns before any test's time limit runs; where that fails, the tests that need it tell."""
    items = (item for item in session.items if "listener" in getattr(item, "fixturenames", ()))
    if session.config.getoption("collectonly") or next(items, None) is None:
        return
    capture = session.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with (
        capture.global_and_fixture_disabled(),
        suppress(RuntimeError),
    ):  # a cold build takes minutes: it shows its steps
        program("external-dns")


def open_webhook(url: str, zone: ZoneName = ZONE, folder: Path = Path(), **settings: object) -> Webhook:
    """A provider for a webhook; the test closes it."""
    return Webhook.open(WebhookSettings(url=url, **settings), zone, folder)  # type: ignore[arg-type]  # as settings are


@pytest.fixture(scope="session")
def listener(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """A program `external-dns`, and the address that is its own."""
    return copy_that_listens_elsewhere(tmp_path_factory.mktemp("external-dns"))


@pytest.fixture
def memory(listener: tuple[Path, str, int], tmp_path: Path) -> Iterator[ExternalDns]:
    """A webhook with a zone `example.com` in memory."""
    with ExternalDns(listener, tmp_path, *in_memory()) as server:
        yield server


@pytest.fixture
def updater(listener: tuple[Path, str, int], tmp_path: Path, bind: DnsServer) -> Iterator[ExternalDns]:
    """A webhook that updates a zone `example.com` of BIND's."""
    with ExternalDns(listener, tmp_path, *on_server(bind)) as server:
        yield server
