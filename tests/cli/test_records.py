import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Feddns
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart


def record(scope: str, kind: str, *values: str, ttl: int = 180) -> dict[str, Any]:
    name = ".".join(filter(None, (NGINX, scope, "example.com.")))
    return {"name": name, "type": kind, "ttl": ttl, "values": list(values)}


EXPECTED = [
    record("asia-east1-b.asia-east1", "A", ASIA),
    record("asia-east1", "A", ASIA),
    record("europe-west1-b.europe-west1", "A", EU),
    record("europe-west1", "A", EU),
    record("", "A", EU, US, ASIA),
    record("us-central1-b.us-central1", "A", US),
    record("us-central1", "A", US),
]


@pytest.mark.usefixtures("quickstart")
def test_programs_get_a_list_of_record_sets_and_nothing_else(feddns: Feddns) -> None:
    result = feddns("records", "--output", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == EXPECTED
    assert [list(each) for each in json.loads(result.stdout)] == [["name", "type", "ttl", "values"]] * 7
    assert yaml.safe_load(feddns("records", "--output", "yaml").stdout) == EXPECTED


@pytest.mark.usefixtures("quickstart")
def test_people_get_the_same_as_a_table(feddns: Feddns) -> None:
    header, *rows = feddns("records").stdout.splitlines()
    assert header.split() == ["NAME", "TYPE", "TTL", "VALUES"]
    assert [row.split() for row in rows] == [
        [each["name"], each["type"], str(each["ttl"]), *each["values"]] for each in EXPECTED
    ]


def test_a_region_that_failed_leads_on(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("eu")
    records = json.loads(feddns("records", "--output", "json").stdout)
    assert record("europe-west1-b.europe-west1", "CNAME", f"{NGINX}.europe-west1.example.com.") in records
    assert record("europe-west1", "CNAME", f"{NGINX}.example.com.") in records
    assert record("", "A", US, ASIA) in records


@pytest.mark.usefixtures("quickstart")
def test_neither_zone_nor_provider_is_needed(feddns: Feddns, quickstart: Quickstart) -> None:
    provider = {"rfc2136": {"server": "192.0.2.53", "tsig": {"name": "k", "secretFile": "absent"}}}
    quickstart.configure(dns={"zone": "example.com", "provider": provider})
    assert json.loads(feddns("records", "--output", "json").stdout) == EXPECTED
    assert not list(quickstart.folder.glob("*.sqlite"))


def test_a_federation_without_services_has_an_empty_list(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.configure(services={"select": "annotated"})
    assert feddns("records", "--output", "json").stdout == "[]\n"
    assert feddns("records").stdout == "NAME   TYPE   TTL   VALUES\n"


def test_a_cluster_that_cannot_be_seen_is_warned_of_and_the_others_are_told(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    quickstart.spoil("eu")
    result = feddns("records", "--output", "json")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: cluster eu cannot be seen, so what it calls for is not told: ")
    assert result.stderr.count("\n") == 1
    assert "services.yaml" in result.stderr
    records = json.loads(result.stdout)
    assert record("", "A", US, ASIA) in records
    assert not [each for each in records if "europe" in each["name"]]


def test_what_a_person_should_put_right_is_warned_of(feddns: Feddns, quickstart: Quickstart) -> None:
    for cluster, ttl in (("us", "soon"), ("eu", "60"), ("asia", "30")):
        quickstart.annotate(cluster, "feddns.io/ttl", ttl)
    result = feddns("records", "--output", "json")
    assert {each["ttl"] for each in json.loads(result.stdout)} == {30}
    warnings = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == len(result.stderr.splitlines()) == 2
    assert any("TTLsDiffer" in line and "asia says 30, eu says 60" in line for line in warnings)
    assert any("soon" in line and "us" in line for line in warnings)


HEAVY = ("kubernetes", "boto3", "botocore", "google", "aiohttp", "dns", "structlog", "sqlite3", "ctypes")
PROGRAM = """\
import sys
from feddns.cli.main import cli
try:
    cli(["records"], prog_name="feddns")
except SystemExit as end:
    assert not end.code, end.code
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def test_what_reads_manifests_imports_no_client_of_anything(quickstart: Quickstart) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(heavy=HEAVY)],
        cwd=quickstart.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == "[]\n"
