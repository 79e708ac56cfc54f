from hypothesis import given
from hypothesis import strategies as st

from feddns.model.printable import printable


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_moves_no_cursor(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]) | st.just(" ")))
def test_text_for_people_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_what_is_escaped_can_still_be_read() -> None:
    assert printable("a\nb\x1b[31mc\u202ed") == r"a\nb\x1b[31mc\u202ed"
