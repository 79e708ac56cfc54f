"""An AWS account of the tests' own, and providers for it."""

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
import pytest

from feddns.model.records import ZoneName
from feddns.providers.route53 import Route53
from feddns.providers.route53.settings import Route53Settings
from tests.providers.fakes.route53 import FakeRoute53

STRANGER = "AKIASTRANGER"
OpenRoute53 = Callable[..., Route53]
FAST = {"requests_per_second": 1000.0, "burst": 1000}


class Inline(Executor):
    """Runs everything where it is asked for, so that virtual time stands still meanwhile."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the one who waits for it gets it
            future.set_exception(error)
        return future


@pytest.fixture(autouse=True, scope="session")
def shared_models() -> Iterator[None]:
    """The service models are read from disk once, not for each client: that is most of what a client costs."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda _path: loader)
        yield


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Credentials of the tests' own, and an environment that asks for retries, which feddns must not make."""
    folder = tmp_path_factory.mktemp("aws")
    (folder / "credentials").write_text(
        f"[stranger]\naws_access_key_id = {STRANGER}\naws_secret_access_key = secret\n"
        "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = secret\n"
    )
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATESTS",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_RETRY_MODE": "adaptive",
        "AWS_MAX_ATTEMPTS": "7",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def fake() -> Iterator[FakeRoute53]:
    """An account with the hosted zone `example.com`."""
    with FakeRoute53() as fake:
        fake.account.add_zone("example.com")
        yield fake


@pytest.fixture
async def open_route53(tmp_path: Path, fake: FakeRoute53) -> AsyncIterator[OpenRoute53]:
    """Opens providers of the fake account, and closes them in the end."""
    opened: list[Route53] = []

    def open_it(zone: str = "example.com.", executor: Executor | None = None, **settings: Any) -> Route53:
        chosen = Route53Settings(**{"endpoint_url": fake.url, **FAST, **settings})
        opened.append(Route53(chosen, ZoneName(zone), tmp_path, executor))
        return opened[-1]

    yield open_it
    for provider in opened:
        await provider.close()


@pytest.fixture
def provider(open_route53: OpenRoute53) -> Route53:
    """A provider of the fake's `example.com`."""
    return open_route53()
