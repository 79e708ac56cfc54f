import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from feddns.config.parse import load
from feddns.explain import story
from feddns.model.evidence import Sight
from feddns.model.topology import GLOBAL
from tests.builders import NOW, a_cluster, decided, seen
from tests.rules.conftest import NoIo

CONFIG = """\
federation: f
dns: {zone: example.com, provider: {embedded: {}}}
clusters: [{name: a, manifests: b, region: eu, zones: [c]}]
services: {selector: "tier in (web, api)"}
watch: {silence: 10s}
"""

REACHES = {
    "a file": lambda: Path(__file__).read_bytes(),
    "a folder": lambda: list(Path(__file__).parent.iterdir()),
    "a socket": lambda: socket.socket().close(),
    "a name": lambda: socket.getaddrinfo("localhost", 80),
    "a program": lambda: subprocess.run(["true"], check=True),
}


@pytest.mark.parametrize("what", REACHES)
def test_the_watch_sees(no_io: NoIo, what: str) -> None:
    reach: Callable[[], object] = REACHES[what]
    with pytest.raises(AssertionError, match="reached outside"), no_io():
        reach()


def test_the_watch_sleeps_outside_its_block(no_io: NoIo) -> None:
    with no_io():
        pass
    assert Path(__file__).read_bytes()


def test_a_configuration_is_read_from_text_alone(no_io: NoIo) -> None:
    with no_io():
        loaded = load(CONFIG, "feddns.yaml", ("embedded",))
    assert loaded.provider_name == "embedded"


@pytest.mark.parametrize("sight", Sight)
def test_a_decision_and_its_story_come_from_values_alone(no_io: NoIo, sight: Sight) -> None:
    sightings = (
        seen(a_cluster("eu", "europe", "europe-a", sight=sight), "192.0.2.1"),
        seen(a_cluster("us", "america", "america-a"), "192.0.2.2", ready=0),
    )
    with no_io():
        decision = decided(*sightings)
        lines = list(story(decision, GLOBAL, decision.records, NOW))
    assert decision.scopes
    assert lines
