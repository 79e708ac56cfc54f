"""The verbs over several targets: one embedded zone, its twin, another zone, and a server that nobody is at."""

import json

import pytest

from tests.cli.conftest import Feddns
from tests.quickstart import EU, NGINX, US, Quickstart

DEAD = {"name": "dead", "zone": "example.com", "provider": {"rfc2136": {"server": "127.0.0.1:1", "timeout": 1}}}


def embedded(name: str, zone: str) -> dict[str, object]:
    return {
        "name": name,
        "zone": zone,
        "provider": {"embedded": {"listen": ["127.0.0.1:0"], "file": f"{name}.sqlite"}},
    }


@pytest.fixture
def targets(quickstart: Quickstart) -> list[dict[str, object]]:
    targets = [embedded("inside", "corp.example.com"), embedded("one", "example.com"), embedded("two", "example.com")]
    quickstart.configure(dns={"targets": targets})
    return targets


@pytest.fixture
def with_a_dead_one(quickstart: Quickstart, targets: list[dict[str, object]]) -> None:
    quickstart.configure(dns={"targets": [DEAD, *targets]}, write={"deadline": "1s"})


@pytest.mark.usefixtures("targets")
def test_every_target_has_its_plan_and_is_written(feddns: Feddns) -> None:
    planned = json.loads(feddns("plan", "--output", "json").stdout)["targets"]
    assert [(each["target"], each["zone"], each["summary"]["create"]) for each in planned] == [
        ("inside", "corp.example.com.", 7),
        ("one", "example.com.", 7),
        ("two", "example.com.", 7),
    ]
    done = feddns("apply")
    assert done.exit_code == 0
    assert done.stdout.count("7 created, 0 replaced, 0 deleted") == 3
    assert feddns("plan", "--detailed-exitcode").exit_code == 0


@pytest.mark.usefixtures("targets")
def test_one_target_alone_is_written_where_that_is_asked_for_and_its_twin_is_told_to_differ(feddns: Feddns) -> None:
    done = feddns("apply", "--target", "two")
    assert done.stdout.splitlines()[0] == "target two"
    assert "target one" not in done.stdout
    plan = feddns("plan")
    assert "warning: the twins one and two of example.com. differ in 7 record sets" in plan.stderr
    assert plan.stdout.splitlines()[-1] == "example.com. no change"
    told = json.loads(feddns("plan", "--output", "json").stdout)["twins"]
    assert told == [{"zone": "example.com.", "targets": ["one", "two"], "recordSets": 7}]
    feddns("apply")
    assert json.loads(feddns("plan", "--output", "json").stdout)["twins"][0]["recordSets"] == 0


@pytest.mark.usefixtures("targets")
def test_a_target_that_there_is_not_is_a_fault_of_the_command_line(feddns: Feddns) -> None:
    for verb in (["plan"], ["apply"], ["explain", "nginx"]):
        result = feddns(*verb, "--target", "three")
        assert result.exit_code == 2
        assert 'there is no target "three"; there are: inside, one, two' in result.stderr


@pytest.mark.servers  # takes its time
@pytest.mark.usefixtures("with_a_dead_one")
def test_a_target_that_cannot_be_reached_is_told_and_holds_up_no_other(feddns: Feddns) -> None:
    done = feddns("apply")
    assert done.exit_code == 1
    assert done.stdout.startswith("target dead\nfailed: ")
    assert done.stdout.count("7 created, 0 replaced, 0 deleted") == 3
    dead, *others = json.loads(feddns("plan", "--output", "json").stdout)["targets"]
    assert dead.keys() == {"target", "error"}
    assert [each["summary"]["create"] for each in others] == [0, 0, 0]


@pytest.mark.usefixtures("targets")
def test_records_are_those_of_every_zone_and_of_twins_once(feddns: Feddns) -> None:
    names = [record["name"] for record in json.loads(feddns("records", "--output", "json").stdout)]
    assert len(names) == 14
    assert {f"{NGINX}.example.com.", f"{NGINX}.corp.example.com."} < set(names)


@pytest.mark.usefixtures("targets")
def test_a_full_name_is_explained_where_its_zone_is_and_a_short_one_everywhere(feddns: Feddns) -> None:
    full = json.loads(feddns("explain", f"{NGINX}.corp.example.com", "--output", "json").stdout)["targets"]
    assert [each["target"] for each in full] == ["inside"]
    short = feddns("explain", "nginx.mynamespace.myfederation")
    assert [line for line in short.stdout.splitlines() if line.startswith("target ")] == [
        "target inside",
        "target one",
        "target two",
    ]
    assert short.stdout.count(f"180 A {EU} {US}") == 3
    assert feddns("explain", "www.example.org").exit_code == 1


@pytest.mark.usefixtures("targets")
def test_check_names_every_target(feddns: Feddns) -> None:
    assert "writes into corp.example.com through embedded and example.com through embedded" in feddns("check").stdout
