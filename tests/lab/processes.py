"""Server processes that never outlive the tests."""

import atexit
import os
import random
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORTS = (20_000, 32_768)


def free_port() -> int:
    """A loopback port that is free for TCP and for UDP at this moment.

    It is below those that Linux gives to outgoing connections (32768 and up), so that none takes it while its server is
    down for a moment.
    """
    while True:
        port = random.SystemRandom().randrange(*PORTS)
        with ExitStack() as stack, suppress(OSError):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                stack.enter_context(socket.socket(socket.AF_INET, kind)).bind((LOOPBACK, port))
            return port


class Process:
    """One server process; its output goes to a log file, and it dies with the process that started it.

    The kernel kills it when its parent thread ends (`PR_SET_PDEATHSIG`), so that not even a killed pytest leaves it
    behind. Hence it is to be started from the main thread.
    """

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.command = tuple(command)
        self.log = log
        self.environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            RuntimeError: it is not running.
        """
        if self._child is None:
            message = f"{self.command[0]} was not started"
            raise RuntimeError(message)
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process is there, be it stopped by a signal or not."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start the process; what it prints is added to the log."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                ("setpriv", "--pdeathsig", "KILL", "--", *self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if self.environment is None else {**os.environ, **self.environment},
                start_new_session=True,
            )
        atexit.register(self.kill)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the process is gone."""
        if self._child is not None:
            self._child.send_signal(number)

    def kill(self) -> None:
        """End the process at once and wait for its end."""
        self.send(signal.SIGKILL)
        self._reap(None)

    def stop(self, patience_s: float = 5.0) -> None:
        """Ask the process to end, wait, and kill it when it does not."""
        self.send(signal.SIGTERM)
        if not self._reap(patience_s):
            self.kill()

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log, for error messages."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _reap(self, patience_s: float | None) -> bool:
        if self._child is not None:
            try:
                self._child.wait(patience_s)
            except subprocess.TimeoutExpired:
                return False
        atexit.unregister(self.kill)
        return True
