import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.model.asked import MOST, ChangesAsked, Nothing, ServiceAsked, ServicesAsked
from feddns.web.asking import BadQuestion, question


def test_parameters_are_read_from_path_and_query() -> None:
    query = [("verdict", "Degraded"), ("limit", "7"), ("continue", "a/b"), ("verdict", "Unknown")]
    assert question(ServicesAsked, {}, query) == ServicesAsked(
        limit=7, continue_="a/b", verdict=("Degraded", "Unknown")
    )
    assert question(ServicesAsked, {}, []) == ServicesAsked()
    assert question(ServiceAsked, {"namespace": "shop", "name": "api"}, []) == ServiceAsked("shop", "api")
    assert question(Nothing, {}, []) == Nothing()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ([("limit", "0")], f'limit must be a whole number from 1 to {MOST}, not "0"'),
        ([("limit", "ten")], f'limit must be a whole number from 1 to {MOST}, not "ten"'),
        ([("limit", "1"), ("limit", "1")], "the parameter limit is given more than once"),
        ([("limits", "1")], 'unknown parameter "limits"; did you mean "limit"? there are: continue, limit, '),
        ([("verdict", "healthy")], 'verdict must be "Healthy" or "Degraded" or '),
        ([("namespace", "x" * 254)], "namespace must be text of at most 253 characters"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(query: list[tuple[str, str]], text: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        question(ServicesAsked, {}, query)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "٣", " 1", "1" * 10])
def test_a_page_of_a_counted_list_that_nobody_told_of_is_refused(text: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        question(ChangesAsked, {}, [("continue", text)])
    assert str(caught.value).startswith("continue must be what `next` of a page of this list was, not ")
    assert question(ChangesAsked, {}, [("continue", "17")]).first == 17
    assert question(ChangesAsked, {}, []).first == 0


def test_the_path_is_not_the_query() -> None:
    with pytest.raises(BadQuestion, match='unknown parameter "name"; there are: none'):
        question(ServiceAsked, {"namespace": "a", "name": "b"}, [("name", "c")])


@given(st.lists(st.tuples(st.sampled_from(["limit", "verdict", "namespace", "continue", "x"]), st.text(max_size=300))))
def test_any_query_is_read_or_refused(query: list[tuple[str, str]]) -> None:
    try:
        asked = question(ServicesAsked, {}, query)
    except BadQuestion:
        return
    assert 1 <= asked.limit <= MOST
