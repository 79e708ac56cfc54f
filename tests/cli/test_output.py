import json

import click
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feddns.cli.output import Painted, emit, render, table

cells = st.text(max_size=10)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=10,
)


class Value(msgspec.Struct, rename="camel"):
    """Something to be printed."""

    second_word: str
    first: tuple[int, ...] = ()


@given(plain)
def test_what_programs_get_is_the_value_itself(value: object) -> None:
    assert json.loads(render(value, "json", str)) == value
    assert yaml.safe_load(render(value, "yaml", str)) == value


def test_the_order_of_the_fields_is_kept() -> None:
    assert render(Value("x", (1,)), "yaml", str) == "secondWord: x\nfirst:\n- 1"
    assert render(Value("x"), "json", str) == '{\n  "secondWord": "x",\n  "first": []\n}'


def test_people_get_what_the_renderer_makes(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Value("x"), "text", lambda value: f"it is {value.second_word}")
    assert capsys.readouterr().out == "it is x\n"


@given(st.lists(st.tuples(cells, cells, cells), max_size=5))
def test_a_table_has_one_line_for_each_row_whatever_stands_in_it(rows: list[tuple[str, str, str]]) -> None:
    lines = table(("a", "b", "c"), rows).split("\n")
    assert len(lines) == len(rows) + 1
    assert all(line.isprintable() for line in lines)


def test_the_columns_of_a_table_are_aligned_also_where_cells_are_painted() -> None:
    text = table(("name", "state"), [("a", Painted("ok", "green")), (Painted("long", "red"), "lost")])
    assert click.unstyle(text).split("\n") == ["NAME   STATE", "a      ok", "long   lost"]
    assert "\x1b[32mok" in text
