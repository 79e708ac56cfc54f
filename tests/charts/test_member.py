"""The chart of a member's account: it makes what `feddns join` makes, and refuses what cannot be."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from feddns.cli.main import cli
from tests.charts import values
from tests.charts.chart import HelmRefused, Object, Values, lint, render, rendered
from tests.charts.values import CHARTS, documented, leaves

pytestmark = pytest.mark.servers  # helm takes a moment each time

MEMBER = CHARTS / "feddns-member"
TEXT = (MEMBER / "values.yaml").read_text()
RENEW = "run `python -m tests.charts.values`"
KUBECONFIG = """\
contexts: [{name: us, context: {cluster: us, user: me}}]
clusters: [{name: us, cluster: {server: "https://203.0.113.1"}}]
users: [{name: me, user: {token: s3cr3t}}]
"""

SAME: dict[str, tuple[Values, tuple[str, ...]]] = {
    "the defaults": ({}, ()),
    "events": ({"events": True}, ("--events",)),
    "a place": ({"nodes": False}, ("--region=us-central1", "--zones=us-central1-a")),
    "another name": ({"name": "reader"}, ("--account=reader",)),
    "no token": ({"token": {"create": False}}, ("--token-lifetime=1h",)),
    "headers of probes": (
        {"probeHeaders": [{"namespace": "api", "secrets": ["x"]}, {"namespace": "shop", "secrets": ["b", "a.c"]}]},
        ("--probe-secret=shop/b", "--probe-secret=api/x", "--probe-secret=shop/a.c"),
    ),
}


def bare(objects: list[Object]) -> list[str]:
    """Objects without who keeps them, in any order; the namespace is Helm's `--create-namespace`."""
    kept = []
    for each in objects:
        metadata = {key: value for key, value in each["metadata"].items() if key not in {"labels", "annotations"}}
        account = each["metadata"].get("annotations", {}).get("kubernetes.io/service-account.name")
        kept.append({**each, "metadata": {**metadata, "account": account}})
    return sorted(json.dumps(each, sort_keys=True) for each in kept if each["kind"] != "Namespace")


def dry_run(folder: Path, *options: str) -> list[Object]:
    """What `feddns join` would make."""
    file = folder / "kubeconfig"
    file.write_text(KUBECONFIG)
    done = CliRunner().invoke(cli, ("join", "us", "--name=us", f"--kubeconfig={file}", "--dry-run", *options))
    assert done.exit_code == 0, done.stderr
    assert "s3cr3t" not in done.stdout
    return [each for each in yaml.safe_load_all(done.stdout) if each]


@pytest.mark.parametrize("what", SAME)
def test_the_chart_and_the_command_line_make_the_same(what: str, tmp_path: Path) -> None:
    chosen, options = SAME[what]
    made = rendered(chosen, chart=MEMBER, release="member")
    assert bare(made) == bare(dry_run(tmp_path, *options))


def test_names_that_look_like_numbers_stay_text() -> None:
    made = rendered({"name": "123", "probeHeaders": [{"namespace": "456", "secrets": ["7"]}]}, chart=MEMBER)
    assert {type(each["metadata"]["name"]) for each in made} == {str}
    assert {subject["name"] for each in made for subject in each.get("subjects", ())} == {"123"}
    assert [rule["resourceNames"] for each in made if each["kind"] == "Role" for rule in each["rules"]] == [["7"]]


def test_the_chart_has_no_fault() -> None:
    for chosen, _ in SAME.values():
        lint(chosen, MEMBER)


REFUSED: dict[str, tuple[Values, str]] = {
    "a name that is none": ({"name": "Feddns"}, "name"),
    "an unknown value": ({"event": True}, "event"),
    "a word for yes": ({"nodes": "yes"}, "nodes"),
    "all Secrets of a namespace": ({"probeHeaders": [{"namespace": "shop", "secrets": []}]}, "secrets"),
    "any Secret": ({"probeHeaders": [{"namespace": "shop", "secrets": ["*"]}]}, "secrets"),
    "Secrets of no namespace": ({"probeHeaders": [{"secrets": ["a"]}]}, "namespace"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_schema_refuses(what: str) -> None:
    chosen, named = REFUSED[what]
    with pytest.raises(HelmRefused, match=named):
        render(chosen, chart=MEMBER)


def test_the_readme_and_the_schema_know_every_value() -> None:
    schema: Any = json.loads((MEMBER / "values.schema.json").read_text())
    assert (MEMBER / "README.md").read_text() == values.readme(MEMBER), RENEW
    assert {value.path for value in documented(TEXT)} == set(leaves(yaml.safe_load(TEXT)))
    jsonschema.validate(yaml.safe_load(TEXT), schema)
    assert schema["properties"].keys() - {"global"} == yaml.safe_load(TEXT).keys()
