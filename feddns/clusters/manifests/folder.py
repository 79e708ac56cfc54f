"""A folder of manifests: which files changed, what each of them says, and what they say together."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from feddns.clusters.decode import NodeFacts, Reader, ServiceFacts, SliceFacts
from feddns.clusters.manifests.objects import Objects, read_objects
from feddns.errors import ClusterError
from feddns.model.few import few
from feddns.model.services import Problem, ServiceKey

_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
_MOST_NAMED: Final = 5

Signature = tuple[int, int, int, int]
"""Of a file: time of its last change in ns, size, device and inode."""


class Contents(msgspec.Struct, frozen=True):
    """What all files of a folder say together.

    Attributes:
        problems: what a person should put right, by the file that it is about.
        unread: errors of the files that could not be read even once.
    """

    services: dict[ServiceKey, ServiceFacts]
    slices: dict[str, SliceFacts]
    nodes: dict[str, NodeFacts]
    problems: dict[str, Problem]
    unread: tuple[str, ...]


class _File(msgspec.Struct):
    """What is known of one file: as it was last read well, and what was wrong with it last."""

    signature: Signature
    objects: Objects | None = None
    error: str = ""


class ManifestFolder:
    """Reads the manifests below a folder, each file again when it has changed.

    Every file ending in `.yaml`, `.yml` or `.json` is read, in subfolders too; names that begin with a dot are left
    out, among them the hidden copies of a mounted ConfigMap. A file that cannot be read is as it was when it last
    could. Of an object that stands in several files, or several times in one, the first in the order of the files'
    paths counts.

    Args:
        folder: its path.
        reader: reads the objects.
    """

    def __init__(self, folder: Path, reader: Reader) -> None:
        self._folder = folder
        self._reader = reader
        self._files: dict[str, _File] = {}
        self._before: dict[str, Signature] = {}
        self._contents: Contents | None = None

    def look(self) -> Contents:
        """What the folder says now; the same object as before where nothing has changed.

        Raises:
            ClusterError: the folder or one below it cannot be read.
        """
        signatures = self._signatures()
        changed = [path for path in self._files if path not in signatures]
        for path in changed:
            del self._files[path]
        for path, signature in signatures.items():
            if self._is_due(path, signature):
                self._read(path, signature)
                changed.append(path)
        self._before = signatures
        if changed or self._contents is None:
            self._contents = self._combine()
        return self._contents

    def _signatures(self) -> dict[str, Signature]:
        found: dict[str, Signature] = {}
        try:
            for path in _walk(self._folder):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue  # it went just now, or is a link to what went
                found[str(path)] = (status.st_mtime_ns, status.st_size, status.st_dev, status.st_ino)
        except OSError as error:
            text = f"the folder of manifests {self._folder} cannot be read: {error.strerror}"
            if error.filename and Path(error.filename) != self._folder:
                text += f" ({error.filename})"
            raise ClusterError(text) from None
        return found

    def _is_due(self, path: str, signature: Signature) -> bool:
        """Whether the file is another one than when it was read, and whole.

        One that is being written in place is left alone until it has been the same at two looks, as half of a file is
        often valid YAML. One that took the old one's place by renaming is whole at once.
        """
        known = self._files.get(path)
        if known is None or known.signature[2:] != signature[2:]:
            return True
        return known.signature != signature and self._before.get(path) == signature

    def _read(self, path: str, signature: Signature) -> None:
        file = self._files.setdefault(path, _File(signature))
        file.signature = signature
        try:
            file.objects = read_objects(Path(path), self._reader)
            file.error = ""
        except ClusterError as error:
            file.error = str(error)

    def _combine(self) -> Contents:
        unread = tuple(file.error for file in self._files.values() if file.objects is None)
        contents = Contents({}, {}, {}, {}, unread)
        first: dict[tuple[str, Any], str] = {}
        for path, file in sorted(self._files.items()):
            if file.error:
                contents.problems[path] = Problem("UnreadableManifest", file.error)
            if file.objects is not None:
                repeated = [*file.objects.repeated, *_merge(file.objects, contents, path, first)]
                if repeated:
                    contents.problems[f"{path}: repeated"] = _repeated(path, repeated)
        return contents


def _merge(objects: Objects, contents: Contents, path: str, first: dict[tuple[str, Any], str]) -> Iterator[str]:
    """Add one file's objects; gives those that an earlier file has already."""
    pairs: tuple[tuple[str, dict[Any, Any], dict[Any, Any]], ...] = (
        ("Service", objects.services, contents.services),
        ("EndpointSlice", objects.slices, contents.slices),
        ("Node", objects.nodes, contents.nodes),
    )
    for kind, found, known in pairs:
        for ident, facts in found.items():
            if (kind, ident) in first:
                yield f"{kind} {ident} (as in {first[kind, ident]})"
                continue
            first[kind, ident] = path
            if facts is not None:
                known[ident] = facts


def _repeated(path: str, names: list[str]) -> Problem:
    text = (
        f"{path} repeats {few(names, _MOST_NAMED)}; of equal objects the first in the order of the files' paths counts"
    )
    return Problem("RepeatedObject", text)


def _walk(folder: Path) -> Iterator[Path]:
    """The manifests below a folder; symbolic links are followed, but no folder is entered twice."""
    entered: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(folder, onerror=_raise, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(place, name)
            if path.suffix.lower() in _SUFFIXES and not name.startswith("."):
                yield path


def _raise(error: OSError) -> None:
    raise error
