"""What is generated is up to date, and every value is told of."""

import json
import tomllib

import jsonschema
import yaml

from tests.charts import values
from tests.charts.values import FEDDNS, documented, leaves
from tests.rules.files import ROOT

RENEW = "run `python -m tests.charts.values`"
TEXT = (FEDDNS / "values.yaml").read_text()
SCHEMA = json.loads((FEDDNS / "values.schema.json").read_text())


def test_the_readme_has_the_values_as_they_are() -> None:
    assert (FEDDNS / "README.md").read_text() == values.readme(FEDDNS), RENEW


def test_the_schema_of_the_values_has_that_of_the_configuration() -> None:
    assert (FEDDNS / "values.schema.json").read_text() == values.schema(), RENEW


def test_every_value_has_a_comment_that_says_what_it_is_for() -> None:
    told = {value.path for value in documented(TEXT)}
    untold = [
        leaf for leaf in leaves(yaml.safe_load(TEXT)) if not any(f"{leaf}.".startswith(f"{path}.") for path in told)
    ]
    assert untold == []
    assert all(value.meaning.endswith(".") for value in documented(TEXT))


def test_the_schema_knows_every_value_and_no_other() -> None:
    jsonschema.validate(yaml.safe_load(TEXT), SCHEMA)
    assert SCHEMA["properties"].keys() - {"global"} == yaml.safe_load(TEXT).keys()
    for key, value in yaml.safe_load(TEXT).items():
        rule = SCHEMA["properties"][key]
        if rule.get("additionalProperties") is False:
            assert rule["properties"].keys() == value.keys(), key


def test_the_chart_is_made_for_this_version_of_feddns() -> None:
    chart = yaml.safe_load((FEDDNS / "Chart.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert chart["appVersion"] == project["version"]
    assert chart["name"] == project["name"]
