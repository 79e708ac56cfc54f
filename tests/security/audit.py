"""Looks up every locked dependency among the known vulnerabilities: `python -m tests.security.audit` (`make audit`).

pip-audit does the asking. Where PyPI does not answer for a package, as a mirror without its vulnerability service does
not, pip-audit says "No known vulnerabilities found" and ends well all the same; so its report is read here, and what
was not looked up is told as that.

The exit code is 1 where a vulnerability is known, 0 where none is among those that could be looked up, and 3 with
`--strict` where any could not be.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

PIP_AUDIT = "pip-audit==2.10.1"
ROOT = Path(__file__).parents[2]
VULNERABLE = 1
NOT_AUDITED = 3
MOST_TOLD = 5
IGNORED: dict[str, str] = {}
"""Vulnerabilities that do not concern feddns, by id, with the reason; none at present."""


class Vulnerability(msgspec.Struct):
    """One that is known of a package."""

    id: str
    fix_versions: tuple[str, ...] = ()
    description: str = ""


class Package(msgspec.Struct):
    """One that is locked.

    Attributes:
        vulns: what is known of it.
        skip_reason: why it was not looked up; None where it was.
    """

    name: str
    version: str = ""
    vulns: tuple[Vulnerability, ...] = ()
    skip_reason: str | None = None


class Report(msgspec.Struct):
    """What pip-audit found, as `--format json` has it."""

    dependencies: tuple[Package, ...]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--strict", action="store_true", help="fail where a package could not be looked up")
    strict = options.parse_args().strict
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not installed: make audit finds it")  # noqa: T201 - for people
        return NOT_AUDITED
    with tempfile.TemporaryDirectory(prefix="feddns-audit-") as folder:
        locked = Path(folder) / "requirements.txt"
        export = [
            uv,
            "export",
            "--frozen",
            "--all-groups",
            "--no-emit-project",
            "--quiet",
            "--output-file",
            str(locked),
        ]
        subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        # The hashes are those of uv.lock, so nothing is resolved or installed anew.
        flags = ["--requirement", str(locked), "--disable-pip", "--require-hashes", "--format", "json"]
        command = [uv, "tool", "run", PIP_AUDIT, *flags, "--progress-spinner", "off"]
        done = subprocess.run(command, capture_output=True, check=False)
    code, text = judged(done.stdout, done.stderr.decode(errors="replace"), strict=strict)
    print(text)  # noqa: T201 - for people
    return code


def judged(output: bytes, complaint: str, *, strict: bool) -> tuple[int, str]:
    """The exit code and what to say.

    Args:
        output: the report, as pip-audit wrote it.
        complaint: what it wrote beside it.
        strict: whether a package that was not looked up is a failure.
    """
    try:
        packages = msgspec.json.decode(output, type=Report).dependencies
    except msgspec.MsgspecError:
        last = complaint.strip().rpartition("\n")[2] or "it said nothing"
        return NOT_AUDITED if strict else 0, f"NOT AUDITED: the vulnerability service is not reachable: {last[:300]}"
    found = [
        f"{each.name} {each.version}: {known.id}, mended in {', '.join(known.fix_versions) or 'no version yet'}"
        for each in packages
        for known in each.vulns
        if known.id not in IGNORED
    ]
    skipped = [each.name for each in packages if each.skip_reason is not None]
    lines = [
        f"{len(packages) - len(skipped)} of {len(packages)} packages audited, {len(found)} vulnerabilities",
        *found,
    ]
    if skipped:
        some = ", ".join(skipped[:MOST_TOLD]) + (", ..." if len(skipped) > MOST_TOLD else "")
        whole = len(skipped) == len(packages)
        why = "the vulnerability service is not reachable" if whole else "not known there"
        lines.append(f"NOT AUDITED: {len(skipped)} packages, {why}: {some}")
    code = VULNERABLE if found else NOT_AUDITED if skipped and strict else 0
    return code, "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
