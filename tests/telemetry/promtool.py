"""Prometheus' own tool, which judges rules and expositions."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest


def promtool(*arguments: str | Path, given: str | None = None) -> str:
    """Run it; what it says, and the test fails where it refuses."""
    program = shutil.which("promtool")
    if program is None:
        pytest.fail("promtool is not installed (Debian package prometheus): apt-get install prometheus", pytrace=False)
    command: Sequence[str | Path] = (program, *arguments)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    return told
