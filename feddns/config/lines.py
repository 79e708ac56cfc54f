"""YAML text as plain values, with the line on which each of them stands."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
import yaml

from feddns.errors import ConfigError
from feddns.model.printable import printable

Path = tuple[str | int, ...]
"""Where a value stands: the keys and list positions that lead to it."""

_TAG: Final = "tag:yaml.org,2002:"
_MOST_VALUES: Final = 100_000  # aliases of aliases can make a few lines mean billions of values
_DEEPEST: Final = 50
_CONSTRUCTOR: Final = yaml.constructor.SafeConstructor()
_SCALARS: Final[dict[str, Callable[[yaml.ScalarNode], Any]]] = {
    "null": _CONSTRUCTOR.construct_yaml_null,
    "bool": _CONSTRUCTOR.construct_yaml_bool,
    "int": _CONSTRUCTOR.construct_yaml_int,
    "float": _CONSTRUCTOR.construct_yaml_float,
    **dict.fromkeys(("str", "timestamp", "merge", "value"), attrgetter("value")),  # no setting is a date
}


class Fault(NamedTuple):
    """One thing that is wrong, at one place."""

    path: Path
    text: str


class Document(msgspec.Struct, frozen=True):
    """What a YAML file says, and where.

    Attributes:
        file: the path as the operator wrote it.
        value: dicts with text keys, lists, text, numbers, booleans and None; an empty file is an empty dict.
        lines: 1-based, by path: of its key for a value in a mapping, of its beginning for an item of a list.
    """

    file: str
    value: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest mapping or list around it where it is not in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: Path) -> Any:
        """The value that stands at `path`; None where there is none."""
        value = self.value
        for step in path:
            try:
                value = value[step]
            except (LookupError, TypeError):
                return None
        return value

    def error(self, *faults: Fault) -> ConfigError:
        """One error that tells all `faults`, one line each, in the order of the file."""
        (line, text), *rest = sorted((self.line(fault.path), fault.text) for fault in faults)
        return ConfigError(self.file, line, "\n".join([text, *(f"{self.file}:{line}: {text}" for line, text in rest)]))


def dotted(path: Path) -> str:
    """A path as people write it, such as `clusters[0].region`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return printable(text.removeprefix(".")) or "the file"


def read_document(text: str, file: str) -> Document:
    """Read one YAML 1.1 document; anchors, aliases and merge keys are followed.

    Raises:
        ConfigError: the text is not YAML, a key stands twice, or a value is of no plain kind.
    """
    try:
        _refuse_depth(text, file)
        node = yaml.CSafeLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, file, error) from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise ConfigError(file, line, f"the character U+{error.character:04X} is not allowed in YAML") from None
    except UnicodeEncodeError as error:
        raise ConfigError(file, text.count("\n", 0, error.start) + 1, "not UTF-8 text") from None
    reader = _Reader(file)
    value = reader.value(node, ()) if node is not None else None
    document = Document(file, {} if value is None else value, reader.lines)
    if reader.faults:
        raise document.error(*reader.faults)
    return document


def _refuse_depth(text: str, file: str) -> None:
    """The composer recurses in C without a limit, so look at the flat stream of events first."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else None
                raise ConfigError(file, line, f"nested more than {_DEEPEST} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _syntax_error(text: str, file: str, error: yaml.MarkedYAMLError) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    line = min(mark.line, text.count("\n")) + 1 if mark else None  # an early end is marked after the last line
    problem = error.problem or "cannot be read"
    if "cannot start any token" in problem:
        problem = "a tab or a reserved character begins here; indent with spaces, and put text with @ or ` in quotes"
    elif "another document" in problem:
        problem = "a second document begins here; the file must hold one"
    elif error.context:
        problem = f"{problem} {error.context}"
    return ConfigError(file, line, f"not YAML: {problem}")


class _Reader:
    """Turns nodes into plain values and notes their lines and faults on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[Fault] = []
        self._entries: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}
        self._values = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._values += 1
        if self._values > _MOST_VALUES or len(path) > _DEEPEST:
            text = f"{dotted(path[:3])} has too many values, or an alias that leads back into itself"
            raise ConfigError(self.file, node.start_mark.line + 1, text)
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return {key: self._entry(pair, (*path, key)) for key, pair in self._mapping(node, path).items()}
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind, path)
        return self._fault(path, f"the tag {printable(node.tag)} is not known here")

    def _entry(self, pair: tuple[yaml.Node, yaml.Node], path: Path) -> Any:
        key, value = pair
        self.lines[path] = key.start_mark.line + 1
        return self.value(value, path)

    def _scalar(self, node: yaml.ScalarNode, kind: str, path: Path) -> Any:
        if kind not in _SCALARS:
            return self._fault(path, f"{dotted(path)}: the tag {printable(node.tag)} is not known here")
        try:
            return _SCALARS[kind](node)
        except (ValueError, KeyError, IndexError):
            return self._fault(path, f"{dotted(path)} is marked as {kind}, but reads {node.value[:40]!r}")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The entries by key, with those of merge keys below its own (https://yaml.org/type/merge.html)."""
        if id(node) in self._entries:
            return self._entries[id(node)]
        self._entries[id(node)] = {}  # while it is being read, a mapping that merges itself adds nothing
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged = self._merge(value, path) | merged
            elif not isinstance(key, yaml.ScalarNode):
                self._fault(path, f"a key of {dotted(path)} is a list or a mapping; it must be text")
            elif key.value in own:
                self._duplicate(key, own[key.value][0], path)
            else:
                own[key.value] = (key, value)
        self._entries[id(node)] = merged | own
        return self._entries[id(node)]

    def _merge(self, node: yaml.Node, path: Path) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(source, yaml.MappingNode):
                merged = self._mapping(source, path) | merged
            else:
                self._fault(path, f"<< in {dotted(path)} must merge a mapping or a list of mappings")
        return merged

    def _duplicate(self, key: yaml.ScalarNode, first: yaml.Node, path: Path) -> None:
        place = (*path, f"\0{key.value}", key.start_mark.line)  # a path of its own: the key's own one is the first's
        self.lines[place] = key.start_mark.line + 1
        text = f"{dotted((*path, key.value))} stands twice; it is also on line {first.start_mark.line + 1}"
        self._fault(place, text)

    def _fault(self, path: Path, text: str) -> None:
        self.faults.append(Fault(path, text))
