"""A program on a pseudo terminal of its own, which is read and typed into."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 30.0


class PseudoTerminal:
    """`feddns` with these arguments on a terminal of this size; killed at the end if it still runs.

    Attributes:
        seen: all that was written so far, escape sequences included.
    """

    def __init__(self, folder: Path, *arguments: str, columns: int = 80, lines: int = 24) -> None:
        self.seen = ""
        self._ours, self._theirs = pty.openpty()
        self.resize(columns, lines)
        self.settings: list[Any] = termios.tcgetattr(self._theirs)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "feddns", *arguments],
            cwd=folder,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=self._control,  # noqa: PLW1509 - one thread; so that Ctrl-C becomes a signal
            env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
        )

    def _control(self) -> None:
        fcntl.ioctl(self._theirs, termios.TIOCSCTTY, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal another size."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    def terminate(self) -> None:
        """End it as a session that is closed does."""
        self._process.terminate()

    def until(self, text: str) -> str:
        """Read until something new with this text was written; gives what was new."""
        new, ends = "", time.monotonic() + PATIENCE_S
        while text not in new:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text!r} did not come; what came: {new!r}")
            new += os.read(self._ours, 65_536).decode()
        self.seen += new
        return new

    def wait(self) -> int:
        """Read to the end; the exit code."""
        code: int | None = None
        while code is None:
            if select.select([self._ours], [], [], 0.1)[0]:
                self.seen += os.read(self._ours, 65_536).decode()
            else:
                code = self._process.poll()
        return code

    def settings_now(self) -> list[Any]:
        """How the terminal is set."""
        return list(termios.tcgetattr(self._theirs))
