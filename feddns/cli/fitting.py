"""Tables and lines that fit a terminal: what matters least is left out, and the last column is cut."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from feddns.cli.output import Painted, table
from feddns.model.printable import printable

_GAP: Final = 3
_LEAST: Final = 16
"""So many characters of the last column are worth showing."""


class Column(NamedTuple):
    """A column's title, and how dispensable it is: 0 is never left out, and the highest goes first."""

    title: str
    rank: int = 0


def fitted(columns: Sequence[Column], rows: Iterable[Sequence[str | Painted]], width: int | None) -> str:
    """A table of at most `width` characters, where that can be; None for no limit."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    shown = list(range(len(columns)))
    if width is not None:
        widths = [max([len(column.title), *(len(row[at].text) for row in cells)]) for at, column in enumerate(columns)]
        while _before_last(widths, shown) + min(widths[shown[-1]], _LEAST) > width and any(
            columns[at].rank for at in shown
        ):
            shown.remove(max(shown, key=lambda at: (columns[at].rank, at)))
        room = max(_LEAST, width - _before_last(widths, shown))
        for row in cells:
            row[shown[-1]] = _cut(row[shown[-1]], room)
    return table([columns[at].title for at in shown], ([row[at] for at in shown] for row in cells))


def wrapped(text: str, width: int | None) -> str:
    """A line as several, the further ones set in; None for no limit."""
    text = printable(text)
    return text if width is None else "\n".join(textwrap.wrap(text, max(width, 40), subsequent_indent="    "))


def _cell(cell: str | Painted) -> Painted:
    return cell if isinstance(cell, Painted) else Painted(printable(cell), "")


def _before_last(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[at] + _GAP for at in shown[:-1])


def _cut(cell: Painted, room: int) -> Painted:
    return cell if len(cell.text) <= room else Painted(f"{cell.text[: room - 1]}…", cell.colour)
