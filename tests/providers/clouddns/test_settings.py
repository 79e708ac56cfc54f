"""Settings are strict, and lead no credentials astray."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from feddns.errors import Unauthorized
from feddns.model.records import ZoneName
from feddns.providers.clouddns import CloudDns
from feddns.providers.clouddns.settings import CloudDnsSettings


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"project": "p", "managedZone": "z", "private": True},
        {"endpoint": "https://dns.europe-west1.rep.googleapis.com"},
        {"endpoint": "http://127.0.0.1:8080/", "anonymous": True, "project": "p"},
        {"endpoint": "http://[::1]:8080", "anonymous": True, "project": "p"},
        {"endpoint": "http://localhost:8080"},
    ],
)
def test_settings_that_can_be_used_are_taken(settings: dict[str, object]) -> None:
    assert isinstance(msgspec.convert(settings, CloudDnsSettings), CloudDnsSettings)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"anonymous": True, "project": "p"}, "on this machine"),
        ({"anonymous": True, "project": "p", "endpoint": "https://dns.example.com"}, "on this machine"),
        ({"anonymous": True, "endpoint": "http://127.0.0.1:1"}, "anonymous needs project"),
        ({"anonymous": True, "project": "p", "endpoint": "http://127.0.0.1:1", "credentialsFile": "k"}, "leave out"),
        ({"anonymous": True, "project": "p", "endpoint": "http://127.0.0.1:1", "impersonate": "a@b"}, "leave out"),
        ({"endpoint": "http://dns.example.com"}, "in clear"),
        ({"endpoint": "http://127.0.0.1.example.com"}, "in clear"),
        ({"endpoint": "dns.example.com"}, "is no endpoint"),
        ({"endpoint": "https://dns.example.com/dns/v1"}, "is no endpoint"),
        ({"requestsPerSecond": 0}, "> 0"),
        ({"burst": 0}, ">= 1"),
        ({"project": ""}, ">= 1"),
        ({"zone": "z"}, "unknown field"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_what_would_be_right(
    settings: dict[str, object], text: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert(settings, CloudDnsSettings)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "k.json with the credentials cannot be read: No such file"),
        ("-----BEGIN PRIVATE KEY-----\nSECRET", "holds no credentials"),
        ('{"type": "oauth", "private_key": "SECRET"}', "`type` is service_account, external_account"),
        ('["SECRET"]', "holds no credentials"),
        ("SECRET\xff", "holds no credentials"),
    ],
)
def test_a_file_of_credentials_that_cannot_be_used_is_told_at_once_and_never_shown(
    tmp_path: Path, content: str | None, text: str
) -> None:
    if content is not None:
        (tmp_path / "k.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(Unauthorized, match=text) as refusal:
        CloudDns.open(CloudDnsSettings(credentials_file="k.json"), ZoneName("example.com."), tmp_path)
    assert "SECRET" not in str(refusal.value)
    assert content is None or (refusal.value.__cause__ is None and refusal.value.__context__ is None)


def test_googles_libraries_are_not_imported_before_they_are_needed() -> None:
    script = (
        "import sys; from pathlib import Path; from feddns.providers.clouddns import CloudDns;"
        "CloudDns.open(CloudDns.Settings(), 'example.com.', Path());"
        "sys.exit(any(name.split('.')[0] in {'google', 'requests'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
