"""What the rules look at: the files of the repository and the syntax trees of the package."""

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "feddns"


@functools.cache
def modules() -> dict[str, ast.Module]:
    """The modules of the package, by path from the root."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(), filename=str(path))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@functools.cache
def repository_files() -> tuple[str, ...]:
    """Every file that is in the repository or would be with the next commit, by path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return tuple(sorted(path for path in set(listed.stdout.decode().split("\0")) if path and (ROOT / path).is_file()))
