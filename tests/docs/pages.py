"""A page of the docs as its reader takes it: the files that it gives, and the commands with what they print."""

import itertools
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from tests.rules.files import ROOT

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
_HERE = re.compile(r"<<'(\w+)'$")


class Block(NamedTuple):
    """A block of code.

    Attributes:
        language: such as `yaml`.
        title: the file that it is; may be empty.
    """

    language: str
    title: str
    text: str


class Command(NamedTuple):
    """A command line.

    Attributes:
        line: all of it, a here-document included.
        output: what stands below it.
    """

    line: str
    output: str

    @property
    def words(self) -> tuple[str, ...]:
        """Its words as a shell splits them, without a here-document and without `&`."""
        words = shlex.split(self.line.partition(" <<")[0].replace("\\\n", " "))
        return tuple(words[:-1] if words[-1:] == ["&"] else words)


class Page:
    """A page of the docs.

    Args:
        path: below `docs`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = (ROOT / "docs" / path).read_text()
        self.blocks = [Block(*found.groups(default="")) for found in _BLOCK.finditer(self.text)]

    def file(self, title: str) -> str:
        """What stands in a file that the page gives."""
        (text,) = (block.text for block in self.blocks if block.title == title)
        return text

    def given(self, language: str) -> list[str]:
        """The blocks in a language."""
        return [block.text for block in self.blocks if block.language == language]

    def commands(self, program: str = "") -> list[Command]:
        """The command lines, of one program or of all."""
        found = [command for block in self.given("console") for command in _commands(block)]
        return [each for each in found if not program or each.words[0] == program]


def _commands(block: str) -> Iterator[Command]:
    lines = block.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")] + [len(lines)]
    for start, end in itertools.pairwise(starts):
        last = _last_line(lines, start)
        yield Command("\n".join(lines[start : last + 1])[2:], "\n".join(lines[last + 1 : end]))


def _last_line(lines: list[str], start: int) -> int:
    here = _HERE.search(lines[start])
    if here is not None:
        return lines.index(here[1], start)
    return next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
