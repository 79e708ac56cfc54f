"""docs/providers/writing-your-own.md tells of the whole contract, and of nothing that is not there."""

import importlib
import re
from typing import Protocol

import msgspec
import pytest

from feddns import errors, testing
from feddns.model.changes import Limits
from feddns.providers import base
from tests.rules.files import ROOT

PAGE = (ROOT / "docs" / "providers" / "writing-your-own.md").read_text()
WORDS = set(re.findall(r"\w+", PAGE))


PROTOCOLS = [each for each in vars(base).values() if getattr(each, "_is_protocol", False) and each is not Protocol]


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.__name__)
def test_every_member_is_told(protocol: type) -> None:
    told = (*vars(protocol), *vars(protocol).get("__annotations__", ()))
    members = {name for name in told if not name.startswith("_")}
    assert members <= WORDS
    assert members


def test_every_error_is_told_and_every_attribute_of_it() -> None:
    kinds = {kind.__name__ for kind in errors.ProviderError.__subclasses__()}
    assert kinds <= set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE))
    assert {"retry_after_s", "outcome_unknown", "names"} <= WORDS


def test_every_limit_is_told() -> None:
    table = PAGE.partition("| field | counts |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|$)", table, re.MULTILINE)) == {
        field.name for field in msgspec.structs.fields(Limits)
    }


def test_every_contract_is_told() -> None:
    table = PAGE.partition("| class | for |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [
        "ProviderContract",
        "UnfencedProviderContract",
        "RemoteContract",
        "HttpContract",
        "RemoteProviderContract",
        "Pen",
    ]
    assert sorted(testing.__all__) == sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))


def test_the_modules_that_a_plug_in_may_use_are_there_and_the_example_uses_no_other() -> None:
    allowed = set(re.findall(r"`(feddns\.[\w.]+)`", PAGE.partition("You may use ")[2].partition("The rest")[0]))
    for module in allowed:
        importlib.import_module(module)
    source = ROOT / "examples" / "plugin"
    used = {
        module
        for path in source.rglob("*.py")
        for module in re.findall(r"^from (feddns\.[\w.]+) import", path.read_text(), re.MULTILINE)
    }
    assert used <= allowed
