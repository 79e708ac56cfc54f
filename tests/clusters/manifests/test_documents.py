import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.manifests.documents import ManifestError, read_json, read_yaml

PLAIN = st.recursive(
    st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
)


def values(text: str) -> list[Any]:
    return read_yaml(text.encode(), "f.yaml").values


def test_several_documents_are_read_and_empty_ones_left_out() -> None:
    assert values("---\n# nothing\n---\na: b\n---\n- c\n--- \n...\n") == [{"a": "b"}, ["c"]]


def test_what_looks_like_another_type_stays_text_but_for_null() -> None:
    text = "{int: 300, date: 2026-01-01, bool: true, quoted: 'null', tilde: ~, empty: , plain: null}"
    nothing = dict.fromkeys(["tilde", "empty", "plain"])
    assert values(text) == [{"int": "300", "date": "2026-01-01", "bool": "true", "quoted": "null", **nothing}]


def test_an_alias_is_what_its_anchor_is() -> None:
    assert values("a: &x {b: c}\nd: *x\n---\ne: &y f\ng: [*y]") == [
        {"a": {"b": "c"}, "d": {"b": "c"}},
        {"e": "f", "g": ["f"]},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: b\nc: [", "f.yaml:3: not YAML: "),
        ("a: b\n\tc: d", "f.yaml:2: not YAML: "),
        ("a: b\nc: d\na: e", "f.yaml:3: the key 'a' stands twice"),
        ("a: b\n? [c]\n: d", "f.yaml:2: a key must be text"),
        ("a: b\nc: *d", "f.yaml:2: the alias *d has no anchor before it"),
        ("a: &x b\n---\nc: *x", "f.yaml:3: the alias *x has no anchor before it"),
        ("[" * 150, "f.yaml:1: nested more than 100 levels deep"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ManifestError) as error:
        values(text)
    assert str(error.value).startswith(told)


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(ManifestError, match=r"^f.yaml: not YAML: "):
        read_yaml(b"a: \xff\xfe\xff", "f.yaml")


def test_what_is_no_json_is_told_with_its_line() -> None:
    with pytest.raises(ManifestError, match=r"^f.json:3: not JSON: "):
        read_json(b'{\n"a": 1,\n"b": }', "f.json")
    with pytest.raises(ManifestError, match=r"^f.json: not JSON: "):
        read_json(b"", "f.json")


def test_an_error_names_the_line_of_the_nearest_mapping() -> None:
    documents = read_yaml(b"a:\n  b:\n    - c: d\n    - e: f\n", "f.yaml")
    (document,) = documents.values
    assert str(documents.error(document, "$.a.b[1].e", "wrong")) == "f.yaml:4: wrong"
    assert str(documents.error(document, "$.a.nothing[7]", "wrong")) == "f.yaml:2: wrong"
    assert str(documents.error(document, "", "wrong")) == "f.yaml:1: wrong"


@given(st.lists(PLAIN))
def test_what_yaml_writes_is_read(written: list[Any]) -> None:
    text = yaml.safe_dump_all(written, allow_unicode=True)
    assert values(text) == [value for value in written if value is not None]


@given(PLAIN)
def test_json_is_read_as_yaml_reads_it(written: Any) -> None:
    text = json.dumps(written, ensure_ascii=False).encode()
    assert [value for value in read_json(text, "f").values if value is not None] == read_yaml(text, "f").values


@given(st.binary(max_size=100) | st.text("{}[]:-,&*!|>'\"?# \n\tab").map(str.encode))
def test_any_bytes_are_documents_or_a_manifest_error(text: bytes) -> None:
    for read in (read_yaml, read_json):
        try:
            read(text, "f")
        except ManifestError as error:
            assert str(error).startswith("f:")  # noqa: PT017  # both outcomes are right; only another exception is not
