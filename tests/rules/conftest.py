"""A watch over what the interpreter does, for code that must do no I/O."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

_OUTSIDE = (
    "open", "os.", "socket.", "subprocess.", "shutil.", "tempfile.", "urllib.", "http.", "sqlite3.", "glob.",
    "pathlib.", "fcntl.", "mmap.", "syslog.", "signal.", "time.sleep", "_thread.start", "ctypes.", "ssl.", "import",
)  # fmt: skip

_seen: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook (PEP 578); it can never be taken away, so it sleeps until `no_io` wakes it."""
    if _seen is not None and event.startswith(_OUTSIDE):
        _seen.append(f"{event}{arguments[:2]}")


sys.addaudithook(_watch)

NoIo = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def no_io() -> NoIo:
    """Makes a block in which any I/O, sleep, thread or import fails the test: `with no_io(): decide(...)`."""

    @contextmanager
    def block() -> Iterator[None]:
        global _seen  # noqa: PLW0603 - an audit hook has no other way to be told
        seen = _seen = []
        try:
            yield
        finally:
            _seen = None
        assert seen == [], f"the core reached outside: {seen}"

    return block
