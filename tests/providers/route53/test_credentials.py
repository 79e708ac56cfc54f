from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog.testing

from feddns.errors import Unauthorized, Unavailable
from feddns.telemetry.events import LogEvent
from tests.mounted import Mounted
from tests.providers.fakes.route53 import FakeRoute53
from tests.providers.route53.conftest import OpenRoute53
from tests.providers.route53.sts import Sts

pytestmark = pytest.mark.servers  # which takes seconds

ROLE = "arn:aws:iam::111122223333:role/feddns"


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    with Sts() as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        yield sts


async def test_the_environments_credentials_are_used_by_default(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    await open_route53().read_zone()
    assert set(fake.account.keys) == {"AKIATESTS"}


async def test_a_profile_goes_before_the_environment(fake: FakeRoute53, open_route53: OpenRoute53) -> None:
    await open_route53(profile="other").read_zone()
    assert set(fake.account.keys) == {"AKIAOTHER"}


async def test_a_role_is_assumed_once_for_many_requests(fake: FakeRoute53, open_route53: OpenRoute53, sts: Sts) -> None:
    provider = open_route53(role_arn=ROLE, external_id="shared", profile="other")
    await provider.read_zone()
    await provider.read_zone()
    assert set(fake.account.keys) == {"ASIA1"}
    (asked,) = sts.asked
    assert (asked["Action"], asked["RoleArn"], asked["ExternalId"]) == ("AssumeRole", ROLE, "shared")
    assert asked["RoleSessionName"] == "feddns"
    assert sts.signed == ["AKIAOTHER"]


async def test_a_role_is_assumed_again_before_its_credentials_expire(
    fake: FakeRoute53, open_route53: OpenRoute53, sts: Sts
) -> None:
    sts.valid_s = 300
    provider = open_route53(role_arn=ROLE)
    for _ in range(3):
        await provider.read_zone()
    assert len(set(fake.account.keys)) > 2
    assert all(key.startswith("ASIA") for key in fake.account.keys)


async def test_a_web_identity_assumes_the_role_with_the_token_of_the_moment(
    fake: FakeRoute53, open_route53: OpenRoute53, sts: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    sts.valid_s = 300
    (tmp_path / "token").write_text("first\n")
    provider = open_route53(role_arn=ROLE, web_identity_token_file="token")  # noqa: S106  # a path
    await provider.read_zone()
    (tmp_path / "token").write_text("second")
    await provider.read_zone()
    assert {asked["Action"] for asked in sts.asked} == {"AssumeRoleWithWebIdentity"}
    assert (sts.asked[0]["WebIdentityToken"], sts.asked[-1]["WebIdentityToken"]) == ("first", "second")
    assert set(sts.signed) == {""}
    assert all(key.startswith("ASIA") for key in fake.account.keys)


async def test_the_web_identity_of_a_service_account_works_without_settings(
    fake: FakeRoute53, open_route53: OpenRoute53, sts: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (tmp_path / "token").write_text("of the pod")
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    await open_route53().read_zone()
    assert sts.asked[0]["WebIdentityToken"] == "of the pod"
    assert set(fake.account.keys) == {"ASIA1"}


def an_access_key(name: str) -> str:
    return f"[other]\naws_access_key_id = {name}\naws_secret_access_key = secret of {name}\n"


async def test_another_access_key_in_a_mounted_secret_is_used_for_the_next_request(
    fake: FakeRoute53, open_route53: OpenRoute53, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Mounted(tmp_path / "secret", credentials=an_access_key("AKIAONE"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(secret.path("credentials")))
    provider = open_route53(profile="other")
    await provider.read_zone()
    secret.swap(credentials=an_access_key("AKIATWO"))
    await provider.read_zone()
    assert list(dict.fromkeys(fake.account.keys)) == ["AKIAONE", "AKIATWO"]


@pytest.mark.parametrize("broken", ["no configuration", "[default]\n", "[other]\naws_access_key_id = AKIATORN\n"])
async def test_credentials_that_break_leave_those_that_were_good(
    fake: FakeRoute53, open_route53: OpenRoute53, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    secret = Mounted(tmp_path / "secret", credentials=an_access_key("AKIAONE"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(secret.path("credentials")))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    provider = open_route53(profile="other")
    await provider.read_zone()
    with structlog.testing.capture_logs() as told:
        secret.swap(credentials=broken)
        await provider.read_zone()
        await provider.read_zone()
    assert [line["event"] for line in told] == [LogEvent.CREDENTIALS_KEPT.message]
    assert "secret of" not in str(told)
    assert set(fake.account.keys) == {"AKIAONE"}


async def test_the_token_of_a_service_account_is_read_whenever_the_role_is_assumed(
    open_route53: OpenRoute53, sts: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As EKS mounts it: its kubelet swaps the token long before it ends."""
    sts.valid_s = 300  # so short that it is assumed again for each request
    token = Mounted(tmp_path / "eks", jwt="first")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token.path("jwt")))
    provider = open_route53()
    await provider.read_zone()
    token.swap(jwt="second")
    await provider.read_zone()
    assert (sts.asked[0]["WebIdentityToken"], sts.asked[-1]["WebIdentityToken"]) == ("first", "second")


async def test_a_role_that_may_not_be_assumed_is_no_permission(
    fake: FakeRoute53, open_route53: OpenRoute53, sts: Sts
) -> None:
    sts.refuses = True
    with pytest.raises(Unauthorized, match=r"cannot be assumed by sts:AssumeRole: its trust policy"):
        await open_route53(role_arn=ROLE).read_zone()
    assert fake.account.calls == {}


async def test_a_token_that_is_missing_is_no_permission(open_route53: OpenRoute53, sts: Sts) -> None:
    with pytest.raises(Unauthorized, match=r"cannot be read: .*No such file"):
        await open_route53(role_arn=ROLE, web_identity_token_file="token").read_zone()  # noqa: S106  # a path
    assert sts.asked == []


async def test_a_role_without_credentials_to_assume_it_is_no_permission(
    open_route53: OpenRoute53, sts: Sts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(Unauthorized, match="no AWS credentials"):
        await open_route53(role_arn=ROLE).read_zone()
    assert sts.asked == []


async def test_an_sts_that_is_away_leaves_no_outcome_unknown(
    open_route53: OpenRoute53, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sts() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", gone.url)
    with pytest.raises(Unavailable) as failure:
        await open_route53(role_arn=ROLE).read_zone()
    assert not failure.value.outcome_unknown


async def test_nothing_that_is_told_of_a_provider_holds_a_secret(open_route53: OpenRoute53, sts: Sts) -> None:
    provider = open_route53(role_arn=ROLE)
    sts.refuses = True
    with pytest.raises(Unauthorized) as failure:
        await provider.read_zone()
    assert "secret" not in f"{provider.identity}{failure.value}{provider!r}"
