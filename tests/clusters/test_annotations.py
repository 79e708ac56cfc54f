import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.annotations import ANNOTATIONS, NO_WISHES, PREFIX, Wishes, read_annotations
from feddns.model.services import HostnameWish

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


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("nginx.acme.com", [HostnameWish("nginx.acme.com.")]),
        (" NGINX.Acme.com. ", [HostnameWish("nginx.acme.com.")]),
        ("eu.acme.com = Europe-West1", [HostnameWish("eu.acme.com.", "europe-west1")]),
        ("{region}.acme.com", [HostnameWish("{region}.acme.com.")]),
        ("web-{region}.acme.com", [HostnameWish("web-{region}.acme.com.")]),
        ("b.acme.com,a.acme.com, b.acme.com,", [HostnameWish("a.acme.com."), HostnameWish("b.acme.com.")]),
    ],
)
def test_hostnames_stand_between_commas(text: str, wishes: list[HostnameWish]) -> None:
    assert read_one("hostname", text) == (Wishes(hostname=tuple(wishes)), [])


@pytest.mark.parametrize(
    "entry",
    [
        "acme",
        "*.acme.com",
        "_web.acme.com",
        "a..acme.com",
        "http://a.acme.com",
        "a b.acme.com",
        "exämple.acme.com",
        "192.0.2.1",
        "a.acme.com=",
        "a.acme.com=eu=us",
        "a.acme.com=e.u",
        "{region}.acme.com=eu",
        "{zone}.acme.com",
        "a" * 64 + ".acme.com",
        "a." * 130 + "com",
    ],
)
def test_a_bad_hostname_is_a_problem_and_the_others_stand(entry: str) -> None:
    wishes, (told,) = read_one("hostname", f"good.acme.com,{entry},eu.acme.com=eu")
    assert wishes.hostname == (HostnameWish("eu.acme.com.", "eu"), HostnameWish("good.acme.com."))
    assert told.startswith(f"{WHERE}: annotation feddns.io/hostname has ")
    assert "it must be up to 100 hostnames with commas between them" in told
    assert len(told) < 350


def test_of_too_many_hostnames_the_first_stand() -> None:
    wishes, (told,) = read_one("hostname", ",".join(f"h{number:03}.acme.com" for number in range(102)))
    assert [wish.hostname for wish in wishes.hostname] == [f"h{number:03}.acme.com." for number in range(100)]
    assert "has 'h100.acme.com,h101.acme.com', which is ignored" in told


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_an_annotation_without_any_hostname_is_a_problem(text: str) -> None:
    wishes, problems = read_one("hostname", text)
    assert (wishes, len(problems)) == (NO_WISHES, 1)


def test_an_unknown_annotation_asks_whether_the_nearest_known_one_was_meant() -> None:
    assert read_one("tll", "60") == (
        NO_WISHES,
        [f"{WHERE}: annotation feddns.io/tll is not known; did you mean feddns.io/ttl?"],
    )
    _, (told,) = read_one("xyzzy", "1")
    assert told.endswith(f"there are {', '.join(PREFIX + annotation.name for annotation in ANNOTATIONS)}")


def test_annotations_of_others_are_none_of_our_business() -> None:
    assert read_annotations({"example.com/ttl": "x", "feddns.io.example/ttl": "x"}, WHERE) == (NO_WISHES, ())


def test_every_annotation_of_the_table_has_a_field_for_its_value() -> None:
    assert {annotation.name.replace("-", "_") for annotation in ANNOTATIONS} == set(Wishes.__struct_fields__)


@pytest.mark.parametrize(("name", "words"), [("no-healthy-shards", ["remove", "keep"]), ("panic", ["keep", "drop"])])
def test_a_choice_is_one_of_its_words_and_nothing_else(name: str, words: list[str]) -> None:
    for word in words:
        assert getattr(read_one(name, word)[0], name.replace("-", "_")) == word
    for text in ("Keep", "", "remove keep", "true"):
        wishes, (told,) = read_one(name, text)
        assert wishes == NO_WISHES
        assert told.endswith(f"it must be {' or '.join(words)}")


def test_a_refused_probe_is_told_with_the_key_that_is_wrong_and_what_would_be_right() -> None:
    wishes, (told,) = read_one("probe", '{"http": {"path": "healthz"}}')
    assert wishes == NO_WISHES
    what = """annotation feddns.io/probe is '{"http": {"path": "healthz"}}', which is ignored"""
    right = "a path that begins with / and has no spaces and no #, of at most 1024 characters"
    assert told == f'{WHERE}: {what}; probe.http.path must be {right}, not "healthz"'
    _, (told,) = read_one("probe", "htp:80")
    assert "it must be off, or such as tcp, tcp:443, http:8080/healthz" in told


@given(st.dictionaries(st.one_of(st.text(), st.text().map(PREFIX.__add__)), st.text()))
def test_no_annotation_whatever_raises(annotations: dict[str, str]) -> None:
    wishes, problems = read_annotations(annotations, WHERE)
    assert wishes.ttl is None or 1 <= wishes.ttl <= 604_800
    assert list(problems) == sorted(problems)
