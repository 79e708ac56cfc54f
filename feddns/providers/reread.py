"""What is made from files, such as credentials, and made anew once they hold something else."""

import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from feddns.errors import Unauthorized
from feddns.telemetry.events import LogEvent, log

T = TypeVar("T")


class Reread(Generic[T]):
    """Files as they were when they could last be used.

    They are told from others by what they hold: Kubernetes changes a mounted Secret by turning the symbolic link
    `..data` to another folder, people by writing over the file. Where they cannot be used any more, what they held
    before stays in use, and that is told once.
    """

    def __init__(
        self,
        make: Callable[[], T],
        files: Iterable[Path],
        unusable: type[Exception] | tuple[type[Exception], ...] = Unauthorized,
        *,
        every_s: float = 0.0,
    ) -> None:
        """Remember what to read; nothing is read yet.

        Args:
            make: reads the files; what it gives is used as long as they do not change.
            files: what it reads; some of them may not be there.
            unusable: what it raises where nothing can be made of them.
            every_s: how long they are taken to be as they were when last looked at.
        """
        self._make = make
        self._files = tuple(files)
        self._unusable = unusable
        self._every_s = every_s
        self._made: tuple[T] | None = None
        self._digest = b""
        self._look_at = 0.0
        self._is_in_doubt = False

    def get(self) -> T:
        """What the files give now, or gave when they could last be used.

        Raises:
            Exception: one of those that `make` raises, where it never gave anything.
        """
        if self._made is not None and time.monotonic() < self._look_at:
            return self._made[0]
        digest = _digest(self._files)
        if self._made is None or self._is_in_doubt or digest != self._digest:
            self._made = (self._anew(digest),)
            self._is_in_doubt = False
        self._digest = digest
        self._look_at = time.monotonic() + self._every_s
        return self._made[0]

    def doubt(self) -> None:
        """Make it anew next time, though the files may be the same: it was refused where it was used."""
        self._is_in_doubt = True
        self._look_at = 0.0

    def _anew(self, digest: bytes) -> T:
        files = [str(path) for path in self._files]
        try:
            made = self._make()
        except self._unusable as error:
            if self._made is None:
                raise
            if digest != self._digest:
                log(LogEvent.CREDENTIALS_KEPT, files=files, reason=str(error))
            return self._made[0]
        if self._made is not None and digest != self._digest:
            log(LogEvent.CREDENTIALS_RENEWED, files=files)
        return made


def _digest(files: Iterable[Path]) -> bytes:
    digest = hashlib.sha256()
    for path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            content = type(error).__name__.encode()
        digest.update(len(content).to_bytes(8) + content)
    return digest.digest()
