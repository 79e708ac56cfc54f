"""YAML and JSON files of Kubernetes objects as plain values, with the line of each mapping.

Plain values are dicts, lists, text and None. What YAML would read as numbers, booleans or dates stays text: only the
field that a value ends up in knows what it should be, and `feddns.io/ttl: 300` means no less than with quotes.
"""

import re
from typing import Any, Final

import msgspec
import yaml

from feddns.errors import ClusterError

_DEEPEST: Final = 100
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ManifestError(ClusterError):
    """A file of manifests cannot be read; tells the file and the line."""

    def __init__(self, file: str, line: int | None, text: str) -> None:
        self.line = line
        super().__init__(f"{file}:{line}: {text}" if line is not None else f"{file}: {text}")


class Documents:
    """The documents of one file.

    Attributes:
        file: the path to name in errors.
        values: one for each document that is not empty.
    """

    def __init__(self, file: str, values: list[Any], lines: dict[int, int]) -> None:
        self.file = file
        self.values = values
        self._lines = lines

    def error(self, value: Any, path: str, text: str) -> ManifestError:
        """An error about a part of a value.

        Args:
            value: a document, or a mapping in it.
            path: of the part from there, in msgspec's notation, such as `$.spec.ports[0]`.
            text: what is wrong.
        """
        line = self._lines.get(id(value))
        for step in re.findall(r"[^.$\[\]]+", path):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            line = self._lines.get(id(value), line)
        return ManifestError(self.file, line, text)


def read_json(text: bytes, file: str) -> Documents:
    """Read a file that holds one JSON value; it knows no lines.

    Raises:
        ManifestError: it is not JSON.
    """
    try:
        return Documents(file, [msgspec.json.decode(text)], {})
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        place = _BYTE.search(str(error))
        line = text.count(b"\n", 0, int(place[1])) + 1 if place else None
        raise ManifestError(file, line, f"not JSON: {error}") from None


def read_yaml(text: bytes, file: str) -> Documents:
    """Read a file of any number of YAML documents.

    Raises:
        ManifestError: it is not YAML, or has what no manifest has: a key twice, a key that is no text, a depth that
            only an attack would have.
    """
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ManifestError(file, mark.line + 1 if mark else None, f"not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ManifestError(file, None, f"not YAML: {error}") from None
    return Documents(file, builder.values, builder.lines)


_NO_KEY: Final = object()


class _Open:
    """A mapping or list whose end has not come yet, with the key that waits for its value."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key: Any = _NO_KEY


class _Builder:
    """Makes values from events without recursion, so that depth is a matter of counting."""

    def __init__(self, file: str) -> None:
        self.values: list[Any] = []
        self.lines: dict[int, int] = {}
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, Any] = {}

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.MappingStartEvent():
                self._begin({}, event, line)
            case yaml.SequenceStartEvent():
                self._begin([], event, line)
            case yaml.CollectionEndEvent():
                self._open.pop()
            case yaml.ScalarEvent():
                scalar = None if event.implicit[0] and event.value in _NULLS else event.value
                self._anchor(event, scalar)
                self._add(scalar, line)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise ManifestError(self._file, line, f"the alias *{event.anchor} has no anchor before it")
                self._add(self._anchors[event.anchor], line)
            case yaml.DocumentStartEvent():
                self._anchors = {}
            case _:
                pass  # where streams and documents end is seen from what is open

    def _begin(self, value: Any, event: yaml.NodeEvent, line: int) -> None:
        self.lines[id(value)] = line
        self._anchor(event, value)
        self._add(value, line)
        self._open.append(_Open(value))
        if len(self._open) > _DEEPEST:
            raise ManifestError(self._file, line, f"nested more than {_DEEPEST} levels deep")

    def _anchor(self, event: yaml.NodeEvent, value: Any) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = value

    def _add(self, value: Any, line: int) -> None:
        if not self._open:
            if value is not None:
                self.values.append(value)
            return
        around = self._open[-1]
        if isinstance(around.value, list):
            around.value.append(value)
        elif around.key is _NO_KEY:
            around.key = self._key(value, around.value, line)
        else:
            around.value[around.key] = value
            around.key = _NO_KEY

    def _key(self, key: Any, mapping: dict[str, Any], line: int) -> str:
        if not isinstance(key, str):
            raise ManifestError(self._file, line, "a key must be text")
        if key in mapping:
            raise ManifestError(self._file, line, f"the key {key[:60]!r} stands twice")
        return key
