import json

import pytest
import yaml

from tests.cli.conftest import Feddns
from tests.quickstart import Quickstart


@pytest.mark.usefixtures("quickstart")
def test_every_cluster_has_its_line(feddns: Feddns) -> None:
    result = feddns("clusters")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["CLUSTER", "READY", "REGION", "ZONES", "HEARD", "SERVICES", "ORDERS", "REASON"],
        ["us", "True", "us-central1", "us-central1-b", "0s", "1", "-"],
        ["eu", "True", "europe-west1", "europe-west1-b", "0s", "1", "-"],
        ["asia", "True", "asia-east1", "asia-east1-b", "0s", "1", "-"],
    ]


@pytest.mark.usefixtures("quickstart")
def test_programs_get_the_same(feddns: Feddns) -> None:
    clusters = json.loads(feddns("clusters", "--output", "json").stdout)
    assert clusters[1].pop("since") <= clusters[1].pop("heardAt")
    assert clusters[1] == {
        "name": "eu",
        "ready": "True",
        "sight": "Visible",
        "origin": "the configuration",
        "region": "europe-west1",
        "zones": ["europe-west1-b"],
        "services": 1,
        "verdicts": {"healthy": 1, "unhealthy": 0, "unknown": 0},
        "drain": None,
        "eviction": None,
        "reason": "",
        "problems": [],
    }
    assert [cluster["name"] for cluster in yaml.safe_load(feddns("clusters", "--output", "yaml").stdout)] == [
        cluster["name"] for cluster in clusters
    ]


def test_a_cluster_with_a_broken_manifest_is_unseen_with_the_file_and_line(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    quickstart.spoil("eu")
    result = feddns("clusters")
    assert result.exit_code == 0
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("eu ")]
    assert line.split()[1] == "False"
    assert "Unseen: " in line
    assert "europe-west1/services.yaml" in line
    us, eu, _ = json.loads(feddns("clusters", "--output", "json").stdout)
    assert us["sight"] == "Visible"
    assert (eu["ready"], eu["sight"], eu["services"], eu["heardAt"]) == ("False", "Unseen", 0, None)
    assert "services.yaml" in eu["reason"]
    assert [problem["reason"] for problem in eu["problems"]] == ["UnreadableManifest"]


def test_a_cluster_whose_nodes_tell_no_region_says_so(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.cluster("eu") / "nodes.yaml").unlink()
    result = feddns("clusters")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("eu  ")]
    assert line.split() == ["eu", "True", "-", "-", "0s", "1", "-"]


def test_problems_stand_below_the_table(feddns: Feddns, quickstart: Quickstart) -> None:
    label = "topology.kubernetes.io/region: "
    quickstart.replace("eu", f"{label}europe-west1", f"{label}eu_1", "nodes.yaml")
    lines = feddns("clusters").stdout.splitlines()
    assert any(line.startswith("eu: ") and "eu_1" in line for line in lines[4:])


def test_what_is_ordered_for_a_cluster_stands_in_its_line(feddns: Feddns, quickstart: Quickstart) -> None:
    orders = {
        "drains": {"us": {"since": 1_767_261_600, "by": "ann"}, "asia": {"since": 1, "until": 2}},
        "evictions": {"eu": {"since": 1_767_261_600}},
    }
    (quickstart.folder / "feddns-state.json").write_text(json.dumps(orders))
    us, eu, asia = feddns("clusters").stdout.splitlines()[1:]
    assert us.endswith("1          drained by ann since 2026-01-01T10:00:00Z")
    assert eu.endswith("1          evicted since 2026-01-01T10:00:00Z")
    assert asia.endswith("1          -")
    us, eu, asia = json.loads(feddns("clusters", "--output", "json").stdout)
    assert us["drain"] == {"since": 1_767_261_600, "until": None, "by": "ann", "forced": False}
    assert eu["eviction"] == {"since": 1_767_261_600, "by": "", "forced": False}
    assert (us["eviction"], eu["drain"], asia["drain"]) == (None, None, None)


def test_a_freeze_stands_above_the_table(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / "feddns-state.json").write_text(
        '{"freeze": {"since": 1767261600, "by": "ann", "reason": "a migration"}}'
    )
    first, header, *_ = feddns("clusters").stdout.splitlines()
    assert first == "frozen by ann since 2026-01-01T10:00:00Z: a migration; `feddns thaw` releases it"
    assert header.startswith("CLUSTER")


def test_orders_that_cannot_be_read_are_not_taken_for_none(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / "feddns-state.json").write_text("{")
    result = feddns("clusters")
    assert result.exit_code == 0
    assert result.stderr.count("feddns-state.json:1: not JSON") == 1
    assert [line.split()[-1] for line in result.stdout.splitlines()[1:]] == ["?"] * 3
    assert all(cluster["drain"] is None for cluster in json.loads(feddns("clusters", "--output", "json").stdout))
