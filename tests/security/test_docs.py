import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", TEXT)


def test_every_test_that_the_security_model_names_is_there() -> None:
    assert len(NAMED) > 30
    for path, name in NAMED:
        place = ROOT / path
        assert place.exists(), path
        assert not name or re.search(rf"^(async )?def {name}\(", place.read_text(), re.MULTILINE), f"{path}::{name}"


def test_every_test_of_an_attack_is_named() -> None:
    tests = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {"test_docs.py", "test_audit.py"}
    assert {path.rpartition("/")[2] for path, _ in NAMED} >= tests


def test_every_fuzz_target_is_among_the_kinds_of_input() -> None:
    assert "tests/fuzz/targets" in TEXT
    assert len(list((ROOT / "tests/fuzz/targets").glob("[a-z]*.py"))) >= 14
