"""The alerts, their tests by promtool, and the runbooks that they lead to."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from feddns.cli.main import VERBS
from feddns.telemetry.metrics import Metric
from tests.rules.files import ROOT
from tests.telemetry.promtool import promtool

RULES = ROOT / "charts" / "feddns" / "rules" / "feddns.yaml"
CASES = sorted((Path(__file__).parent / "alerts").glob("*.yaml"))
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text()
SITE = "https://feddns.github.io/feddns/runbooks/"


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def series() -> frozenset[str]:
    """The names under which Prometheus keeps our metrics."""
    found: set[str] = set()
    for metric in Metric:
        parts = ("_bucket", "_count", "_sum") if metric.bounds else ("",)
        found.update(metric.full_name + part for part in parts)
    return frozenset(found)


def cases(*, is_firing: bool) -> set[str]:
    """The alerts of which some test says that they fire at a moment, or that they do not."""
    found = set()
    for path in CASES:
        for test in yaml.safe_load(path.read_text())["tests"]:
            for check in test["promql_expr_test"]:
                if bool(check["exp_samples"]) is is_firing:
                    found.update(re.findall(r'alertname="(\w+)"', check["expr"]))
    return found


@pytest.mark.servers
def test_promtool_takes_the_rules() -> None:
    assert f"{len(alerts())} rules found" in promtool("check", "rules", RULES)


@pytest.mark.servers
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should_and_only_then(path: Path) -> None:
    promtool("test", "rules", path)


def test_every_alert_is_proved_to_fire() -> None:
    assert cases(is_firing=True) == {alert["alert"] for alert in alerts()}


def test_every_alert_leads_to_a_section_of_its_own_and_every_section_is_of_an_alert() -> None:
    sections = re.findall(r"^## (\w+)$", RUNBOOKS, re.MULTILINE)
    assert sections == [alert["alert"] for alert in alerts()]
    for alert in alerts():
        assert alert["annotations"]["runbook_url"] == f"{SITE}#{alert['alert'].lower()}"
        assert alert["annotations"]["summary"].endswith(".")
        assert alert["annotations"]["description"].endswith(".")
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}


def test_the_page_on_monitoring_lists_every_alert_with_its_severity() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text()
    rows = re.findall(r"^\| \[(\w+)\]\(runbooks\.md#(\w+)\) \| (\w+) \|", page, re.MULTILINE)
    assert rows == [(alert["alert"], alert["alert"].lower(), alert["labels"]["severity"]) for alert in alerts()]


def test_every_section_says_what_it_means_what_still_works_how_to_look_and_how_to_mend() -> None:
    for section in RUNBOOKS.split("\n## ")[1:]:
        name, _, body = section.partition("\n")
        parts = re.findall(r"^\*\*(.+?)\.\*\*", body, re.MULTILINE)
        assert parts == ["Means", "Still works", "Look", "Mend"], name


def test_the_commands_of_the_runbooks_are_there() -> None:
    used = set(re.findall(r"`feddns ([a-z]+)", RUNBOOKS)) | set(re.findall(r"^feddns ([a-z]+)", RUNBOOKS, re.MULTILINE))
    assert used
    assert used <= {*VERBS}


def test_logs_are_looked_at_of_all_replicas_from_their_beginning() -> None:
    commands = re.findall(r"^kubectl logs .*", RUNBOOKS, re.MULTILINE)
    assert commands
    assert all(command.startswith("kubectl logs -l app.kubernetes.io/name=feddns --prefix ") for command in commands)
    assert all("--tail=" in command for command in commands), "with a selector kubectl shows 10 lines by default"


@pytest.mark.parametrize("path", [RULES, *CASES], ids=lambda path: path.stem)
def test_every_metric_of_a_query_is_one(path: Path) -> None:
    assert set(re.findall(r"\bfeddns_[a-z_]+", path.read_text())) <= series()


@pytest.mark.parametrize("page", ["runbooks.md", "monitoring.md"])
def test_every_metric_that_the_docs_name_is_one(page: str) -> None:
    named = set(re.findall(r"\bfeddns_[a-z_]+", (ROOT / "docs" / page).read_text()))
    assert named
    assert named <= {metric.full_name for metric in Metric}
