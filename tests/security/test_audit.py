import subprocess
import sys
import tomllib
from typing import Any

import msgspec
import pytest

from tests.security.audit import NOT_AUDITED, ROOT, VULNERABLE, judged

FINE = {"name": "yarl", "version": "1.0", "vulns": []}
BAD = {
    "name": "h11",
    "version": "0.1",
    "vulns": [{"id": "GHSA-x", "fix_versions": ["0.16"], "aliases": [], "description": "d"}],
}
SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI and could not be audited: six (1.17.0)"}


def verdict(*packages: Any, strict: bool = False) -> tuple[int, str]:
    return judged(msgspec.json.encode({"dependencies": packages, "fixes": []}), "", strict=strict)


def test_a_known_vulnerability_is_a_failure_and_told_with_what_mends_it() -> None:
    for packages in ((BAD,), (FINE, BAD), (BAD, SKIPPED)):
        code, text = verdict(*packages)
        assert code == VULNERABLE
        assert "h11 0.1: GHSA-x, mended in 0.16" in text


def test_packages_without_any_are_fine() -> None:
    assert verdict(FINE, FINE) == (0, "2 of 2 packages audited, 0 vulnerabilities")


def test_what_was_not_looked_up_is_never_called_fine() -> None:
    code, text = verdict(SKIPPED, SKIPPED)
    assert code == 0
    assert "0 of 2 packages audited" in text
    assert "NOT AUDITED: 2 packages, the vulnerability service is not reachable" in text
    assert "NOT AUDITED: 1 packages, not known there: six" in verdict(FINE, SKIPPED)[1]
    assert verdict(FINE, SKIPPED, strict=True)[0] == NOT_AUDITED


@pytest.mark.parametrize("strict", [False, True])
def test_no_report_at_all_is_told_with_the_last_word(strict: bool) -> None:  # noqa: FBT001 - a parameter of the test
    code, text = judged(b"", "Traceback\n  ...\nConnectionError: no route\n", strict=strict)
    assert code == (NOT_AUDITED if strict else 0)
    assert text == "NOT AUDITED: the vulnerability service is not reachable: ConnectionError: no route"


def test_every_locked_package_has_a_hash_for_each_of_its_files() -> None:
    """What `uv sync --frozen` compares before it installs anything."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    foreign = [package for package in lock["package"] if "registry" in package["source"]]
    assert len(foreign) > 50
    for package in foreign:
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


@pytest.mark.servers
def test_the_audit_itself_runs_and_says_what_it_has_done() -> None:
    command = [sys.executable, "-m", "tests.security.audit"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "audited" in done.stdout.lower()
