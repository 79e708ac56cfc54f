"""docs/clusters.md is held to what stands in the code."""

import re
from pathlib import Path

import yaml

from feddns.clusters.annotations import ANNOTATIONS, PREFIX
from feddns.clusters.topology import GRACE_S

TEXT = (Path(__file__).parents[2] / "docs" / "clusters.md").read_text()


def test_the_table_of_annotations_is_the_table_in_the_code() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith(f"| `{PREFIX}")]
    assert rows == [f"| `{PREFIX}{each.name}` | {each.value} | {each.meaning} |" for each in ANNOTATIONS]


def test_the_time_that_a_zone_is_remembered_is_the_one_in_the_code() -> None:
    assert f"is remembered for {GRACE_S / 60:g} minutes" in TEXT


def test_every_reason_of_a_problem_is_documented() -> None:
    code = "".join(path.read_text() for path in Path(__file__).parents[2].glob("feddns/clusters/**/*.py"))
    reasons = set(re.findall(r'Problem\(\s*"([A-Z]\w+)"', code)) | {"InvalidRegion", "InvalidZone"}
    assert {reason for reason in reasons if f"`{reason}`" not in TEXT} == set()


def test_the_examples_are_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert [next(iter(yaml.safe_load(block))) for block in blocks] == [
        *("clusters", "clusterSecrets"),
        *("apiVersion",) * 3,
    ]
