import json

import pytest
import yaml

from feddns.model.records import DnsName, RecordSet
from tests.cli.conftest import Feddns
from tests.cli.test_plan import write
from tests.quickstart import EU, NGINX, US, Quickstart

WORLD = f"{NGINX}.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."
IN_ZONE = f"{NGINX}.europe-west1-b.europe-west1.example.com."


@pytest.mark.usefixtures("quickstart")
@pytest.mark.parametrize(
    ("name", "first"),
    [
        (WORLD, WORLD),
        (WORLD.removesuffix("."), WORLD),
        (WORLD.upper(), WORLD),
        (NGINX, WORLD),
        ("nginx.mynamespace.myfederation", WORLD),
        ("mynamespace/nginx", WORLD),
        (IN_EU, IN_EU),
        (f"{NGINX}.europe-west1", IN_EU),
        (f"{NGINX}.europe-west1-b.europe-west1", IN_ZONE),
    ],
)
def test_a_name_is_understood_in_each_of_its_forms(feddns: Feddns, name: str, first: str) -> None:
    result = feddns("explain", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.split(" ", 1)[0] == first


@pytest.mark.usefixtures("quickstart")
@pytest.mark.parametrize(
    "name",
    ["nginx", "nginx.mynamespace.other", "a/b/c", "mynamespace/", "www.example.org.", "x\x1b[2J/"],
)
def test_a_name_that_is_none_is_told_with_what_would_be_right_and_1(feddns: Feddns, name: str) -> None:
    result = feddns("explain", name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("feddns: ")
    assert "is no name of federation myfederation: it may be SERVICE.NAMESPACE.myfederation, " in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.usefixtures("quickstart")
def test_a_service_that_no_cluster_has_is_explained_as_such(feddns: Feddns) -> None:
    result = feddns("explain", "mynamespace/absent")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "mynamespace/absent has no name in global",
        "shards considered:",
        "  none: no cluster has this service as a LoadBalancer that is federated",
    ]


def test_a_failover_is_told_up_to_where_the_answer_is(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    quickstart.fail("eu")
    lines = feddns("explain", IN_ZONE).stdout.splitlines()
    steps = [line for line in lines if not line.startswith(" ")]
    assert steps == [
        f"{IN_ZONE} (zone europe-west1-b of europe-west1)",
        f"then {IN_EU} (region europe-west1)",
        f"then {WORLD} (global)",
        "shards considered:",
    ]
    assert f"  180 CNAME {IN_EU}" in lines
    assert "  the zone still has:" in lines
    assert f"    180 A {EU}" in lines
    assert "  - eu: EndpointSlices: 0 of 2 endpoints ready" in lines
    assert "  + us: healthy" in lines
    assert any(line.startswith("  eu (europe-west1, europe-west1-b): Unhealthy for ") for line in lines)
    feddns("apply")
    assert "  the zone still has:" not in feddns("explain", IN_ZONE).stdout.splitlines()


def test_programs_get_the_same_story(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("eu")
    story = json.loads(feddns("explain", IN_EU, "--output", "json").stdout)
    assert (story["service"], story["scope"]) == ("mynamespace/nginx", "region europe-west1")
    assert [answer["name"] for answer in story["answers"]] == [IN_EU, WORLD]
    assert story["answers"][0]["records"] == [{"type": "CNAME", "ttl": 180, "values": [WORLD]}]
    assert story["answers"][0]["published"] == []
    assert {shard["cluster"]: shard["verdict"] for shard in story["shards"]} == {
        "asia": "Healthy",
        "eu": "Unhealthy",
        "us": "Healthy",
    }
    again = yaml.safe_load(feddns("explain", IN_EU, "--output", "yaml").stdout)
    assert again["answers"] == story["answers"]


def test_a_zone_that_cannot_be_read_is_warned_of_and_all_else_is_told(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / "example.com.zone.sqlite").mkdir()  # no file can be opened there
    result = feddns("explain", "mynamespace/nginx")
    assert result.exit_code == 0
    assert "warning: the zone example.com. cannot be read: " in result.stderr
    assert f"  180 A {EU} {US} 203.0.113.89" in result.stdout
    assert "the zone still has" not in result.stdout


def test_what_is_wrong_with_a_shard_or_a_cluster_is_told(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.annotate("us", "feddns.io/ttl", "soon")
    feddns("apply")
    quickstart.spoil("eu")
    result = feddns("explain", "mynamespace/nginx")
    assert result.exit_code == 0
    assert "warning: cluster eu cannot be seen" in result.stderr
    assert [line for line in result.stdout.splitlines() if line.startswith("    ") and "soon" in line]
    assert f"  180 A {EU} {US} 203.0.113.89" in result.stdout
    assert f"{EU} from before, kept while a cluster cannot be seen" in result.stdout


def test_what_is_wrong_with_a_cluster_is_warned_of(feddns: Feddns, quickstart: Quickstart) -> None:
    label = "topology.kubernetes.io/zone: "
    quickstart.replace("eu", f"{label}europe-west1-b", f"{label}b_1", "nodes.yaml")
    assert "b_1" in feddns("explain", "mynamespace/nginx").stderr


@pytest.mark.usefixtures("quickstart")
def test_a_name_must_be_given(feddns: Feddns) -> None:
    result = feddns("explain")
    assert result.exit_code == 2
    assert "Missing argument 'NAME'" in result.stderr


def test_deletions_that_a_budget_holds_are_told_with_what_releases_them(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    config = quickstart.config.read_text()
    quickstart.config.write_text("budget: {deletions: {share: 0, atLeast: 0}}\n" + config)
    for cluster in ("us", "eu", "asia"):
        quickstart.fail(cluster)
    (brake,) = json.loads(feddns("explain", WORLD, "--output", "json").stdout)["brakes"]
    assert brake.startswith("held: 7 of 7 record sets would be deleted")
    assert "feddns apply --allow-deletions" in brake
    assert feddns("explain", WORLD).stdout.splitlines()[-1] == brake


def test_records_of_others_that_are_in_the_way_are_told(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    write(quickstart.folder, RecordSet(DnsName(IN_EU), "MX", 60, ("10 mx.example.net.",)))
    quickstart.fail("eu")
    feddns("apply")
    last = feddns("explain", IN_EU).stdout.splitlines()[-1]
    assert last == f"ForeignRecords: {IN_EU} stays as it is: others keep MX there"
    assert json.loads(feddns("explain", IN_EU, "--output", "json").stdout)["brakes"] == [last]


def test_a_zone_that_may_not_be_written_is_told(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    quickstart.configure(owner="another")
    (why,) = json.loads(feddns("explain", WORLD, "--output", "json").stdout)["brakes"]
    assert why.startswith("refused: the names of federation myfederation in example.com. are claimed by owner")
