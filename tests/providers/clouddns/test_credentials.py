"""Credentials of every kind lead to the API, and those that do not are told with what would be right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google.auth.exceptions
import pytest
import structlog.testing
from google.auth.exceptions import GoogleAuthError

from feddns.errors import ProviderError, Rejected, Unauthorized, Unavailable
from feddns.model.changes import Batch, Fence
from feddns.model.records import ZoneName
from feddns.providers.clouddns import CloudDns
from feddns.providers.clouddns.calls import Call
from feddns.providers.clouddns.credentials import auth_failure, find_access
from feddns.providers.clouddns.settings import CloudDnsSettings
from feddns.telemetry.events import LogEvent
from feddns.testing.pen import Pen
from tests.mounted import Mounted
from tests.providers.clouddns.conftest import ZONE_ID, Inline, OpenCloudDns, write_key
from tests.providers.fakes.clouddns import ALL, FakeCloudDns, Principal

pytestmark = pytest.mark.servers  # which takes seconds

ZONE = ZoneName("example.com.")
DNS = Principal("feddns@a-project.iam.gserviceaccount.com")


@pytest.fixture(autouse=True)
def strangers_out(fake: FakeCloudDns) -> None:
    fake.identities.anonymous = None


async def test_a_key_file_is_relative_to_the_configuration_and_names_the_project(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    provider = open_clouddns(credentials_file=write_key(fake, tmp_path, DNS), project=None)
    assert provider.identity == "example.com. in Cloud DNS, its project, as feddns.json"
    assert await provider.read_zone()
    assert provider.identity == (
        f"example.com. in Cloud DNS, managed zone the-zone of project {fake.name}, as {DNS.email}"
    )


async def test_application_default_credentials_are_found_by_their_variable(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / write_key(fake, tmp_path, DNS)))
    provider = open_clouddns(anonymous=False, project=None)
    assert await provider.read_zone()
    assert DNS.email in provider.identity


async def test_the_project_of_the_environment_goes_before_that_of_the_credentials(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "elsewhere")
    key = write_key(fake, tmp_path, DNS)
    with pytest.raises(Unauthorized, match="project elsewhere"):
        await open_clouddns(credentials_file=key, project=None).read_zone()
    assert await open_clouddns(credentials_file=key).read_zone()


async def test_a_pod_on_gke_asks_the_metadata_server(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.identities.pod = DNS
    monkeypatch.delenv("NO_GCE_CHECK")
    for name in ("GCE_METADATA_HOST", "GCE_METADATA_IP"):
        monkeypatch.setenv(name, f"127.0.0.1:{fake.port}")
    provider = open_clouddns(anonymous=False, project=None)
    assert await provider.read_zone()
    assert f"project {fake.name}" in provider.identity


async def test_a_token_of_another_issuer_is_exchanged(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    fake.identities.federated["a token of the cluster's own"] = DNS
    (tmp_path / "token").write_text("a token of the cluster's own")
    pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/c"
    federation = {
        "type": "external_account",
        "audience": pool,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{fake.url}/token",
        "credential_source": {"file": str(tmp_path / "token")},
    }
    (tmp_path / "federation.json").write_text(json.dumps(federation))
    assert await open_clouddns(credentials_file="federation.json").read_zone()
    (tmp_path / "token").write_text("a token of nobody's")
    with pytest.raises(Unauthorized, match="the credentials are not accepted"):
        await open_clouddns(credentials_file="federation.json").read_zone()


async def test_another_key_in_a_mounted_secret_is_used_for_the_next_request_and_a_broken_one_is_not(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    others = Principal("second@a-project.iam.gserviceaccount.com")
    first, second = ((tmp_path / write_key(fake, tmp_path, each)).read_text() for each in (DNS, others))
    secret = Mounted(tmp_path / "secret", key=first)
    provider = open_clouddns(credentials_file="secret/key")
    await provider.read_zone()
    secret.swap(key=second)
    await provider.read_zone()
    assert others.email in provider.identity
    with structlog.testing.capture_logs() as told:
        for broken in ("{", json.dumps({**json.loads(first), "private_key": "torn"})):
            secret.swap(key=broken)
            await provider.read_zone()
    assert [line["event"] for line in told] == [LogEvent.CREDENTIALS_KEPT.message] * 2
    assert "PRIVATE" not in str(told)
    assert others.email in provider.identity
    assert list(dict.fromkeys(each.email for each in fake.identities.issued.values())) == [DNS.email, others.email]


async def test_the_token_of_workload_identity_federation_is_read_whenever_one_of_google_is_asked_for(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    token = Mounted(tmp_path / "projected", jwt="first")
    fake.identities.federated["first"] = DNS
    federation = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/c",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{fake.url}/token",
        "credential_source": {"file": str(token.path("jwt"))},
    }
    (tmp_path / "federation.json").write_text(json.dumps(federation))
    provider = open_clouddns(credentials_file="federation.json")
    await provider.read_zone()
    token.swap(jwt="second")
    fake.identities.federated = {"second": DNS}
    fake.identities.issued.clear()  # as if an hour had passed
    assert await provider.read_zone()


async def test_the_quota_project_is_told(fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path) -> None:
    provider = open_clouddns(credentials_file=write_key(fake, tmp_path, DNS), quota_project="pays")
    await provider.read_zone()
    assert fake.quota_projects == {"pays"}


def test_another_service_account_is_acted_as(fake: FakeCloudDns, tmp_path: Path) -> None:
    settings = CloudDnsSettings(
        credentials_file=write_key(fake, tmp_path, DNS), impersonate="zone@p.iam.gserviceaccount.com", quota_project="q"
    )
    access = find_access(settings, tmp_path)
    assert access.who == "zone@p.iam.gserviceaccount.com"
    assert type(access.credentials).__module__ == "google.auth.impersonated_credentials"
    assert access.project == fake.name


async def test_without_credentials_the_ways_to_give_them_are_told(open_clouddns: OpenCloudDns) -> None:
    with pytest.raises(Unauthorized, match=r"workload identity.*credentialsFile.*GOOGLE_APPLICATION_CREDENTIALS"):
        await open_clouddns(anonymous=False).read_zone()


async def test_a_project_that_nothing_tells_is_asked_for(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    path = tmp_path / write_key(fake, tmp_path, DNS)
    path.write_text(
        json.dumps({key: text for key, text in json.loads(path.read_text()).items() if key != "project_id"})
    )
    with pytest.raises(Rejected, match="set `project`, or GOOGLE_CLOUD_PROJECT"):
        await open_clouddns(credentials_file=path.name, project=None).read_zone()


@pytest.mark.parametrize("field", ["private_key", "client_email", "token_uri"])
async def test_a_damaged_key_is_told_and_not_shown(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path, field: str
) -> None:
    path = tmp_path / write_key(fake, tmp_path, DNS)
    key = json.loads(path.read_text())
    secret = key["private_key"].splitlines()[1]
    damaged = {name: text for name, text in key.items() if name != field}
    if field == "private_key":
        damaged[field] = key[field].replace(secret[:20], "!")
    path.write_text(json.dumps(damaged))
    with pytest.raises(Unauthorized, match="holds no usable credentials") as refusal:
        await open_clouddns(credentials_file=path.name).read_zone()
    assert secret[20:40] not in repr(refusal.value) + repr(refusal.value.__cause__)


async def test_a_key_that_is_not_known_any_more_is_read_again_after_it_was_refused(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    path = tmp_path / write_key(fake, tmp_path, DNS)
    good = path.read_text()
    path.write_text(good.replace(DNS.email, "deleted@a-project.iam.gserviceaccount.com"))
    provider = open_clouddns(credentials_file=path.name)
    with pytest.raises(Unauthorized, match="not accepted"):
        await provider.read_zone()
    path.write_text(good)
    assert await provider.read_zone()


async def test_a_token_that_was_withdrawn_is_renewed_without_a_failure(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path
) -> None:
    provider = open_clouddns(credentials_file=write_key(fake, tmp_path, DNS))
    await provider.read_zone()
    fake.identities.issued.clear()
    await Pen(provider, ZONE).write()
    assert len(fake.identities.issued) == 1


def test_nobody_to_give_a_token_is_no_refusal() -> None:
    transport: Callable[..., GoogleAuthError] = google.auth.exceptions.TransportError
    refresh: Callable[..., GoogleAuthError] = google.auth.exceptions.RefreshError
    assert isinstance(auth_failure(transport("timed out")), Unavailable)
    assert isinstance(auth_failure(refresh("later", retryable=True)), Unavailable)
    assert isinstance(auth_failure(refresh("invalid_grant", {})), Unauthorized)


# --- permissions


async def use(provider: CloudDns) -> None:
    """Everything that a provider does: with and without the name of its managed zone."""
    pen = Pen(provider, ZONE)
    await provider.read_zone()
    await pen.write()
    await pen.write()
    await provider.apply(pen.batch())
    pen.skip()
    await provider.apply(Batch((), Fence(pen.claim, None)))


NEEDED = frozenset(permission for call in Call for permission in call.permissions)
CONFIGURED: dict[str, list[dict[str, Any]]] = {
    "dns.managedZones.list": [{}],
    "dns.managedZones.get": [{"managed_zone": ZONE_ID}],
    "dns.changes.get": [{"wait_for_done": True}],
}
"""Permissions that only some settings need."""


@pytest.mark.parametrize("settings", [{}, {"managed_zone": ZONE_ID}])
async def test_the_permissions_that_calls_tell_suffice(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path, settings: dict[str, Any]
) -> None:
    assert NEEDED < ALL
    fake.pending_polls = 0
    key = write_key(fake, tmp_path, Principal(DNS.email, NEEDED))
    await use(open_clouddns(credentials_file=key, wait_for_done=False, **settings))


@pytest.mark.looptime
@pytest.mark.parametrize("permission", sorted(NEEDED - {"dns.projects.get"}))
async def test_each_permission_that_calls_tell_is_needed_and_is_named_where_it_is_missing(
    fake: FakeCloudDns, open_clouddns: OpenCloudDns, tmp_path: Path, permission: str
) -> None:
    fake.pending_polls = 0
    key = write_key(fake, tmp_path, Principal(DNS.email, NEEDED - {permission}))
    for settings in CONFIGURED.get(permission, [{}]):
        with pytest.raises(ProviderError) as failure:
            await use(open_clouddns(credentials_file=key, thread=Inline(), **settings))
        assert isinstance(failure.value, Unauthorized)
        assert permission in str(failure.value)
