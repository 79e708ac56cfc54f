"""Every YAML in the docs is what feddns, or the charts, take."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from feddns.config.parse import load
from feddns.config.settings import Settings
from feddns.providers.installed import provider_class, provider_names
from tests.docs.pages import Page
from tests.rules.files import ROOT

pytestmark = pytest.mark.servers

BASE: dict[str, Any] = {
    "federation": "myfederation",
    "dns": {"zone": "example.com", "provider": {"embedded": {}}},
    "clusters": [{"name": "us", "manifests": "us"}],
}
SETTINGS = {field.encode_name for field in msgspec.structs.fields(Settings)}
CHART = ROOT / "charts" / "feddns"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
PARTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "clouddns": lambda value: {"dns": {"provider": {"clouddns": value}}},
    "targets": lambda value: {"dns": {"targets": value}},
    "http": lambda value: {"health": {"probe": {"http": value}}},
    "https": lambda value: {"health": {"probe": {"https": value}}},
}
"""Parts of a configuration that stand alone in a page, and where they belong."""
OTHERS = {"apiVersion", "metadata", "scrape_configs", "containers", "title"}
"""First keys of what is not ours: objects of Kubernetes, Prometheus' configuration, a role of Google's."""


PAGES = sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md"))


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """One mapping over another; None takes a key away, and a provider takes the place of another as a whole."""
    both = base | more
    for key in base.keys() & more.keys():
        if isinstance(base[key], dict) and isinstance(more[key], dict):
            both[key] = merged(base[key], more[key])
    if "provider" in more:
        both["provider"] = more["provider"]
    return {key: value for key, value in both.items() if value is not None}


def judge(configuration: dict[str, Any]) -> None:
    """Take it as `feddns check` does, but for the files that it names."""
    named = {
        name for target in configuration["dns"].get("targets", [configuration["dns"]]) for name in target["provider"]
    }
    loaded = load(yaml.safe_dump(configuration), "feddns.yaml", {*provider_names(), *named})
    for target in loaded.targets:
        if target.provider in provider_names():
            loaded.provider(target, provider_class(target.provider).Settings)


def judge_example(example: Any) -> None:
    """Take an example for what its keys say that it is: a configuration, a part of one, values of the chart."""
    first = next(iter(example))
    if first in OTHERS:
        assert not example.keys() & {"federation", "config"}
        return
    if "config" in example or not example.keys() <= SETTINGS | PARTS.keys():
        values = merged(VALUES, merged({"config": BASE}, example))
        jsonschema.validate(values, json.loads((CHART / "values.schema.json").read_text()))
        example = example.get("config", {})
    judge(merged(base(example), PARTS[first](example[first]) if first in PARTS else example))


def base(example: dict[str, Any]) -> dict[str, Any]:
    """What is around an example that stands for a part."""
    if "targets" in example.get("dns", {}) or "targets" in example:
        return merged(BASE, {"dns": {"zone": None, "provider": None}})
    hostnames = example.get("hostnames", [])
    return merged(BASE, {"dns": {"zone": min((each["domain"] for each in hostnames), key=len)}} if hostnames else {})


@pytest.mark.parametrize("path", PAGES)
def test_every_example_of_a_page_is_valid(path: str) -> None:
    for text in Page(path).given("yaml"):
        for example in yaml.safe_load_all(text):
            judge_example(example)


def test_a_slip_in_an_example_would_be_found() -> None:
    with pytest.raises(Exception, match="tll"):
        judge_example({"dns": {"tll": 60}})
    with pytest.raises(jsonschema.ValidationError, match="tll"):
        judge_example({"config": {"dns": {"tll": 60}}})
    with pytest.raises(jsonschema.ValidationError, match="replicas"):
        judge_example({"replicas": 3})


def test_the_quickstart_shows_the_example_as_it_is() -> None:
    shown = Page("quickstart.md").file("examples/quickstart/feddns.yaml")
    assert shown == (ROOT / "examples" / "quickstart" / "feddns.yaml").read_text()
