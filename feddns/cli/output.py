"""What a verb answers, written for people or for programs."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import click
import msgspec
import yaml

from feddns.cli.options import Output
from feddns.model.printable import printable

V = TypeVar("V")


class Painted(NamedTuple):
    """A table's cell in a colour of click's, such as `green`; colours are seen on terminals only."""

    text: str
    colour: str


def emit(value: V, output: Output, text: Callable[[V], str]) -> None:
    """Print `value` on standard output.

    Args:
        value: anything that msgspec can turn into plain values; what JSON and YAML show.
        output: the form.
        text: makes the form for people.
    """
    click.echo(render(value, output, text))


def render(value: V, output: Output, text: Callable[[V], str]) -> str:
    """What `emit` prints, without the final newline."""
    if output == "text":
        return text(value)
    if output == "json":
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    plain = msgspec.to_builtins(value, str_keys=True)
    text_of = yaml.dump(plain, Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=120)
    return str(text_of).removesuffix("\n").removesuffix("\n...")


class _Yaml(yaml.SafeDumper):
    """Puts text with control characters in double quotes: PyYAML itself folds U+0085 in others into a blank."""

    def text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Yaml.add_representer(str, _Yaml.text)


def table(header: Sequence[str], rows: Iterable[Sequence[str | Painted]]) -> str:
    """Rows under a header, in columns as wide as their widest cell; the last column is not padded."""
    title = [Painted(cell.upper(), "") for cell in header]
    lines = [title, *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column].text) for line in lines) for column in range(len(header))]
    return "\n".join(_line(line, widths) for line in lines)


def _cell(cell: str | Painted) -> Painted:
    text, colour = cell if isinstance(cell, Painted) else (cell, "")
    return Painted(printable(text), colour)


def _line(cells: Sequence[Painted], widths: Sequence[int]) -> str:
    *first, last = (f"{cell.text:<{width}}" for cell, width in zip(cells, widths, strict=True))
    padded = [*first, last.rstrip()]
    painted = [_paint(text, cell.colour) for text, cell in zip(padded, cells, strict=True)]
    return "   ".join(painted).rstrip()


def _paint(text: str, colour: str) -> str:
    return click.style(text, fg=colour) if colour and not text.isspace() else text
