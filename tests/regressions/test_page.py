"""docs/regressions.md tells of every test here, and nothing that no test holds."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.rules.files import ROOT

PAGE = ROOT / "docs" / "regressions.md"
HERE = Path(__file__).parent
URL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+")
TEST = re.compile(r"\[`(test_\w+)`\]\(\.\./([\w/]+\.py)\)")


@cache
def docstrings(path: Path) -> dict[str, str]:
    """What the tests of a file say of themselves, by name."""
    functions = [
        node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {each.name: ast.get_docstring(each) or "" for each in functions if each.name.startswith("test_")}


def rows() -> list[tuple[str, list[tuple[str, Path]]]]:
    """The links of each row's second column, and the tests of its last."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    cells = [line.strip("| ").split(" | ") for line in lines]
    assert {len(row) for row in cells} == {4}
    return [(where, [(name, ROOT / path) for name, path in TEST.findall(tests)]) for _, where, _, tests in cells]


ROWS = rows()
OURS = [(name, path) for path in sorted(HERE.glob("test_*.py")) if path != Path(__file__) for name in docstrings(path)]


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_the_tests_of_a_row_exist_and_name_the_same_threads(number: int) -> None:
    where, tests = ROWS[number]
    assert tests
    assert URL.findall(where)
    assert [name for name, path in tests if not path.exists() or name not in docstrings(path)] == []
    told = {url for name, path in tests if path.parent == HERE for url in URL.findall(docstrings(path)[name])}
    assert set(URL.findall(where)) == told


@pytest.mark.parametrize(("name", "path"), OURS, ids=[name for name, _ in OURS])
def test_a_test_has_one_row_and_names_a_thread(name: str, path: Path) -> None:
    assert [tests for _, tests in ROWS if (name, path) in tests] != []
    assert sum((name, path) in tests for _, tests in ROWS) == 1
    assert URL.findall(docstrings(path)[name])
