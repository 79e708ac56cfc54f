"""Settings are strict and helpful, and secrets stay secret."""

import base64
from pathlib import Path

import msgspec
import pytest

from feddns.errors import Unauthorized
from feddns.model.address import Address, parse_address
from feddns.providers.rfc2136.settings import Rfc2136Settings
from feddns.providers.tsigkey import Secret, TsigSettings

SECRET = base64.b64encode(b"a secret of the tests, 32 octets").decode()


@pytest.mark.parametrize(
    ("text", "address", "told"),
    [
        ("ns1.example.com", Address("ns1.example.com", 53), "ns1.example.com:53"),
        ("ns1.example.com:5353", Address("ns1.example.com", 5353), "ns1.example.com:5353"),
        ("192.0.2.1:53", Address("192.0.2.1", 53), "192.0.2.1:53"),
        ("[2001:db8::1]:5353", Address("2001:db8::1", 5353), "[2001:db8::1]:5353"),
        ("[2001:db8::1]", Address("2001:db8::1", 53), "[2001:db8::1]:53"),
        ("2001:db8::1", Address("2001:db8::1", 53), "[2001:db8::1]:53"),
    ],
)
def test_a_server_is_written_as_people_write_it(text: str, address: Address, told: str) -> None:
    assert parse_address(text) == address
    assert str(address) == told
    assert parse_address(told) == address


@pytest.mark.parametrize("text", ["", ":53", "host:", "host:0", "host:65536", "host:dns", "[::1", "[::1]53", "[]:53"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"server|port"):
        msgspec.convert({"server": text}, Rfc2136Settings)


@pytest.mark.parametrize(
    ("tsig", "text"),
    [
        ({"name": "k", "algorithm": "hmac-md5", "secretEnv": "S"}, r"too weak .*hmac-sha256"),
        ({"name": "k", "algorithm": "hmac-sha1", "secretEnv": "S"}, r"too weak"),
        ({"name": "k", "algorithm": "sha256", "secretEnv": "S"}, r"choose one of hmac-sha224, hmac-sha256"),
        ({"name": "k"}, r"exactly one of secretFile and secretEnv"),
        ({"name": "k", "secretFile": "f", "secretEnv": "S"}, r"exactly one of secretFile and secretEnv"),
        ({"name": "a..b", "secretEnv": "S"}, r"no domain name"),
        ({"name": "k", "secret": SECRET}, r"unknown field `secret`"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_with_what_would_be_right(tsig: dict[str, str], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert({"server": "ns1", "tsig": tsig}, Rfc2136Settings)


def test_a_secret_is_read_from_a_file_anew_each_time(tmp_path: Path) -> None:
    secret = Secret(TsigSettings("feddns", secret_file="secret"), tmp_path)  # noqa: S106  # a path
    (tmp_path / "secret").write_text(f"  {SECRET}\n")
    assert secret.key().secret == b"a secret of the tests, 32 octets"
    assert secret.key().name.to_text() == "feddns."
    (tmp_path / "secret").write_text(base64.b64encode(b"rotated").decode())
    assert secret.key().secret == b"rotated"


def test_a_secret_is_read_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDDNS_SECRET", SECRET)
    secret = Secret(TsigSettings("feddns", secret_env="FEDDNS_SECRET"), tmp_path)  # noqa: S106  # a name
    assert secret.key().secret == b"a secret of the tests, 32 octets"


@pytest.mark.parametrize("content", ["not base64!", "", "\u00e4", f'key "feddns" {{ secret "{SECRET}"; }};'])
def test_what_is_no_secret_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret").write_text(content)
    with pytest.raises(Unauthorized, match="nothing but base64") as refusal:
        Secret(TsigSettings("feddns", secret_file="secret"), tmp_path).key()  # noqa: S106  # a path
    assert str(tmp_path / "secret") in str(refusal.value)
    assert not content or content not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_a_secret_that_is_missing_is_told_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match=r"secret with the TSIG secret cannot be read: No such file"):
        Secret(TsigSettings("feddns", secret_file="secret"), tmp_path).key()  # noqa: S106  # a path
    with pytest.raises(Unauthorized, match=r"environment variable FEDDNS_UNSET .* is not set"):
        Secret(TsigSettings("feddns", secret_env="FEDDNS_UNSET"), tmp_path).key()  # noqa: S106  # a name


def test_the_key_is_told_by_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    assert str(Secret(TsigSettings("feddns", secret_file="secret"), tmp_path)) == "TSIG key feddns. (hmac-sha256)"  # noqa: S106  # a path
