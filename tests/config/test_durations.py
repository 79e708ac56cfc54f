import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.durations import format_duration, parse_duration


@given(st.integers(0, 31_536_000_000))
def test_a_span_written_and_read_again_is_the_same(milliseconds: int) -> None:
    assert round(parse_duration(format_duration(milliseconds / 1000)) * 1000) == milliseconds


@given(st.text(st.characters(codec="utf-8"), max_size=12) | st.from_regex(r"[0-9hms. ]{0,8}", fullmatch=True))
def test_any_text_is_a_span_or_a_value_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert seconds >= 0
    assert text.isascii()


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("1h30m", 5400), ("250ms", 0.25), ("1.5h", 5400), ("2m10s5ms", 130.005)]
)
def test_the_units_add_up(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "s", "1m1h", "-1s", "1 s", "1s\n", "1d", "1S", "1s1s", "1e3s", "٣s"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a span of time"):
        parse_duration(text)
