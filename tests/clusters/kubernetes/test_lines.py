from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.kubernetes.lines import Lines


def fed(most: int, *pieces: bytes) -> list[bytes | None]:
    lines = Lines(most)
    return [line for piece in pieces for line in lines.feed(piece)]


def test_lines_are_put_together_from_pieces() -> None:
    assert fed(99, b"on", b"e\ntwo\nth", b"", b"ree", b"\n\n") == [b"one", b"two", b"three", b""]


def test_a_line_without_an_end_is_not_told() -> None:
    assert fed(99, b"one\ntw", b"o") == [b"one"]


def test_a_line_that_is_too_long_is_none_and_the_next_is_whole() -> None:
    assert fed(4, b"12345\n1234\n") == [None, b"1234"]
    assert fed(4, b"12", b"34", b"5", b"6789", b"9\nab", b"cd\n") == [None, b"abcd"]


@given(st.binary(max_size=60), st.lists(st.integers(0, 60)), st.integers(0, 20))
def test_how_the_stream_is_cut_makes_no_difference(stream: bytes, cuts: list[int], most: int) -> None:
    pieces = [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)])]
    expected = [line if len(line) <= most else None for line in stream.split(b"\n")[:-1]]
    assert fed(most, *pieces) == expected
