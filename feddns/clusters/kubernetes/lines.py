"""A stream of bytes cut into lines, none of them longer than a limit."""

from collections.abc import Iterator


class Lines:
    """Puts lines together from pieces as they arrive.

    Args:
        most: bytes of one line that are kept; a longer line is given as None, and its bytes are dropped as they come.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = bytearray()
        self._too_long = False

    def feed(self, piece: bytes) -> Iterator[bytes | None]:
        """The lines that `piece` completes, without their ends; None for each that was too long."""
        *complete, rest = piece.split(b"\n")
        for part in complete:
            yield self._finish(part)
        if len(self._rest) + len(rest) > self._most:
            self._too_long = True
            self._rest.clear()
        elif not self._too_long:
            self._rest += rest

    def _finish(self, part: bytes) -> bytes | None:
        too_long = self._too_long or len(self._rest) + len(part) > self._most
        line = None if too_long else bytes(self._rest) + part if self._rest else part
        self._rest.clear()
        self._too_long = False
        return line
