import ast
from collections.abc import Iterator

import pytest

from tests.rules.files import ROOT, modules

LONGEST_FILE = 300
LONGEST_FUNCTION = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return total
    return total - ((first.end_lineno or first.lineno) - first.lineno + 1)


def test_there_are_modules_to_look_at() -> None:
    assert len(modules()) > 30


@pytest.mark.parametrize("path", modules())
def test_a_module_opens_with_one_sentence_on_what_it_is(path: str) -> None:
    docstring = ast.get_docstring(modules()[path])
    assert docstring, f"{path} has no docstring"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":")), f"{path} opens with no sentence"


@pytest.mark.parametrize("path", modules())
def test_a_file_is_short(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", modules())
def test_a_function_is_short(path: str) -> None:
    lengths = {f"{path}:{function.lineno} {function.name}": length(function) for function in functions(modules()[path])}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
