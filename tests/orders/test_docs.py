"""docs/operations.md says what the code does; its Role is tried out in `test_configmap`."""

import re
from pathlib import Path

import yaml

from feddns.config.host import ConfigMapSettings
from feddns.config.parse import load
from feddns.config.settings import StateSettings

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
BASE = {
    "federation": "f",
    "dns": {"zone": "example.com", "provider": {"embedded": {}}},
    "clusters": [{"name": "a", "manifests": "a"}],
}


def test_the_examples_of_the_state_are_valid_configurations() -> None:
    examples = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if text.startswith("state:")]
    found = [load(yaml.safe_dump(BASE | yaml.safe_load(text)), "feddns.yaml", ("embedded",)) for text in examples]
    assert [loaded.settings.state for loaded in found] == [
        StateSettings(file="/var/lib/feddns/state.json"),
        StateSettings(config_map=ConfigMapSettings("feddns", name="feddns-state")),
    ]
    assert StateSettings().file == "feddns-state.json"
    assert "`feddns-state.json` beside the configuration" in PAGE
