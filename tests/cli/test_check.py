import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import CONFIG, Feddns


def test_a_valid_configuration_is_summed_up(feddns: Feddns) -> None:
    result = feddns("check")
    assert result.exit_code == 0
    title, sentence, _, *rows = result.stdout.splitlines()
    assert title == "feddns.yaml is valid."
    assert sentence == "Federation myfederation writes into example.com through rfc2136, from 3 clusters:"
    assert [re.split(r"   +", row) for row in rows] == [
        ["CLUSTER", "SOURCE", "REGION", "ZONES"],
        ["us", "kubeconfig us.kubeconfig, context us", "from its nodes", "from its nodes"],
        ["eu", "manifests eu", "europe-west1", "europe-west1-b"],
        ["here", "in cluster", "from its nodes", "from its nodes"],
    ]


def test_programs_get_the_same_as_json_and_yaml(feddns: Feddns) -> None:
    expected = {
        "file": "feddns.yaml",
        "federation": "myfederation",
        "targets": [{"name": "example.com", "zone": "example.com", "provider": "rfc2136"}],
        "clusters": [
            {"name": "us", "source": "kubeconfig us.kubeconfig, context us"},
            {"name": "eu", "source": "manifests eu", "region": "europe-west1", "zones": ["europe-west1-b"]},
            {"name": "here", "source": "in cluster"},
        ],
    }
    assert json.loads(feddns("check", "--output", "json").stdout) == expected
    assert yaml.safe_load(feddns("check", "--output", "yaml").stdout) == expected


def test_a_misfit_in_the_settings_of_the_provider_has_its_line(feddns: Feddns, folder: Path) -> None:
    (folder / "feddns.yaml").write_text(CONFIG.replace("server: 192.0.2.53", "servers: 192.0.2.53"))
    result = feddns("check")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("feddns.yaml:5: dns.provider.rfc2136.server is missing: ")
    assert "feddns.yaml:6: unknown setting dns.provider.rfc2136.servers; did you mean" in result.stderr


def test_every_file_that_is_not_there_is_told_with_its_line(feddns: Feddns, folder: Path) -> None:
    (folder / "us.kubeconfig").unlink()
    (folder / "eu").rmdir()
    (folder / "secret").unlink()
    result = feddns("check")
    assert result.exit_code == 2
    assert result.stderr.split("\n") == [
        "feddns.yaml:9: dns.provider.rfc2136.tsig.secretFile: the file secret does not exist",
        "feddns.yaml:11: clusters[0].kubeconfig: the file us.kubeconfig does not exist",
        "feddns.yaml:12: clusters[1].manifests: the folder eu does not exist",
        "",
    ]


def test_a_folder_is_no_file_and_a_file_is_no_folder(feddns: Feddns, folder: Path) -> None:
    (folder / "us.kubeconfig").unlink()
    (folder / "us.kubeconfig").mkdir()
    (folder / "eu").rmdir()
    (folder / "eu").write_text("")
    assert feddns("check").stderr.split("\n")[:2] == [
        "feddns.yaml:11: clusters[0].kubeconfig: the file us.kubeconfig is a folder",
        "feddns.yaml:12: clusters[1].manifests: the folder eu is no folder",
    ]


def test_paths_start_from_the_folder_of_the_configuration(
    feddns: Feddns, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert feddns("check", "--config", str(folder / "feddns.yaml")).exit_code == 0
    shutil.copytree(folder, "copy")
    (folder / "us.kubeconfig").unlink()
    assert feddns("check", "--config", "copy/feddns.yaml").exit_code == 0


def test_a_secret_is_looked_at_but_never_shown(feddns: Feddns) -> None:
    assert "c2VjcmV0" not in feddns("check").output
