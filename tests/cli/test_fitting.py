from hypothesis import given
from hypothesis import strategies as st

from feddns.cli.fitting import Column, fitted, wrapped
from feddns.cli.output import Painted

COLUMNS = (Column("name"), Column("zone", 2), Column("region", 1), Column("reason"))


def test_what_matters_least_is_left_out_first_and_the_last_column_is_cut() -> None:
    row = ("eu", "europe-west1-b", "europe-west1", Painted("nothing heard for too long of services", ""))
    assert fitted(COLUMNS, [row], None).splitlines() == [
        "NAME   ZONE             REGION         REASON",
        "eu     europe-west1-b   europe-west1   nothing heard for too long of services",
    ]
    assert fitted(COLUMNS, [row], 60).splitlines()[1] == "eu     europe-west1-b   europe-west1   nothing heard for to…"
    assert fitted(COLUMNS, [row], 50).splitlines()[1] == "eu     europe-west1   nothing heard for too long …"
    assert fitted(COLUMNS, [row], 30).splitlines()[1] == "eu     nothing heard for too …"


@given(st.lists(st.tuples(*[st.text(max_size=30)] * 4), max_size=5), st.integers(30, 200))
def test_no_row_is_wider_than_asked_for_where_the_first_column_leaves_room(
    rows: list[tuple[str, ...]], width: int
) -> None:
    rows = [(f"{len(first) * 'x':.{width - 19}}", *rest) for first, *rest in rows]
    assert all(len(line) <= width for line in fitted(COLUMNS, rows, width).splitlines())


def test_lines_are_wrapped_and_what_could_move_a_cursor_is_escaped() -> None:
    assert wrapped("a\x1b[2Jb", None) == "a\\x1b[2Jb"
    assert wrapped("word " * 20, 50).splitlines()[1].startswith("    word")
    assert fitted(COLUMNS, [("\x1b[2J", "", "", "\n")], 80).count("\n") == 1
