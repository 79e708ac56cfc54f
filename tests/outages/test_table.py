"""docs/outages.md is held to the outages that are played."""

from tests.outages.outages import OUTAGES
from tests.outages.table import BEGIN, END, HEAD, PAGE


def test_the_page_has_a_row_for_every_outage_with_what_must_be_seen_of_it() -> None:
    text = PAGE.read_text()
    part = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert part.startswith(HEAD)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.removeprefix(HEAD).splitlines()]
    assert [row[:2] for row in rows] == [[outage.name, outage.effect.value] for outage in OUTAGES]
