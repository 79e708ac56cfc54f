"""docs/probes.md is held to what stands in the code."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.clusters.annotations import read_annotations
from feddns.config.health import HealthSettings
from feddns.config.parse import load
from feddns.probes.allowed import Allowed

TEXT = (Path(__file__).parents[2] / "docs" / "probes.md").read_text()
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
BASE = {
    "federation": "fed",
    "dns": {"zone": "acme.com", "provider": {"embedded": {}}},
    "clusters": [{"name": "us", "manifests": "us"}],
}
INLINE = re.findall(r"`((?:tcp|http|https|grpc): \{.*?\})`", TEXT)


def whole(example: dict[str, Any]) -> dict[str, Any]:
    """The configuration that a piece of one belongs to."""
    return BASE | (example if "health" in example else {"health": {"probe": example}})


@pytest.mark.parametrize("example", [example for example in EXAMPLES if "metadata" not in example])
def test_every_example_is_accepted(example: dict[str, Any]) -> None:
    assert load(yaml.safe_dump(whole(example)), "feddns.yaml", ("embedded",)).settings.health != HealthSettings()


@pytest.mark.parametrize("example", INLINE)
def test_every_probe_in_the_text_is_accepted(example: str) -> None:
    loaded = load(yaml.safe_dump(whole(yaml.safe_load(example))), "feddns.yaml", ("embedded",))
    assert loaded.settings.health.probe is not None


def test_every_annotation_is_accepted() -> None:
    values = re.findall(r'feddns\.io/probe: "(.*?)"', TEXT)
    assert len(values) >= 2
    for value in values:
        _, problems = read_annotations({"feddns.io/probe": value}, "here")
        assert problems == ()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 6
    assert len(INLINE) >= 5


def test_what_is_said_never_to_be_probed_is_refused() -> None:
    _, _, rest = TEXT.partition("## What is never probed")
    listed, _, _ = rest.partition("Private addresses")
    networks = re.findall(r"[0-9a-f]*[:.][0-9a-f:.]+[0-9a-f:](?:/[0-9]+)?", listed)
    assert len(networks) > 10
    for network in networks:
        assert Allowed().objection(str(ipaddress.ip_network(network)[0])), network
