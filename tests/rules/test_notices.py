"""Every reason that an Event beside a Service may have is documented, and no other."""

import ast
from collections.abc import Iterator

from feddns.model.notices import PROBLEMS, Turn
from tests.rules.files import PACKAGE

OF_CLUSTERS = {
    "FurtherProblems",
    "MissingPermission",
    "RepeatedObject",
    "SeveralRegions",
    "TooManyZones",
    "UnreadableManifest",
    "UnreadableObject",
}
"""Reasons of problems that are a cluster's and no Service's; docs/clusters.md has them."""


def reasons() -> Iterator[str]:
    """The reasons of all problems that the code makes, but for those it puts together."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                reason = node.args[0]
                if isinstance(reason, ast.Constant) and isinstance(reason.value, str):
                    yield reason.value


def test_every_problem_of_a_service_is_in_the_reference() -> None:
    assert set(reasons()) - OF_CLUSTERS == set(PROBLEMS)


def test_reasons_are_words_as_events_have_them() -> None:
    every = [*PROBLEMS, *(turn.reason for turn in Turn)]
    assert len(set(every)) == len(every)
    assert all(reason.isalpha() and reason[0].isupper() and len(reason) <= 128 for reason in every)
    assert {turn.type for turn in Turn} == {"Normal", "Warning"}
    assert all(meaning.endswith(".") for meaning in (*PROBLEMS.values(), *(turn.meaning for turn in Turn)))


def test_every_turn_is_told_somewhere() -> None:
    used = "\n".join(path.read_text() for path in (PACKAGE / "controller").glob("*.py"))
    assert all(f"Turn.{turn.name}" in used for turn in Turn)
