import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feddns.config.docstrings import attributes, summary
from feddns.config.schema import reachable, schema
from feddns.config.settings import DnsSettings, Settings
from feddns.errors import ConfigError
from tests.config.test_lines import trees
from tests.config.test_parse import ProviderSettings
from tests.config.texts import SMALLEST, read


class Simple(msgspec.Struct, forbid_unknown_fields=True):
    """A provider with nothing to set."""


SCHEMA = schema({"rfc2136": ProviderSettings, "embedded": Simple, "route53": Simple})
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def accepts(tree: object) -> bool:
    return not list(VALIDATOR.iter_errors(tree))


def loads(tree: object) -> bool:
    try:
        loaded = read(msgspec.json.encode(tree).decode())
        for target in loaded.targets:
            loaded.provider(target, ProviderSettings if target.provider == "rfc2136" else Simple)
    except ConfigError:
        return False
    return True


def smallest() -> dict[str, Any]:
    return dict(msgspec.yaml.decode(SMALLEST))


def test_the_schema_is_one_and_names_the_file() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["title"] == "feddns.yaml"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


PLACES = [
    ("federation",), ("owner",), ("dns", "ttl"), ("dns", "maxValues"), ("dns", "noHealthyShards"), ("dns", "zones"),
    ("watch", "silence"), ("watch", "startGrace"), ("budget", "deletions", "share"), ("services", "select"), ("extra",),
    ("services", "namespaces", "include"), ("dns", "provider", "route53"), ("dns", "provider", "route66"),
]  # fmt: skip
likely = st.sampled_from(
    ["all", "keep", "1h30m", "10s", "", "x", 0, 1, 5, 100, 101, 604_801, 1.5, -1, True, ["a"], [1], {}, {"a": 1}]
)


@given(st.sampled_from(PLACES), likely | trees)
def test_what_the_schema_accepts_is_what_the_types_accept(path: tuple[str, ...], value: object) -> None:
    tree = smallest() | {"watch": {"lostAfter": 31_536_000}}
    *way, last = path
    inner = tree
    for step in way:
        inner = inner.setdefault(step, {})
    inner[last] = value
    is_loaded = loads(tree)
    if is_loaded:
        assert accepts(tree)
    elif accepts(tree):  # the schema knows types, not names of DNS and not what contradicts what
        with pytest.raises(ConfigError, match=r"DNS label|silence and connectTimeout"):
            read(msgspec.json.encode(tree).decode())


def test_exactly_one_provider_is_asked_for_by_the_schema_too() -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"route53": {}, "embedded": {}},
        {"route66": {}},
        {"rfc2136": {}},
        {"rfc2136": None},
    ]
    good: list[dict[str, Any]] = [{"route53": {}}, {"embedded": None}, {"rfc2136": {"server": "a", "timeout": "1m"}}]
    for provider in bad + good:
        tree = smallest() | {"dns": {"zone": "a", "provider": provider}}
        assert accepts(tree) is loads(tree) is (provider in good)


def test_spans_of_time_are_numbers_or_text_with_a_pattern() -> None:
    silence = SCHEMA["$defs"]["WatchSettings"]["properties"]["silence"]
    assert silence["type"] == ["number", "string"]
    assert (silence["minimum"], silence["default"]) == (0.001, 30.0)


def test_each_setting_has_its_own_words() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["DnsSettings"]["description"] == summary(DnsSettings)
    for kind in reachable(Settings):
        for name, shown in definitions[kind.__name__]["properties"].items():
            assert shown["description"], f"{kind.__name__}.{name}"
            assert "\n" not in shown["description"]
    assert definitions["rfc2136.Key"]["properties"]["keyFile"]["description"] == "where the key is"


def test_providers_may_name_their_structs_alike() -> None:
    first = msgspec.defstruct("Settings", [("one", int)])
    second = msgspec.defstruct("Settings", [("two", int)])
    definitions = schema({"a": first, "b": second})["$defs"]
    assert set(definitions["a.Settings"]["properties"]) == {"one"}
    assert set(definitions["b.Settings"]["properties"]) == {"two"}
    assert "federation" in definitions["Settings"]["properties"]


def test_every_setting_is_explained_in_its_docstring() -> None:
    for kind in reachable(Settings):
        assert attributes(kind).keys() == set(kind.__struct_fields__), kind.__name__
    assert len(reachable(Settings)) > 5


def test_the_words_of_a_docstring_are_read_over_several_lines() -> None:
    words = attributes(DnsSettings)["load_balancer_hostnames"]
    assert words.endswith("or an alias of it (`alias`) if the provider can make one of this host name")
    assert attributes(Simple) == {}
