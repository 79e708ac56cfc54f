from feddns.model.few import few


def test_of_many_items_the_first_are_named_and_the_others_counted() -> None:
    assert few("abc", 3) == "a, b, c"
    assert few("abcd", 3) == "a, b, c and 1 more"
    assert few([], 3) == ""
