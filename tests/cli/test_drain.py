import getpass
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from feddns.cli.ordering import person
from feddns.orders.telling import instant
from tests.cli.conftest import Feddns
from tests.quickstart import Quickstart

pytestmark = pytest.mark.servers  # which takes seconds

STATE = "feddns-state.json"


def drains(folder: Path) -> Any:
    return json.loads((folder / STATE).read_text()).get("drains", {})


def test_a_drain_is_told_with_all_its_times(feddns: Feddns, quickstart: Quickstart) -> None:
    before = time.time()
    result = feddns("drain", "us", "--for", "2h", FEDDNS_USER="ann@desk")
    assert (result.exit_code, result.stderr) == (0, "")
    order = drains(quickstart.folder)["us"]
    assert before - 0.001 <= order["since"] <= time.time()
    assert (order["until"], order["by"], order["forced"]) == (order["since"] + 7200, "ann@desk", False)
    start = order["since"]
    assert result.stdout.splitlines() == [
        f"us is drained by ann@desk since {instant(start)} until {instant(start + 7200)}",
        f"{instant(start)}  the TTL of the service that it answers for goes down to 30 s",
        f"{instant(start + 180)}  it is out of every answer",
        f"{instant(start + 210)}  its clients have moved",
        f"{instant(start + 7200)}  the drain ends by itself",
    ]


def test_services_with_a_shorter_ttl_go_first(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(2)
    quickstart.annotate("us", "feddns.io/ttl", "20")
    lines = feddns("drain", "us").stdout.splitlines()
    start = drains(quickstart.folder)["us"]["since"]
    assert lines[1:] == [
        f"{instant(start)}  the TTL of the 3 services that it answers for goes down to 30 s",
        f"{instant(start + 20)}  services with the shortest TTL answer without it",
        f"{instant(start + 180)}  it is out of every answer",
        f"{instant(start + 210)}  its clients have moved",
        "it stays drained until `feddns undrain us`",
    ]


def test_a_drain_that_is_too_short_to_do_anything_says_so(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.configure(dns={"zone": "example.com", "ttl": 600, "provider": {"embedded": {}}})
    assert feddns("drain", "us", "--for", "1m").stdout.endswith(
        "the drain ends by itself, before it is out of every answer\n"
    )


def test_programs_get_the_same(feddns: Feddns, quickstart: Quickstart) -> None:
    value = json.loads(feddns("drain", "us", "--output", "json", FEDDNS_USER="ann").stdout)
    since = drains(quickstart.folder)["us"]["since"]
    assert value == {
        "cluster": "us",
        "since": since,
        "until": None,
        "by": "ann",
        "forced": False,
        "leaves": since + 180,
        "outBy": since + 180,
        "movedBy": since + 210,
        "services": 1,
        "bereft": [],
    }


def test_a_service_of_that_cluster_alone_stops_it_until_it_is_forced(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("eu")
    quickstart.fail("asia")
    result = feddns("drain", "us")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "feddns: drain is refused: 1 service would be left without a healthy shard: mynamespace/nginx",
        "`feddns drain us --force` does it all the same",
    ]
    assert not (quickstart.folder / STATE).exists()
    forced = feddns("drain", "us", "--force")
    assert forced.exit_code == 0
    assert forced.stderr == "warning: 1 service would be left without a healthy shard: mynamespace/nginx\n"
    assert drains(quickstart.folder)["us"]["forced"] is True


def test_of_many_services_the_first_are_named_and_the_rest_counted(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.populate(25)
    for name in ("eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    told = feddns("drain", "us").stderr
    assert "25 services would be left without a healthy shard: shop/s0, shop/s1, shop/s10, " in told
    assert told.count("shop/") == 20
    assert " and 5 more\n" in told


def test_clusters_that_cannot_be_seen_are_not_counted_on_and_named(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("asia")
    quickstart.spoil("eu")
    result = feddns("drain", "us")
    assert result.exit_code == 1
    first, second, _ = result.stderr.splitlines()
    assert first.endswith("left without a healthy shard: mynamespace/nginx")
    assert second.startswith("cluster eu cannot be seen, so its shards are not known to be healthy: ")
    assert "services.yaml" in second


def test_a_hidden_cluster_is_no_matter_where_another_is_healthy(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.spoil("eu")
    result = feddns("drain", "us")
    assert (result.exit_code, result.stderr) == (0, "")


def test_clusters_that_are_drained_already_are_not_counted_on(feddns: Feddns, quickstart: Quickstart) -> None:
    quickstart.fail("asia")
    assert feddns("drain", "us").exit_code == 0
    refused = feddns("drain", "eu")
    assert refused.exit_code == 1
    assert "left without a healthy shard: mynamespace/nginx" in refused.stderr
    assert feddns("undrain", "us").exit_code == 0
    assert feddns("drain", "eu").exit_code == 0


def test_a_drain_that_is_given_again_goes_on_and_ends_when_it_is_told_now(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    feddns("drain", "us", "--for", "1h")
    first = drains(quickstart.folder)["us"]
    assert feddns("drain", "us").exit_code == 0
    second = drains(quickstart.folder)["us"]
    assert (second["since"], second["until"]) == (first["since"], None)


def test_a_drain_that_is_over_is_cleared_away_by_the_next_order(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / STATE).write_text('{"drains": {"eu": {"since": 1, "until": 2}}}')
    assert feddns("drain", "us").exit_code == 0
    assert list(drains(quickstart.folder)) == ["us"]


def test_undrain_tells_what_was_and_that_nothing_was(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("drain", "us", FEDDNS_USER="ann")
    since = drains(quickstart.folder)["us"]["since"]
    result = feddns("undrain", "us")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"us is not drained any more; it was drained by ann since {instant(since)}\n"
    assert drains(quickstart.folder) == {}
    assert feddns("undrain", "us").stdout == "us was not drained\n"
    assert json.loads(feddns("undrain", "us", "--output", "json").stdout) == {"cluster": "us", "was": None}


def test_a_cluster_that_is_configured_no_more_can_be_undrained(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / STATE).write_text('{"drains": {"old": {"since": 1}}}')
    assert feddns("drain", "old").exit_code == 1
    result = feddns("undrain", "old", "--output", "json")
    assert json.loads(result.stdout) == {
        "cluster": "old",
        "was": {"since": 1.0, "until": None, "by": "", "forced": False},
    }
    assert feddns("undrain", "old").exit_code == 1


@pytest.mark.parametrize("verb", ["drain", "undrain", "evict", "readmit"])
@pytest.mark.usefixtures("quickstart")
def test_a_cluster_that_is_not_there_is_told_with_those_that_are(feddns: Feddns, verb: str) -> None:
    result = feddns(verb, "aisa")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        'feddns: there is no cluster "aisa" in the federation; did you mean "asia"? it has us, eu, asia\n'
    )


@pytest.mark.usefixtures("quickstart")
@pytest.mark.parametrize("span", ["", "0s", "2 h", "-1s", "8761h", "soon"])
def test_a_span_that_is_none_is_bad_usage(feddns: Feddns, span: str) -> None:
    result = feddns("drain", "us", f"--for={span}")
    assert result.exit_code == 2
    assert "'--for'" in result.stderr


def test_a_damaged_state_is_told_before_anything_is_looked_at(feddns: Feddns, quickstart: Quickstart) -> None:
    (quickstart.folder / STATE).write_text('{\n"drains": 1}')
    for verb in (("drain", "us"), ("evict", "us"), ("undrain", "us"), ("freeze",)):
        result = feddns(*verb)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"feddns: {STATE}:2: drains is not as feddns writes it")
    assert (quickstart.folder / STATE).read_text() == '{\n"drains": 1}'


def test_a_zone_that_cannot_be_read_is_no_obstacle_where_all_clusters_are_seen(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    (quickstart.folder / "example.com.zone.sqlite").write_bytes(b"this is no database" * 100)
    assert feddns("drain", "us").exit_code == 0


def test_the_person_is_the_user_and_the_machine_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEDDNS_USER", raising=False)
    assert person() == f"{getpass.getuser()}@{socket.gethostname()}"
    monkeypatch.setenv("FEDDNS_USER", "ann")
    assert person() == "ann"


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FEDDNS_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 987_654)
    assert person() == f"uid 987654@{socket.gethostname()}"
