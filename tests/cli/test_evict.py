import json
from pathlib import Path
from typing import Any

import pytest

from feddns.orders.telling import instant
from tests.cli.conftest import Feddns
from tests.quickstart import Quickstart

pytestmark = pytest.mark.servers  # which takes seconds

STATE = "feddns-state.json"


def evictions(folder: Path) -> Any:
    return json.loads((folder / STATE).read_text()).get("evictions", {})


def test_an_eviction_is_at_once_and_resolvers_take_their_time(feddns: Feddns, quickstart: Quickstart) -> None:
    result = feddns("evict", "us", FEDDNS_USER="ann")
    assert (result.exit_code, result.stderr) == (0, "")
    order = evictions(quickstart.folder)["us"]
    assert (order["by"], order["forced"]) == ("ann", False)
    start = order["since"]
    assert result.stdout.splitlines() == [
        f"us is evicted by ann since {instant(start)}",
        f"{instant(start)}  it is out of the answers of the service that it answered for",
        f"{instant(start + 180)}  its clients have moved",
        "it stays evicted until `feddns readmit us`",
    ]


def test_programs_get_the_same(feddns: Feddns, quickstart: Quickstart) -> None:
    value = json.loads(feddns("evict", "us", "--output", "json", FEDDNS_USER="ann").stdout)
    since = evictions(quickstart.folder)["us"]["since"]
    assert value == {
        "cluster": "us",
        "since": since,
        "by": "ann",
        "forced": False,
        "outBy": since,
        "movedBy": since + 180,
        "services": 1,
        "bereft": [],
    }


def test_a_dead_cluster_is_evicted_where_others_are_healthy(feddns: Feddns, quickstart: Quickstart) -> None:
    assert feddns("apply").exit_code == 0
    quickstart.spoil("us")
    result = feddns("evict", "us")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "it is out of the answers of the service" in result.stdout


def test_services_that_a_dead_cluster_alone_had_are_known_from_the_zone(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(2)
    for name in ("eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    assert feddns("apply").exit_code == 0
    quickstart.spoil("us")
    result = feddns("evict", "us")
    assert result.exit_code == 1
    assert "2 services would be left without a healthy shard: shop/s0, shop/s1\n" in result.stderr
    assert feddns("evict", "us", "--force").exit_code == 0


def test_without_the_zone_it_is_not_known_what_a_dead_cluster_alone_had(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.spoil("us")
    (quickstart.folder / "example.com.zone.sqlite").write_bytes(b"this is no database" * 100)
    result = feddns("evict", "us")
    assert result.exit_code == 1
    assert "services that only us has are not known: the zone of example.com cannot be read: " in result.stderr
    forced = feddns("evict", "us", "--force")
    assert forced.exit_code == 0
    assert "warning: services that only us has are not known" in forced.stderr


def test_a_cluster_with_nothing_in_the_answers_says_so(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("us")
    assert "it is in no service's answers\n" in feddns("evict", "us").stdout


def test_readmit_tells_what_was_and_that_nothing_was(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("evict", "us", FEDDNS_USER="ann")
    since = evictions(quickstart.folder)["us"]["since"]
    result = feddns("readmit", "us")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"us is not evicted any more; it was evicted by ann since {instant(since)}\n"
    assert feddns("readmit", "us").stdout == "us was not evicted\n"
    assert json.loads(feddns("readmit", "us", "--output", "json").stdout) == {"cluster": "us", "was": None}


def test_a_dead_cluster_counts_for_what_no_other_brings_alone(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(2)
    for name in ("us", "eu"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    assert feddns("apply").exit_code == 0
    quickstart.spoil("eu")
    assert json.loads(feddns("evict", "eu", "--output", "json").stdout)["services"] == 1


@pytest.mark.servers  # takes its time
def test_a_dead_cluster_that_is_evicted_is_no_hope_for_others(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("asia")
    assert feddns("apply").exit_code == 0
    quickstart.spoil("eu")
    assert "cluster eu cannot be seen" in feddns("evict", "us").stderr
    assert feddns("evict", "eu").exit_code == 0
    refused = feddns("evict", "us").stderr
    assert "left without a healthy shard: mynamespace/nginx" in refused
    assert "cluster eu" not in refused
