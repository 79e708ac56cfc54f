"""Headers of probes, as a Secret holds them: read from the folder it is mounted at, and checked."""

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from feddns.errors import HeadersError

Headers = Mapping[str, str]

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of RFC 9110 section 5.6.2."""
_VALUE: Final = re.compile(rb"[\t\x20-\x7e]*")
"""What section 5.5 wants of values: with CR, LF or NUL in one, its writer could write the rest of the request."""
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect", "keep-alive"}
)
"""Headers that decide where the request goes and where it ends; `host` is a field of the probe."""
_MOST_OCTETS: Final = 8 * 1024
_MOST_HEADERS: Final = 64
_LOOK_EVERY_S: Final = 1.0

_Stamp = tuple[tuple[str, int, int, int], ...]


def checked(entries: Mapping[str, bytes], where: str) -> Headers:
    """Headers from the data of a Secret, one key a header.

    A newline at a value's end is dropped: editors put one into files, and `kubectl create secret --from-file` keeps it.

    Args:
        entries: values by name.
        where: what holds them, for people.

    Raises:
        HeadersError: one of them can be no header.
    """
    if len(entries) > _MOST_HEADERS:
        raise HeadersError(f"{where} holds {len(entries)} headers; {_MOST_HEADERS} at most are sent")
    return {name: _checked(name, value, where) for name, value in sorted(entries.items())}


def _checked(name: str, value: bytes, where: str) -> str:
    if not _NAME.fullmatch(name):
        raise HeadersError(f"{where} has {name!r}, which can be no name of a header")
    if name.lower() in _OURS:
        right = "set it as the probe's host" if name.lower() == "host" else "leave it out"
        raise HeadersError(f"{where} has {name}, which feddns sets itself: {right}")
    stripped = value.removesuffix(b"\n").removesuffix(b"\r").strip(b" \t")
    if len(stripped) > _MOST_OCTETS:
        raise HeadersError(f"{where}: {name} is longer than {_MOST_OCTETS // 1024} KiB")
    if not _VALUE.fullmatch(stripped):
        raise HeadersError(f"{where}: {name} holds characters that no header may hold, such as a newline")
    return stripped.decode("ascii")


class _Read(msgspec.Struct, frozen=True):
    """What a folder held."""

    looked_at: float
    stamp: _Stamp
    headers: Headers


class HeaderFolders:
    """Reads folders with one file a header, and reads one again when its files have changed.

    A mounted Secret is such a folder. kubelet changes it by replacing the symbolic link `..data`, so names with a dot
    in front are left out, and files are looked at through their links.

    Args:
        clock: gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read: dict[str, _Read] = {}

    def headers(self, folder: str) -> Headers:
        """The headers in a folder; what changed is seen after a second at most.

        Raises:
            HeadersError: they cannot be read, or are none.
        """
        now, known = self._clock(), self._read.get(folder)
        if known is not None and now - known.looked_at < _LOOK_EVERY_S:
            return known.headers
        try:
            stamp = _stamp(folder)
            if known is not None and stamp == known.stamp:
                headers = known.headers
            else:
                headers = checked({name: _content(Path(folder) / name) for name, *_ in stamp}, folder)
        except OSError as error:
            raise HeadersError(f"{error.filename or folder} cannot be read: {os.strerror(error.errno or 0)}") from error
        self._read[folder] = _Read(now, stamp, headers)
        return headers


def _stamp(folder: str) -> _Stamp:
    """What changes when a file does."""
    stamps = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_file():
                status = entry.stat()
                stamps.append((entry.name, status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(sorted(stamps))


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_OCTETS + 3)  # room for what is stripped, and for one more than is allowed
