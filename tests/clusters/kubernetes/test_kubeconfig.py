from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feddns.clusters.kubernetes.failures import CredentialsError
from feddns.clusters.kubernetes.kubeconfig import read_context

CONFIG = {
    "clusters": [{"name": "c-us", "cluster": {"server": "https://us"}}, {"name": "bare", "cluster": {}}],
    "users": [{"name": "alice", "user": {"token": "s3cret"}}, {"name": "mask", "user": {"as": "root"}}],
    "contexts": [
        {"name": "us", "context": {"cluster": "c-us", "user": "alice"}},
        {"name": "anonymous", "context": {"cluster": "c-us"}},
        {"name": "no-cluster", "context": {"cluster": "c-eu", "user": "alice"}},
        {"name": "no-user", "context": {"cluster": "c-us", "user": "bob"}},
        {"name": "no-server", "context": {"cluster": "bare", "user": "alice"}},
        {"name": "masked", "context": {"cluster": "c-us", "user": "mask"}},
    ],
    "current-context": "us",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


def test_the_current_context_is_the_default(file: Path) -> None:
    context = read_context(file, None)
    assert (context.name, context.cluster, context.user) == ("us", {"server": "https://us"}, {"token": "s3cret"})
    assert "s3cret" not in repr(context)


def test_a_context_may_do_without_a_user(file: Path) -> None:
    assert read_context(file, "anonymous").user == {}


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ("anonymus", "has no context 'anonymus'; did you mean 'anonymous'?"),
        ("xyzzy", "has no context 'xyzzy'; it has anonymous, masked, no-cluster, no-server, no-user, us"),
        ("no-cluster", "has no cluster 'c-eu'; did you mean 'c-us'?"),
        ("no-user", "has no user 'bob'; it has alice, mask"),
        ("no-server", "cluster bare has no server"),
        ("masked", "user mask impersonates another (as), which feddns does not do"),
    ],
)
def test_what_is_missing_is_named_with_what_is_there(file: Path, context: str, told: str) -> None:
    with pytest.raises(CredentialsError) as error:
        read_context(file, context)
    assert str(file) in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no current-context; name one with `context` in the configuration"),
        ("a: [", ":1: not YAML: "),
        ("a:\n\tb: c", ":2: not YAML: "),
        ("[]", "not a kubeconfig: Expected `object`, got `array`"),
        ("clusters: 5", "not a kubeconfig: Expected `array | null`, got `int` - at `$.clusters`"),
        ("\x00", "not YAML"),
    ],
)
def test_what_is_no_kubeconfig_is_told_with_the_file(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)
    with pytest.raises(CredentialsError) as error:
        read_context(file, None)
    assert str(file) in str(error.value)
    assert told in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="cannot be read: No such file or directory"):
        read_context(tmp_path / "nothing", None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_kubeconfig_or_a_credentials_error(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "kubeconfig"
    file.write_bytes(text)
    with pytest.raises(CredentialsError):
        read_context(file, None)
