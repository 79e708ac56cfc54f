"""The Grafana dashboard, made from a list of panels: `python -m tests.telemetry.dashboard` writes it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from tests.rules.files import ROOT

PATH: Final = ROOT / "charts" / "feddns" / "dashboards" / "feddns.json"
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
ALL: Final = 'job=~"$job"'
TARGET: Final = 'job=~"$job", target=~"$target"'
_WIDTH: Final = 24
_HEIGHT: Final = 8


class Line(NamedTuple):
    """One query, and what its series are called."""

    expression: str
    legend: str


class Panel(NamedTuple):
    """One panel; a `stat` shows the last values, all else is drawn over time."""

    title: str
    description: str
    lines: tuple[Line, ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    stacked: bool = False


def rate(metric: str, by: str, selector: str) -> str:
    """How often it happens a second."""
    return f"sum by ({by}) (rate({metric}{{{selector}}}[$__rate_interval]))"


def quantiles(metric: str, by: str, selector: str) -> tuple[Line, ...]:
    """The median and the slow end of a histogram."""
    buckets = rate(f"{metric}_bucket", f"{by}, le", selector)
    return tuple(
        Line(f"histogram_quantile({quantile}, {buckets})", f"{{{{{by}}}}} p{quantile * 100:.0f}")
        for quantile in (0.5, 0.99)
    )


ROWS: Final[Sequence[tuple[str, Sequence[Panel]]]] = (
    (
        "Answers and verdicts",
        (
            Panel(
                "Record sets by scope",
                "What the federation has in each zone.",
                (
                    Line(
                        f"max by (target, scope) (sum by (instance, target, scope) (feddns_record_sets{{{TARGET}}}))",
                        "{{target}} {{scope}}",
                    ),
                ),
                stacked=True,
            ),
            Panel(
                "Record sets by type",
                "A and AAAA answer themselves; a CNAME leads to the next scope up.",
                (
                    Line(
                        f"max by (target, type) (sum by (instance, target, type) (feddns_record_sets{{{TARGET}}}))",
                        "{{target}} {{type}}",
                    ),
                ),
                stacked=True,
            ),
            Panel(
                "Shards by verdict",
                "Services of all clusters by what is believed of them.",
                (Line(f"max by (verdict) (sum by (instance, verdict) (feddns_shards{{{ALL}}}))", "{{verdict}}"),),
                stacked=True,
            ),
        ),
    ),
    (
        "Clusters",
        (
            Panel(
                "Visible",
                "1 while a cluster is listed and heard by every replica.",
                (Line(f"min by (cluster) (feddns_cluster_visible{{{ALL}}})", "{{cluster}}"),),
                kind="stat",
                width=6,
            ),
            Panel(
                "Age of watches",
                "How long ago each watch was last heard; a cluster is lost at `watch.lostAfter`.",
                (Line(f"max by (cluster, kind) (feddns_watch_age_seconds{{{ALL}}})", "{{cluster}} {{kind}}"),),
                unit="s",
                width=9,
            ),
            Panel(
                "Shards that are not healthy",
                "By cluster and verdict.",
                (
                    Line(
                        f'max by (cluster, verdict) (feddns_shards{{{ALL}, verdict!="Healthy"}})',
                        "{{cluster}} {{verdict}}",
                    ),
                ),
                width=9,
            ),
            Panel(
                "Services",
                "Federated Services of each cluster.",
                (Line(f"max by (cluster) (feddns_cluster_services{{{ALL}}})", "{{cluster}}"),),
            ),
            Panel(
                "Problems",
                "What a person should put right; `feddns clusters` tells each.",
                (Line(f"max by (cluster) (feddns_cluster_problems{{{ALL}}})", "{{cluster}}"),),
            ),
            Panel(
                "Probes",
                "By what came of them.",
                (Line(rate("feddns_probes_total", "result", ALL), "{{result}}"),),
                unit="ops",
            ),
        ),
    ),
    (
        "Writes",
        (
            Panel(
                "From a change to its write",
                "Median and 99th percentile, by target.",
                quantiles("feddns_change_to_write_seconds", "target", TARGET),
                unit="s",
            ),
            Panel(
                "From a write to its sight",
                "Until all authoritative servers give the new answer; one name of one batch at a time.",
                quantiles("feddns_write_to_visible_seconds", "target", TARGET),
                unit="s",
            ),
            Panel(
                "What came of looks",
                "Whether writes could be seen within `write.visible.within`.",
                (
                    Line(
                        rate("feddns_visibility_checks_total", "target, result", TARGET),
                        "{{target}} {{result}}",
                    ),
                ),
                stacked=True,
            ),
            Panel(
                "Calls of the provider",
                "By operation and result.",
                (
                    Line(
                        rate("feddns_provider_calls_total", "target, operation, result", TARGET) + " > 0",
                        "{{target}} {{operation}} {{result}}",
                    ),
                ),
                unit="ops",
            ),
            Panel(
                "How long calls take",
                "Median and 99th percentile of batches, their turn waited for.",
                quantiles("feddns_provider_call_duration_seconds", "target", f'{TARGET}, operation="apply"'),
                unit="s",
            ),
            Panel(
                "What waits",
                "Services to decide, and changes to write, on the replica that writes.",
                (
                    Line(f"max by (target) (feddns_services_touched{{{TARGET}}})", "{{target}} to decide"),
                    Line(
                        f"max by (target) (feddns_changes_waiting{{{TARGET}}} and on (instance) (feddns_leader == 1))",
                        "{{target}} changes",
                    ),
                    Line(f"max by (target) (feddns_services_refused{{{TARGET}}})", "{{target}} refused"),
                ),
            ),
            Panel(
                "Since the last write",
                "How long ago a batch was last taken.",
                (
                    Line(
                        f"time() - max by (target) (feddns_zone_last_write_timestamp_seconds{{{TARGET}}})", "{{target}}"
                    ),
                ),
                unit="s",
            ),
            Panel(
                "Since the last reading",
                "How long ago a zone was last read whole.",
                (
                    Line(
                        f"time() - max by (target) (feddns_zone_last_read_timestamp_seconds{{{TARGET}}})", "{{target}}"
                    ),
                ),
                unit="s",
            ),
            Panel(
                "Between twins",
                "Record sets that only one of two targets of a zone has so.",
                (
                    Line(
                        f"max by (zone, target, twin) (feddns_twin_differences{{{ALL}}})",
                        "{{zone}}: {{target}}, {{twin}}",
                    ),
                ),
            ),
        ),
    ),
    (
        "DNS server",
        (
            Panel(
                "Queries",
                "Of the embedded server, by transport.",
                (
                    Line(
                        rate("feddns_dns_queries_total", "transport", TARGET),
                        "{{transport}}",
                    ),
                ),
                unit="reqps",
            ),
            Panel(
                "Answers",
                "By RCODE; `none` for queries without an answer.",
                (
                    Line(
                        rate("feddns_dns_queries_total", "rcode", TARGET) + " > 0",
                        "{{rcode}}",
                    ),
                ),
                unit="reqps",
                stacked=True,
            ),
            Panel(
                "Turned away",
                "By limits: queries dropped or told to come by TCP, connections closed for others.",
                (Line(rate("feddns_dns_turned_away_total", "what", TARGET), "{{what}}"),),
                unit="ops",
            ),
        ),
    ),
    (
        "Brakes and budgets",
        (
            Panel(
                "Withdrawals held",
                "Shards that a brake keeps in the answers against the evidence.",
                (Line(f"max by (brake) (feddns_withdrawals_held{{{ALL}}})", "{{brake}}"),),
            ),
            Panel(
                "Deletions held",
                "What waits for `feddns apply --allow-deletions`.",
                (Line(f"max by (target, cause) (feddns_deletions_held{{{TARGET}}})", "{{target}} {{cause}}"),),
            ),
            Panel(
                "Left of budgets",
                "Record sets that may still be deleted, and clusters that health may still withdraw.",
                (
                    Line(f"min by (target, cause) (feddns_deletion_budget_left{{{TARGET}}})", "{{target}} {{cause}}"),
                    Line(f"min (feddns_cluster_budget_left{{{ALL}}})", "clusters"),
                ),
            ),
            Panel(
                "Stops",
                "Frozen by a person; a zone that is not ours; clusters that health has withdrawn.",
                (
                    Line(f"max (feddns_frozen{{{ALL}}})", "frozen"),
                    Line(f"max by (target) (feddns_zone_refused{{{TARGET}}})", "{{target}} refused"),
                    Line(f"max (feddns_clusters_withdrawn{{{ALL}}})", "clusters withdrawn"),
                ),
                kind="stat",
                width=24,
            ),
        ),
    ),
    (
        "Process",
        (
            Panel(
                "Leader",
                "Which replica writes.",
                (Line(f"feddns_leader{{{ALL}}}", "{{instance}}"),),
                kind="stat",
                width=6,
            ),
            Panel(
                "Configuration",
                "1 while what the file says counts, by replica; and settings that wait for the next start.",
                (
                    Line(f"feddns_config_last_reload_successful{{{ALL}}}", "{{instance}} counts"),
                    Line(f"feddns_config_settings_waiting{{{ALL}}}", "{{instance}} waiting"),
                ),
                kind="stat",
                width=9,
            ),
            Panel(
                "Event-loop lag",
                "Median and 99th percentile, by replica.",
                quantiles("feddns_event_loop_lag_seconds", "instance", ALL),
                unit="s",
                width=9,
            ),
            Panel(
                "Processor",
                "Cores in use.",
                (Line(f"rate(process_cpu_seconds_total{{{ALL}}}[$__rate_interval])", "{{instance}}"),),
            ),
            Panel(
                "Memory",
                "Resident.",
                (Line(f"process_resident_memory_bytes{{{ALL}}}", "{{instance}}"),),
                unit="bytes",
            ),
            Panel(
                "File descriptors",
                "Open, sockets among them.",
                (Line(f"process_open_fds{{{ALL}}}", "{{instance}}"),),
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """The whole dashboard, as Grafana imports it."""
    return {
        "uid": "feddns",
        "title": "feddns",
        "description": "One DNS answer for services in many clusters: what is seen, believed, written and answered.",
        "tags": ["dns", "feddns"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "templating": {"list": list(_variables())},
        "annotations": {"list": []},
        "panels": list(_panels()),
    }


def expressions() -> Iterator[str]:
    """Every query of the dashboard, and of its variables."""
    for _, panels in ROWS:
        for panel in panels:
            yield from (line.expression for line in panel.lines)


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    yield _variable("job", "Job", "label_values(feddns_build_info, job)")
    yield _variable("target", "Target", 'label_values(feddns_zone_known{job=~"$job"}, target)')


def _variable(name: str, label: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panels() -> Iterator[dict[str, Any]]:
    top = number = 0
    for title, panels in ROWS:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": _place(0, top, 24, 1),
        }
        top, left = top + 1, 0
        for panel in panels:
            if left + panel.width > _WIDTH:
                top, left = top + _HEIGHT, 0
            number += 1
            yield {"id": number, "gridPos": _place(left, top, panel.width, _HEIGHT), **_panel(panel)}
            left += panel.width
        top += _HEIGHT


def _place(left: int, top: int, width: int, height: int) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}


def _panel(panel: Panel) -> dict[str, Any]:
    stacking = {"custom": {"fillOpacity": 20, "stacking": {"mode": "normal"}}} if panel.stacked else {}
    options: dict[str, Any] = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    if panel.kind == "stat":
        options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value"}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, **stacking}, "overrides": []},
        "options": options,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": line.expression, "legendFormat": line.legend}
            for place, line in enumerate(panel.lines)
        ],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())
