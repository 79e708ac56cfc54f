import asyncio
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from feddns.cli.main import cli
from feddns.model.changes import Batch, Create, Fence
from feddns.model.records import DnsName, RecordSet, ZoneName
from feddns.providers.embedded import Embedded, EmbeddedSettings
from tests.cli.conftest import Feddns
from tests.quickstart import EU, NGINX, US, Quickstart

ZONE = ZoneName("example.com.")
WORLD = DnsName(f"{NGINX}.example.com.")


def write(folder: Path, *records: RecordSet) -> None:
    """Write into the zone as somebody else does, without a claim."""

    async def apply() -> None:
        provider = Embedded.open(EmbeddedSettings(), ZONE, folder)
        await provider.apply(Batch(tuple(map(Create, records)), Fence(None, None)))
        await provider.close()

    asyncio.run(apply())


@pytest.mark.usefixtures("quickstart")
def test_a_plan_for_an_empty_zone_creates_everything(feddns: Feddns) -> None:
    result = feddns("plan")
    assert (result.exit_code, result.stderr) == (0, "")
    service, *changes, summary = result.stdout.splitlines()
    assert service == "mynamespace/nginx"
    assert len(changes) == 7
    assert f"  + {WORLD} 180 A 203.0.113.30 203.0.113.57 203.0.113.89" in changes
    assert summary == "example.com. 7 to create, 0 to replace, 0 to delete"


def test_a_plan_changes_nothing_and_makes_no_file(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("plan")
    assert not list(quickstart.folder.glob("*.sqlite*"))
    assert feddns("plan").stdout == feddns("plan").stdout


def test_the_exit_code_tells_of_changes_only_where_it_is_asked_to(feddns: Feddns, quickstart: Quickstart) -> None:
    assert feddns("plan").exit_code == 0
    assert feddns("plan", "--detailed-exitcode").exit_code == 2
    assert feddns("apply").exit_code == 0
    assert feddns("plan", "--detailed-exitcode").exit_code == 0
    (quickstart.folder / "example.com.zone.sqlite").write_bytes(b"this is no database" * 100)
    result = feddns("plan", "--detailed-exitcode")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("feddns: ")
    assert "is damaged" in result.stderr


def test_programs_get_the_changes_with_their_service(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    quickstart.fail("eu")
    plan = json.loads(feddns("plan", "--output", "json").stdout)
    assert plan["zone"] == "example.com."
    assert plan["summary"] == {"create": 2, "replace": 1, "delete": 2, "held": 0}
    assert (plan["refusal"], plan["held"], plan["problems"]) == ("", [], [])
    (replaced,) = [change for change in plan["changes"] if change["action"] == "replace"]
    assert replaced == {
        "service": "mynamespace/nginx",
        "action": "replace",
        "current": {"name": WORLD, "type": "A", "ttl": 180, "values": [EU, US, "203.0.113.89"]},
        "desired": {"name": WORLD, "type": "A", "ttl": 180, "values": [US, "203.0.113.89"]},
    }
    assert yaml.safe_load(feddns("plan", "--output", "yaml").stdout) == plan


def test_what_is_held_counts_as_a_change(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.configure(budget={"deletions": {"atLeast": 0, "share": 0}})
    feddns("apply")
    quickstart.configure(services={"select": "annotated"})
    result = feddns("plan", "--detailed-exitcode")
    assert result.exit_code == 2
    assert "held: 7 of 7 record sets would be deleted" in result.stdout
    assert result.stdout.endswith("example.com. no change, 7 deletions held\n")


def test_a_zone_with_names_of_others_is_refused_with_1(feddns: Feddns, quickstart: Quickstart) -> None:
    write(quickstart.folder, RecordSet(WORLD, "A", 60, ("203.0.113.66",)))
    for arguments in (["plan"], ["plan", "--detailed-exitcode"]):
        result = feddns(*arguments)
        assert result.exit_code == 1
        assert result.stdout.startswith(
            "refused: example.com. holds 1 record sets with names of federation myfederation"
        )
        assert result.stdout.endswith("example.com. nothing written\n")


def test_a_name_that_others_use_is_told_and_the_rest_is_planned(feddns: Feddns, quickstart: Quickstart) -> None:
    write(quickstart.folder, RecordSet(DnsName(f"{NGINX}.europe-west1.{ZONE}"), "MX", 60, ("10 mx.example.net.",)))
    quickstart.fail("eu")
    result = feddns("plan")
    assert result.exit_code == 0
    assert (
        "ForeignRecords: nginx.mynamespace.myfederation.svc.europe-west1.example.com. stays as it is" in result.stdout
    )
    assert "6 to create" in result.stdout


def test_a_cluster_that_cannot_be_seen_is_warned_of_and_its_answers_stay(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    feddns("apply")
    quickstart.spoil("eu")
    result = feddns("plan", "--detailed-exitcode")
    assert result.exit_code == 0
    assert result.stdout == "example.com. no change\n"
    assert "warning: cluster eu cannot be seen, so its answers stay as they are: " in result.stderr


def test_problems_are_warned_of(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.annotate("us", "feddns.io/ttl", "soon")
    for verb in ("plan", "apply"):
        result = feddns(verb)
        assert result.exit_code == 0
        assert "soon" in result.stderr


def test_a_plan_is_coloured_on_a_terminal_only(feddns: Feddns, quickstart: Quickstart) -> None:
    assert "\x1b" not in feddns("plan").stdout
    painted = CliRunner().invoke(cli, ["plan", "--config", str(quickstart.config)], color=True)
    assert "\x1b[32m  + " in painted.stdout


def test_what_the_changes_follow_from_is_told_of_the_shards_that_are_not_healthy(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    feddns("apply")
    quickstart.fail("eu")
    lines = feddns("plan").stdout.splitlines()
    told = lines[lines.index("mynamespace/nginx is judged so:") :]
    assert told[-1] == "example.com. 2 to create, 1 to replace, 2 to delete"
    assert told[1].startswith("  eu (europe-west1, europe-west1-b): Unhealthy for ")
    assert told[2].startswith("    EndpointSlices: 0 of 2 endpoints ready")
    assert not [line for line in told if line.startswith(("  us ", "  asia "))]
    shards = json.loads(feddns("plan", "--output", "json").stdout)["shards"]
    assert {shard["cluster"]: shard["verdict"] for shard in shards} == {
        "asia": "Healthy",
        "eu": "Unhealthy",
        "us": "Healthy",
    }
    feddns("apply")
    assert "mynamespace/nginx is judged so:" not in feddns("plan").stdout.splitlines()


def test_a_healthy_shard_that_a_person_keeps_out_is_told_of(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    assert (quickstart.folder / "feddns-state.json").exists() is False
    feddns("evict", "eu", FEDDNS_USER="ann")
    lines = feddns("plan").stdout.splitlines()
    assert any(line.startswith("  eu (europe-west1, europe-west1-b): Healthy for ") for line in lines)
    assert any(line.startswith("    operator: evicted by ann; `feddns readmit` undoes it") for line in lines)
