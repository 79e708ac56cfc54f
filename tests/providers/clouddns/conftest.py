"""A project of the tests' own, and providers for it."""

import contextlib
import functools
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from feddns.model.records import ZoneName
from feddns.providers.clouddns import CloudDns
from feddns.providers.clouddns.settings import CloudDnsSettings
from tests.providers.fakes.clouddns import FakeCloudDns, Principal

OpenCloudDns = Callable[..., CloudDns]
FAST = {"requests_per_second": 1000.0, "burst": 1000}
ZONE_ID = "the-zone"
_numbers = itertools.count()


@contextlib.contextmanager
def fake_project() -> Iterator[FakeCloudDns]:
    """A project with the managed zone `the-zone` of `example.com`; of a name of its own, since paces are shared."""
    with FakeCloudDns(f"project-{next(_numbers)}") as fake:
        fake.add_zone(ZONE_ID)
        yield fake
        assert fake.defects == []


def settings_for(fake: FakeCloudDns, **settings: Any) -> CloudDnsSettings:
    """Settings that lead to the fake; without credentials unless they name some."""
    anonymous = not {"credentials_file", "impersonate", "quota_project", "anonymous"} & settings.keys()
    led = {"endpoint": fake.url, "project": fake.name, "anonymous": anonymous, "timeout": 3.0, **FAST}
    return CloudDnsSettings(**{**led, **settings})


@pytest.fixture(autouse=True)
def no_google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is found in the environment, and no metadata server is looked for."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    # google-auth asks Google for a service account's regions, in a thread and whatever the endpoint; let it not.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))


@pytest.fixture
def fake() -> Iterator[FakeCloudDns]:
    with fake_project() as fake:
        yield fake


@pytest.fixture
async def open_clouddns(tmp_path: Path, fake: FakeCloudDns) -> AsyncIterator[OpenCloudDns]:
    """Opens providers of the fake's project, and closes them in the end."""
    opened: list[CloudDns] = []

    def open_it(zone: str = "example.com.", thread: Executor | None = None, **settings: Any) -> CloudDns:
        opened.append(CloudDns(settings_for(fake, **settings), ZoneName(zone), tmp_path, thread))
        return opened[-1]

    yield open_it
    for provider in opened:
        await provider.close()


@pytest.fixture
def provider(open_clouddns: OpenCloudDns) -> CloudDns:
    """A provider of the fake's `example.com`."""
    return open_clouddns()


@functools.cache
def key_pair() -> tuple[str, str]:
    """A private and a public key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def write_key(fake: FakeCloudDns, folder: Path, principal: Principal) -> str:
    """A key file of a service account that the project knows; gives its name."""
    private, public = key_pair()
    fake.identities.add(principal, public)
    name = f"{principal.email.partition('@')[0]}.json"
    key = {
        "type": "service_account",
        "project_id": fake.name,
        "private_key_id": "1",
        "private_key": private,
        "client_email": principal.email,
        "client_id": "1",
        "token_uri": f"{fake.url}/token",
    }
    (folder / name).write_text(json.dumps(key))
    return name


class Inline(Executor):
    """Runs everything where it is asked for, so that virtual time stands still meanwhile."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the one who waits for it gets it
            future.set_exception(error)
        return future
