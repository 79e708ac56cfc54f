"""docs/providers/webhook.md tells of every setting, and its example works."""

import re
from pathlib import Path

import msgspec
import yaml

from feddns.config.durations import format_duration
from feddns.providers.webhook.settings import WebhookSettings

PAGE = (Path(__file__).parents[3] / "docs" / "providers" / "webhook.md").read_text()


def test_the_settings_of_the_example_are_understood() -> None:
    example = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0]
    settings = yaml.safe_load(example)["dns"]["provider"]["webhook"]
    assert msgspec.convert(settings, WebhookSettings).url == "http://localhost:8888"


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? *\|", PAGE, re.MULTILINE))
    defaults = {field.encode_name: field.default for field in msgspec.structs.fields(WebhookSettings)}
    assert told == {
        name: format_duration(default) if isinstance(default, float) else str(default or "")
        for name, default in defaults.items()
    }


def test_the_errors_in_the_table_are_those_of_the_code() -> None:
    folder = Path(__file__).parents[3] / "feddns" / "providers" / "webhook"
    code = re.sub(r'"\s*f?"', "", "".join(path.read_text() for path in sorted(folder.glob("*.py"))))
    table = PAGE.partition("| the error says |")[2]
    for phrase in re.findall(r"^\| `([a-z' ,T]+)", table, re.MULTILINE):
        assert phrase.strip() in code, f"no error says: {phrase}"
