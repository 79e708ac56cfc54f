import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

import pytest

from tests.rules.files import ROOT, modules, repository_files

VAGUE = re.compile(r"manager|helper|util|handler|common", re.IGNORECASE)
# Written so that this file does not match itself.
BANNED = {
    "a path of somebody's machine": re.compile(r"(?<![\w.~$}/-])/(?:work|root|farm|home)/[a-z]"),
    "something left to do": re.compile(r"\b(?:T[O]DO|F[I]XME|H[A]CK)\b"),
    "a number of a tracker": re.compile(r"\b(?:issue|fixes|closes|PR) ?[#]\d+", re.IGNORECASE),
    "how the work was done": re.compile(r"\b(?:this|previous|earlier|last|next) s[e]ssions?\b", re.IGNORECASE),
}
GENERATED = frozenset({"uv.lock", "tests/lab/binaries/go.sum", "LICENSE"})


def texts() -> Iterator[tuple[str, str]]:
    for path in repository_files():
        if path in GENERATED:
            continue
        try:
            yield path, (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("path", modules())
def test_no_module_or_class_has_a_vague_name(path: str) -> None:
    parts = [part for part in PurePath(path).with_suffix("").parts if VAGUE.search(part)]
    assert parts == []
    classes = [node.name for node in ast.walk(modules()[path]) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if VAGUE.search(name)] == []


@pytest.mark.parametrize("what", BANNED)
def test_no_file_tells(what: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in texts()
        for number, line in enumerate(text.split("\n"), 1)
        if BANNED[what].search(line)
    ]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    lines = {
        "a path of somebody's machine": "see /ro" + "ot/x",
        "something left to do": "# TO" + "DO: later",
        "a number of a tracker": "Fixes #" + "12",
        "how the work was done": "In this ses" + "sion",
    }
    assert all(BANNED[what].search(line) for what, line in lines.items())
    assert lines.keys() == BANNED.keys()
