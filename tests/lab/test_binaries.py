"""The lab's programs are looked for where they may be before anything is built."""

from pathlib import Path

import pytest

from tests.lab import binaries


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that `KUBEBUILDER_ASSETS` names, and no cache."""
    folder = tmp_path / "assets"
    folder.mkdir()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def test_a_program_in_kubebuilder_assets_is_taken(assets: Path) -> None:
    etcd = assets / "etcd"
    etcd.touch(mode=0o755)
    assert binaries.programs(["etcd"]) == {"etcd": etcd}


def test_what_kubebuilder_assets_lacks_is_looked_for_in_the_cache(assets: Path) -> None:
    (assets / "kube-controller-manager").touch(mode=0o644)  # no program: it may not be executed
    cached = binaries.cache() / "kube-controller-manager"
    cached.parent.mkdir(parents=True)
    cached.touch(mode=0o755)
    assert binaries.program("kube-controller-manager") == cached


def test_a_build_that_fails_says_why_and_leaves_nothing(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.write_text('#!/bin/sh\n[ "$1" = env ] && echo go1.24.0 || { echo "no space left" >&2; exit 1; }\n')
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RuntimeError, match="no space left"):
        binaries.program("etcd")
    assert list(assets.iterdir()) == list(binaries.cache().iterdir()) == []
