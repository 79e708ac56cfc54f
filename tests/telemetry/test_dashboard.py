"""The dashboard: as it is made, with queries that Prometheus takes, of metrics that there are."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.telemetry import dashboard
from tests.telemetry.promtool import promtool
from tests.telemetry.test_alerts import series

OF_THE_PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def test_the_file_is_what_the_list_of_panels_makes() -> None:
    assert dashboard.PATH.read_text() == dashboard.text(), "run `python -m tests.telemetry.dashboard`"


def test_panels_do_not_overlap_and_fit_the_width() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in json.loads(dashboard.PATH.read_text())["panels"]:
        place = panel["gridPos"]
        mine = {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}
        assert not mine & cells, panel["title"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells |= mine


def test_every_metric_that_is_shown_is_one() -> None:
    names = set(re.findall(r"\b(?:feddns|process)_[a-z_]+", dashboard.text()))
    assert names <= series() | OF_THE_PROCESS


@pytest.mark.servers
def test_prometheus_takes_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(dashboard.expressions())
    ]
    assert len(rules) > 30
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", path)
