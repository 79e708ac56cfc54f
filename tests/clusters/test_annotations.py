import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.annotations import ANNOTATIONS, NO_WISHES, PREFIX, Wishes, read_annotations

WHERE = "shop/web in cluster us"


def read_one(name: str, value: str) -> tuple[Wishes, list[str]]:
    wishes, problems = read_annotations({PREFIX + name: value}, WHERE)
    return wishes, [problem.text for problem in problems]


@pytest.mark.parametrize(
    ("text", "seconds"), [("1", 1), ("300", 300), (" 60 ", 60), ("5m", 300), ("1h30m", 5400), ("604800", 604_800)]
)
def test_a_ttl_is_seconds_or_a_span(text: str, seconds: int) -> None:
    assert read_one("ttl", text) == (Wishes(ttl=seconds), [])


@pytest.mark.parametrize(
    "text", ["0", "604801", "-1", "", "5x", "1.5", "1500ms", "nan", "1e3", "9" * 400, "٣", "5m\n5m", "8d"]
)
def test_a_bad_ttl_is_a_problem_and_counts_as_not_given(text: str) -> None:
    wishes, (told,) = read_one("ttl", text)
    assert wishes == NO_WISHES
    assert told.startswith(f"{WHERE}: annotation feddns.io/ttl is ")
    assert "it must be whole seconds from 1 to 604800, or a span such as 5m" in told
    assert len(told) < 250


@pytest.mark.parametrize("name", ["ignore", "federate"])
def test_a_flag_is_true_or_false_and_nothing_else(name: str) -> None:
    assert getattr(read_one(name, "true")[0], name) is True
    assert getattr(read_one(name, "false")[0], name) is False
    for text in ("yes", "True", "1", ""):
        wishes, problems = read_one(name, text)
        assert wishes == NO_WISHES
        assert len(problems) == 1


def test_an_unknown_annotation_asks_whether_the_nearest_known_one_was_meant() -> None:
    assert read_one("tll", "60") == (
        NO_WISHES,
        [f"{WHERE}: annotation feddns.io/tll is not known; did you mean feddns.io/ttl?"],
    )
    _, (told,) = read_one("xyzzy", "1")
    assert told.endswith("there are feddns.io/ttl, feddns.io/ignore, feddns.io/federate")


def test_annotations_of_others_are_none_of_our_business() -> None:
    assert read_annotations({"example.com/ttl": "x", "feddns.io.example/ttl": "x"}, WHERE) == (NO_WISHES, ())


def test_every_annotation_of_the_table_has_a_field_for_its_value() -> None:
    assert {annotation.name for annotation in ANNOTATIONS} == set(Wishes.__struct_fields__)


@given(st.dictionaries(st.one_of(st.text(), st.text().map(PREFIX.__add__)), st.text()))
def test_no_annotation_whatever_raises(annotations: dict[str, str]) -> None:
    wishes, problems = read_annotations(annotations, WHERE)
    assert wishes.ttl is None or 1 <= wishes.ttl <= 604_800
    assert list(problems) == sorted(problems)
