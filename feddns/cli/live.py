"""A text that is drawn again and again in place, on a terminal's other screen."""

import os
import select
import signal
import sys
import termios
import tty
from types import FrameType, TracebackType
from typing import Any, Final, Self

import click

_OPEN: Final = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""The other screen, without a cursor, and with lines that are too long cut (ECMA-48 and xterm's private modes)."""
_CLOSE: Final = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_UNKNOWN_HEIGHT: Final = 24
"""As of a VT100; some serial lines tell no size."""
_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """A terminal while something is watched; what it was set to comes back at the end, with the last text on it."""

    def __init__(self) -> None:
        self._text = ""
        self._typing: list[Any] | None = None
        self._terminated: Any = None

    def __enter__(self) -> Self:
        if sys.stdin.isatty():
            self._typing = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        self._terminated = signal.signal(signal.SIGTERM, _end)
        _write(_OPEN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _write(_CLOSE)
        if self._typing is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._typing)
        signal.signal(signal.SIGTERM, self._terminated)
        if self._text:
            click.echo(self._text)

    def show(self, title: str, text: str) -> None:
        """Draw a text under a title, as much of it as there is room for, and in colours where these are wanted."""
        self._text = text
        if click.get_current_context().color is False:
            title, text = click.unstyle(title), click.unstyle(text)
        height = os.get_terminal_size(sys.stdout.fileno()).lines or _UNKNOWN_HEIGHT
        lines = [title, "", *text.split("\n")]
        if len(lines) > height:
            lines = [*lines[: height - 1], f"... {len(lines) - height + 1} more lines"]
        _write(_HOME + f"{_REST_OF_LINE}\r\n".join(lines) + _REST_OF_LINE + _REST_OF_SCREEN)

    def is_left(self, seconds: float) -> bool:
        """Wait; whether a person wants no more. Any other key ends the waiting."""
        if self._typing is None:
            select.select([], [], [], seconds)
            return False
        typed, _, _ = select.select([sys.stdin], [], [], seconds)
        return bool(typed) and os.read(sys.stdin.fileno(), 64)[:1] in {b"q", b"Q", b""}


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
