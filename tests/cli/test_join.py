from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Feddns

KUBECONFIG = """\
contexts:
- {name: us, context: {cluster: us, user: me}}
clusters: [{name: us, cluster: {server: "https://203.0.113.1"}}]
users: [{name: me, user: {token: s3cr3t}}]
"""


@pytest.fixture(autouse=True)
def laptop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the one file that KUBECONFIG names."""
    (folder / "contexts").write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", "contexts")
    return folder


def test_a_dry_run_prints_what_would_be_made_and_no_secret(feddns: Feddns) -> None:
    result = feddns("join", "us", "--name", "america", "--dry-run", "--server", "https://198.51.100.1/")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "# A kubeconfig of this account, for https://198.51.100.1, would go into the host cluster as the Secret\n"
        "# feddns-cluster-america.\n---\napiVersion: v1\nkind: Namespace\n"
    )
    assert "s3cr3t" not in result.stdout
    made = [each for each in yaml.safe_load_all(result.stdout) if each]
    assert [(each["kind"], each["metadata"]["name"]) for each in made] == [
        ("Namespace", "feddns"),
        ("ServiceAccount", "feddns-member"),
        ("ClusterRole", "feddns-member"),
        ("ClusterRoleBinding", "feddns-member"),
        ("Secret", "feddns-member-token"),
    ]
    assert yaml.safe_load(feddns("join", "us", "--name=america", "--dry-run", "--output=json").stdout) == made


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1:6443", "https://localhost:8443", "https://[::1]", "https://0.0.0.0"]
)
def test_an_address_that_leads_each_machine_to_itself_is_told_of(feddns: Feddns, laptop: Path, server: str) -> None:
    (laptop / "contexts").write_text(KUBECONFIG.replace("https://203.0.113.1", server))
    result = feddns("join", "us", "--name=us", "--dry-run")
    assert result.exit_code == 0
    assert result.stderr == (
        f"warning: {server} leads each machine to itself, so pods of the host cluster find no API server there; "
        "say by --server where they reach it\n"
    )
    assert feddns("join", "us", "--name=us", "--dry-run", "--server=https://10.0.0.5:6443").stderr == ""


BAD_USAGE = {
    "no name": (("us",), "--name"),
    "a name that is no label": (("us", "--name=US"), "'US' is not a DNS label"),
    "a long name": (("us", f"--name={'a' * 64}"), "is not a DNS label"),
    "a region that is no label": (("us", "--name=us", "--region=us_1"), "'us_1' is not a DNS label"),
    "a zone that is no label": (("us", "--name=us", "--region=us", "--zones=a,B"), "'B' is not a DNS label"),
    "a short life": (("us", "--name=us", "--token-lifetime=5m"), "no token for less than 10m"),
    "no span": (("us", "--name=us", "--token-lifetime=soon"), "not a span of time"),
    "two kinds of token": (("us", "--name=us", "--token-lifetime=1h", "--new-token"), "--new-token is for tokens"),
    "a Secret without a namespace": (("us", "--name=us", "--probe-secret=headers"), "is not NAMESPACE/NAME"),
    "any Secret": (("us", "--name=us", "--probe-secret=shop/*"), "is not NAMESPACE/NAME"),
    "an account that is none": (("us", "--name=us", "--account=a/b"), "'a/b' is not a DNS label"),
}


@pytest.mark.parametrize("what", BAD_USAGE)
def test_bad_usage_is_told(feddns: Feddns, what: str) -> None:
    arguments, reason = BAD_USAGE[what]
    result = feddns("join", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in " ".join(result.stderr.replace("│", " ").split())


def test_a_context_that_is_not_there_is_told_before_anything_is_done(feddns: Feddns) -> None:
    result = feddns("join", "uss", "--name", "us")
    assert (result.exit_code, result.stderr) == (1, "feddns: contexts has no context 'uss'; did you mean 'us'?\n")


def test_without_a_host_cluster_it_is_told_how_to_name_one(feddns: Feddns, laptop: Path) -> None:
    result = feddns("join", "us", "--name", "america")
    assert result.stderr == (
        "feddns: feddns.yaml has no clusterSecrets, which say where feddns finds the Secrets of clusters; "
        "add them, or name the host cluster by --host-context\n"
    )
    config = (laptop / "feddns.yaml").read_text()
    (laptop / "feddns.yaml").write_text(f"{config}clusterSecrets: {{namespace: feddns}}\n")
    result = feddns("join", "us", "--name", "america")
    assert result.exit_code == 1
    assert "mean the cluster of the pod that feddns runs in, and this is no pod; name that cluster by" in result.stderr


@pytest.mark.parametrize("verb", [("join", "us", "--name=us"), ("leave", "us")])
def test_a_configuration_that_is_not_there_is_asked_for_unless_the_command_line_says_it_all(
    feddns: Feddns, laptop: Path, verb: tuple[str, ...]
) -> None:
    (laptop / "feddns.yaml").unlink()
    result = feddns(*verb)
    assert result.exit_code == 2
    assert "there is no such file; name one with --config" in result.stderr
    assert feddns(*verb, "--config=other.yaml", "--host-context=us").exit_code == 2
    result = feddns(*verb, "--host-context=asia")
    assert (result.exit_code, result.stderr) == (1, "feddns: contexts has no context 'asia'; there are us\n")


def test_a_name_that_the_configuration_has_is_refused(feddns: Feddns) -> None:
    result = feddns("join", "us", "--name", "eu", "--host-context", "us")
    assert result.exit_code == 1
    assert "warning: feddns.yaml has no clusterSecrets; feddns finds the Secret only where" in result.stderr
    assert "the configuration has a cluster 'eu' already, which would go before the Secret" in result.stderr
