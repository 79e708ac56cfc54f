"""What the image's steps install, and processes that see it as a pod's container does."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.image.dockerfile import environment
from tests.rules.files import ROOT
from tests.servers import installed

NONROOT = "65532"


def uv() -> Path:
    """The uv that the tests run by, or the one of the PATH."""
    found = os.environ.get("UV") or shutil.which("uv")
    if found is None:
        pytest.fail("uv is not installed: see https://docs.astral.sh/uv/", pytrace=False)
    return Path(found)


def install(prefix: Path) -> None:
    """Install feddns into a folder as the Dockerfile does, but into this machine's Python."""
    for step in ("install-dependencies", "install-feddns"):
        subprocess.run(
            [ROOT / "image" / step, prefix],
            check=True,
            env=os.environ | {"PATH": f"{uv().parent}:{os.environ['PATH']}", "UV_PYTHON": sys.executable},
        )


class Pod:
    """One container: every file read-only but a volume, no folder for temporary files, and a user without rights.

    Attributes:
        etc: what is mounted at /etc/feddns.
        volume: the one folder that may be written.
    """

    def __init__(self, prefix: Path, folder: Path) -> None:
        self._bwrap = installed("bwrap")
        self.prefix = prefix
        self.etc = folder / "etc"
        self.volume = folder / "volume"
        self.etc.mkdir()
        self.volume.mkdir()

    def run(self, *arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """A verb of feddns, until it ends."""
        command = self._command([self.prefix / "bin" / "feddns", *arguments], more or {})
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def python(self, program: str) -> str:
        """What a program prints."""
        command = self._command([self.prefix / "bin" / "python", "-c", program], {})
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """A verb of feddns that goes on."""
        command = self._command([self.prefix / "bin" / "feddns", *arguments], {})
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _command(self, command: Sequence[str | Path], more: Mapping[str, str]) -> list[str]:
        variables = environment() | {"PATH": f"{self.prefix / 'bin'}:/usr/bin:/bin", "HOME": "/nonexistent", **more}
        return [
            *(self._bwrap, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--die-with-parent"),
            *("--unshare-user", "--uid", NONROOT, "--gid", NONROOT, "--clearenv"),
            *(word for name, value in variables.items() for word in ("--setenv", name, value)),
            *("--bind", str(self.volume), str(self.volume), "--chdir", str(self.etc)),
            *map(str, command),
        ]


def contained(process: "subprocess.Popen[Any]") -> int:
    """The id of the process in the container, behind those of bwrap."""
    number = process.pid
    while children := Path(f"/proc/{number}/task/{number}/children").read_text().split():
        number = int(children[0])
    return number


def until_line(process: "subprocess.Popen[str]", word: str, patience_s: float = 20.0) -> str:
    """The first line of a process's output that holds a word."""
    assert process.stdout is not None
    ends = time.monotonic() + patience_s
    seen = []
    for line in process.stdout:
        seen.append(line)
        if word in line:
            return line
        if time.monotonic() > ends:
            break
    pytest.fail(f"no {word!r} in {''.join(seen)}", pytrace=False)
