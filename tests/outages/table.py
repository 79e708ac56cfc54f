"""What each outage looked like from outside: written by the tests, rendered by `python -m tests.outages.table`."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from tests.lab.binaries import cache_root
from tests.outages.outages import OUTAGES, Effect, Outage
from tests.outages.playing import Case, Course
from tests.rules.files import ROOT

PAGE: Final = ROOT / "docs" / "outages.md"
BEGIN: Final = "<!-- begin: outages -->\n"
END: Final = "<!-- end: outages -->\n"
HEAD: Final = (
    "| what happened | what was seen at DNS | how long it took | with feddns killed (`kill -9`) in the middle |\n"
    "|---|---|---|---|\n"
)


def note(case: Case, course: Course) -> None:
    """Keep how a case went, in the user's cache, in place of how it went before."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _file(case)).write_bytes(msgspec.json.encode(course))


def rows(outages: Iterable[Outage]) -> Iterator[str]:
    """One line of the table for each outage that went as it must, once without a restart and once with."""
    for outage in outages:
        alone, restarted = (_course(Case(outage, restarts)) for restarts in (False, True))
        if alone is not None and restarted is not None:
            yield f"| {outage.name} | {outage.effect.value} | {_took(outage, alone)} | {_took(outage, restarted)} |\n"


def main() -> None:
    """Put the table between its marks in docs/outages.md."""
    text = PAGE.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    lines = list(rows(OUTAGES))
    PAGE.write_text(text[:start] + HEAD + "".join(lines) + text[end:])
    sys.stdout.write(f"{PAGE}: {len(lines)} of {len(OUTAGES)} outages\n")


def _took(outage: Outage, course: Course) -> str:
    if outage.effect is not Effect.WITHDRAWN:
        return "no change"
    return f"gone after {course.withdrawn_s:.1f} s, back after {course.returned_s:.1f} s"


def _course(case: Case) -> Course | None:
    path = _folder() / _file(case)
    return msgspec.json.decode(path.read_bytes(), type=Course) if path.exists() else None


def _file(case: Case) -> str:
    words = "".join(character if character.isalnum() else " " for character in case.outage.name).split()
    return f"{'-'.join(words).lower()}{'.restarted' if case.restarts else ''}.json"


def _folder() -> Path:
    return cache_root() / "outages"


if __name__ == "__main__":
    main()
