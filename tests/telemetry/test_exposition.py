"""What a feddns that runs says at `/metrics`, held against what is said of it."""

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from feddns.telemetry.metrics import Metric
from tests.e2e.running import Answers, Feddns, eventually
from tests.lab.api import until
from tests.quickstart import EU, NGINX, Quickstart
from tests.rules.files import ROOT
from tests.telemetry.promtool import promtool

pytestmark = pytest.mark.servers

PAGE = (ROOT / "docs" / "reference" / "metrics.md").read_text()
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
IN_ZONE = f"{NGINX}.europe-west1-b.europe-west1.example.com."


async def scrape(address: str, accept: str) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{address}/metrics", headers={"Accept": accept}) as answer,
    ):
        return await answer.text()


def families(text: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]


def value(found: dict[str, Any], name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels."""
    family = found[re.sub(r"_(total|count|sum)$", "", name)]
    samples = (each for each in family.samples if each.name == name and labels.items() <= each.labels.items())
    return float(sum(sample.value for sample in samples))


def two_targets(folder: Path) -> dict[str, Any]:
    """Twins of one zone, each served by feddns itself."""
    return {
        "dns": {
            "targets": [
                {
                    "zone": "example.com",
                    "name": name,
                    "provider": {"embedded": {"listen": ["127.0.0.1:0"], "file": str(folder / name)}},
                }
                for name in ("one", "other")
            ],
            "ttl": 30,
        },
        "web": {"listen": "127.0.0.1:0"},
    }


async def test_every_metric_is_listed_and_told_and_tells_what_has_happened(tmp_path: Path) -> None:
    quickstart = Quickstart(tmp_path)
    configuration = yaml.safe_load(quickstart.config.read_text()) | two_targets(tmp_path)
    with Feddns(quickstart.folder, configuration) as feddns:
        await eventually(lambda: len(feddns.events("serving")) == 2 and len(feddns.events("records written")) == 2)
        host, port = feddns.events("serving")[0]["addresses"][0].rsplit(":", 1)
        dns = Answers(host, int(port))
        await dns.come_to(IN_ZONE, [EU])
        quickstart.fail("eu")
        await eventually(lambda: len(feddns.events("records written")) == 4)
        await dns.ask("nobody.example.com.")
        address = feddns.events("web serving")[0]["address"]

        async def are_compared() -> bool:
            return "feddns_twin_differences{" in await scrape(address, OPEN_METRICS)

        await until(are_compared, 10.0)
        older, text = await scrape(address, "text/plain"), await scrape(address, OPEN_METRICS)
        assert feddns.terminate() == 0
    found = families(text)
    _judge(found, older)
    assert value(found, "feddns_change_to_write_seconds_count", target="one") == 1, "the failover, and not the start"
    assert value(found, "feddns_change_to_write_seconds_sum", target="one") < 5
    assert value(found, "feddns_provider_calls_total", target="one", operation="apply", result="ok") == 2
    assert value(found, "feddns_provider_call_duration_seconds_count", target="one", operation="read_zone") == 1
    assert value(found, "feddns_record_sets", target="other", scope="zone", type="CNAME") == 1
    assert value(found, "feddns_record_sets", target="other", type="A") == 5
    assert value(found, "feddns_dns_queries_total", transport="udp", rcode="NXDOMAIN") == 1
    assert value(found, "feddns_dns_queries_total", transport="udp", rcode="NOERROR") >= 1
    assert value(found, "feddns_changes_waiting") == 0
    assert value(found, "feddns_leader") == 1


def _judge(found: dict[str, Any], older: str) -> None:
    promtool("check", "metrics", given=older)
    assert {name for name in found if name.startswith("feddns_")} == {
        metric.full_name.removesuffix("_total") for metric in Metric
    }
    for metric in Metric:
        family = found[metric.full_name.removesuffix("_total")]
        assert family.type == metric.kind
        assert family.samples, f"{metric.full_name} is never told"
        for sample in family.samples:
            assert sample.labels.keys() - {"le"} == {*metric.label_names}
    told = {f"{name}_total" if family.type == "counter" else name for name, family in found.items()}
    listed = set(re.findall(r"`((?:feddns|process|python)_\w+)`", PAGE))
    assert told == listed
