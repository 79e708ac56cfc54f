import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.lines import Document, Fault, dotted, read_document
from feddns.errors import ConfigError

words = st.text(string.ascii_letters + string.digits + " #:-\"'\\\n\t{}[]&*!|>%@`,?é", max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=20
)


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "f.yaml")
    return str(caught.value)


@given(st.dictionaries(words, trees, max_size=4), st.booleans())
def test_what_yaml_writes_is_read_back(tree: dict[str, object], flow: bool) -> None:  # noqa: FBT001 - hypothesis' choice
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    assert read_document(text, "f.yaml").value == tree


@given(st.text(st.characters(), max_size=60) | st.text("a: -[]{}&*!<\n\t'\"#|?%@,0x1_~", max_size=60))
def test_any_text_is_a_document_or_an_error_with_its_file(text: str) -> None:
    try:
        value = read_document(text, "f.yaml")
    except ConfigError as error:
        assert error.file == "f.yaml"  # noqa: PT017 - either outcome is right, and this is what one of them must be like
    else:
        assert isinstance(value, Document)


@given(st.lists(words.filter(lambda word: "\n" not in word), min_size=1, unique=True), st.data())
def test_each_key_has_the_line_on_which_it_stands(keys: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.integers(0, 2)) for _ in keys]
    text, expected, line = "", {}, 1
    for key, gap in zip(keys, gaps, strict=True):
        quoted = yaml.safe_dump(key, default_style='"', width=1000).strip()
        text += "# a comment\n" * gap + f"{quoted}: 1\n"
        expected[key] = line + gap
        line += gap + 1
    document = read_document(text, "f.yaml")
    assert {key: document.line((key,)) for key in keys} == expected


def test_items_of_lists_and_values_of_aliases_have_lines() -> None:
    document = read_document("a:\n- x\n-\n  y: 1\nb: &b\n  c: 1\nd:\n  <<: *b\n  e: 2\n", "f.yaml")
    assert document.value == {"a": ["x", {"y": 1}], "b": {"c": 1}, "d": {"c": 1, "e": 2}}
    assert document.line(("a", 0)) == 2
    assert document.line(("a", 1, "y")) == 4
    assert document.line(("d", "c")) == 6
    assert document.line(("d", "e")) == 9


def test_a_place_that_is_not_in_the_file_has_the_line_of_what_surrounds_it() -> None:
    document = read_document("a: 1\nb:\n  c: 1\n", "f.yaml")
    assert document.line(("b", "x", "y")) == 2
    assert document.line(("z",)) == 1


def test_own_keys_go_before_merged_ones_and_earlier_merges_before_later() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, y: 2, z: 2}\nc: {y: 3, <<: [*a, *b]}\n"
    assert read_document(text, "f.yaml").value["c"] == {"x": 1, "y": 3, "z": 2}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    assert read_document(text, "f.yaml").value == {}


def test_dates_stay_text() -> None:
    assert read_document("a: 2020-99-99", "f.yaml").value == {"a": "2020-99-99"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\t- b\n", "f.yaml:2: not YAML: a tab or a reserved character begins here"),
        ("a: [1\nb: 2", "f.yaml:2: not YAML: did not find expected ',' or ']'"),
        ("a: b: c", "f.yaml:1: not YAML: mapping values are not allowed"),
        ("a: *x", "f.yaml:1: not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "f.yaml:2: not YAML: a second document begins here"),
        ("é: 1\nb: \x01", "f.yaml:2: the character U+0001 is not allowed"),
        ("a: 1\nb: \udc80", "f.yaml:2: not UTF-8 text"),
        ("a: 1\nb: !secret x", "f.yaml:2: b: the tag !secret is not known here"),
        ("a: !!set {x}", "f.yaml:1: the tag tag:yaml.org,2002:set is not known here"),
        ("a: !!python/name:os.system x", "f.yaml:1: a: the tag tag:yaml.org,2002:python/name:os.system is not known"),
        ("a: !!int x", "f.yaml:1: a is marked as int, but reads 'x'"),
        ("a: !!bool x", "f.yaml:1: a is marked as bool, but reads 'x'"),
        ("a: 1\n? [b]\n: 2", "f.yaml:1: a key of the file is a list or a mapping"),
        ("a: {<<: 1}", "f.yaml:1: << in a must merge a mapping"),
        ("a: &a [*a]", "f.yaml:1: a[0][0] has too many values, or an alias that leads back into itself"),
        ("[" * 200_000, "f.yaml:1: nested more than 50 levels deep"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, expected: str) -> None:
    assert complaint(text).startswith(expected)


def test_a_key_that_stands_twice_names_both_lines_and_so_does_each_further_one() -> None:
    assert complaint("a: 1\nb: {x: 1,\n  x: 2}\na: 2\na: 3\n").split("\n") == [
        "f.yaml:3: b.x stands twice; it is also on line 2",
        "f.yaml:4: a stands twice; it is also on line 1",
        "f.yaml:5: a stands twice; it is also on line 1",
    ]


def test_a_mapping_that_merges_itself_adds_nothing() -> None:
    assert read_document("a: &a {<<: *a, b: 1}", "f.yaml").value == {"a": {"b": 1}}


def test_aliases_of_aliases_cannot_fill_the_memory() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
    )
    assert "too many values" in complaint(laughs)


def test_several_faults_stand_in_the_order_of_the_file() -> None:
    document = read_document("a: 1\nb: 2\n", "f.yaml")
    error = document.error(Fault(("b",), "second"), Fault(("a",), "first"))
    assert str(error) == "f.yaml:1: first\nf.yaml:2: second"
    assert error.line == 1


def test_a_path_reads_as_people_write_it() -> None:
    assert dotted(("clusters", 0, "region")) == "clusters[0].region"
    assert dotted(()) == "the file"
