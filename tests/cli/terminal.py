"""`feddns` at a terminal, which asks: a process of its own on a pseudo terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path


def at_terminal(folder: Path, typed: str, *arguments: str) -> tuple[int, str, str]:
    """Run a verb and type a line; gives the exit code, standard output, and what the terminal shows beside that."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{typed}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "feddns", *arguments],
            cwd=folder,
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stdout, done.stderr
