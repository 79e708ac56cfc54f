import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import yaml

from feddns.config.health import HealthSettings
from tests.cli.conftest import Feddns
from tests.quickstart import ASIA, EU, NGINX, US, Quickstart
from tests.rules.files import ROOT

PAGE = (ROOT / "docs" / "whatif.md").read_text()
BALANCERS = {EU: "127.0.0.11", US: "127.0.0.12", ASIA: "127.0.0.13"}


@pytest.fixture
def balancers() -> Iterator[int]:
    """Load balancers that take connections on all of loopback; gives their port."""
    with closing(socket.create_server(("0.0.0.0", 0), backlog=64)) as listener:  # noqa: S104 - loopback is many addresses

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def probed(quickstart: Quickstart, balancers: int) -> Quickstart:
    """The federation, with load balancers that are probed and answer."""
    for name, (before, after) in zip(("eu", "us", "asia"), BALANCERS.items(), strict=True):
        quickstart.replace(name, before, after)
    quickstart.configure(
        health={"probe": {"tcp": {"port": balancers}}, "probing": {"allow": ["127.0.0.0/8"]}},
        watch={"startGrace": "3s"},
    )
    return quickstart


def test_a_dead_cluster_with_probes_leaves_and_the_seconds_until_clients_have_moved_are_told(
    feddns: Feddns, probed: Quickstart
) -> None:
    assert feddns("apply").exit_code == 0
    before = {path: path.read_bytes() for path in probed.folder.glob("*.sqlite")}
    result = feddns("whatif", "--down", "eu")
    assert (result.exit_code, result.stderr) == (0, "")
    service, *_, summary = result.stdout.splitlines()
    assert service == "mynamespace/nginx"
    assert f"~ {NGINX}.example.com. 180 A 127.0.0.11 127.0.0.12 127.0.0.13" in result.stdout
    assert "moved after at most 217 s: detected after 36 s, written in 1 s, TTL 180 s" in result.stdout
    assert summary == "example.com. 3 answers change, clients moved after at most 217 s"
    assert {path: path.read_bytes() for path in probed.folder.glob("*.sqlite")} == before


@pytest.mark.usefixtures("quickstart")
def test_a_dead_cluster_without_probes_stays_and_it_is_said_what_takes_it_out(feddns: Feddns) -> None:
    feddns("apply")
    result = feddns("whatif", "--down", "eu")
    assert result.exit_code == 0
    assert f"  ! {EU} of eu would stay:" in result.stdout
    assert "eu would be Unknown and this service has no probe; `feddns evict eu` takes it out" in result.stdout
    assert result.stdout.splitlines()[-1] == "example.com. no answer changes; 3 answers still lead to eu"


def transcript(text: str) -> str:
    """What a verb prints as it stands in the page: indented."""
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.usefixtures("probed")
def test_the_page_shows_what_is_printed_with_probes(feddns: Feddns) -> None:
    feddns("apply")
    printed = feddns("whatif", "--down", "eu").stdout
    for documented, address in BALANCERS.items():
        printed = printed.replace(address, documented)
    assert transcript(f"$ feddns whatif --down eu\n{printed}") in PAGE


@pytest.mark.usefixtures("quickstart")
def test_the_page_shows_what_is_printed_without_probes(feddns: Feddns) -> None:
    feddns("apply")
    printed = feddns("whatif", "--down", "eu").stdout
    assert transcript(f"$ feddns whatif --down eu\n{printed}") in PAGE


@pytest.mark.usefixtures("quickstart")
def test_programs_get_the_same_as_json_and_as_yaml(feddns: Feddns) -> None:
    feddns("apply")
    found = json.loads(feddns("whatif", "--drain", "eu", "--unready", "us", "--output", "json").stdout)
    assert (found["down"], found["drained"], found["unready"], found["refused"]) == ([], ["eu"], ["us"], [])
    assert found["summary"]["keep"] == 0
    by_name = {each["name"]: each for each in found["changes"]}
    world = by_name[f"{NGINX}.example.com."]
    assert [each["values"] for each in world["after"]] == [[ASIA]]
    assert (world["firstDetected"], world["detected"], world["ttl"]) == (HealthSettings().settle, 180.0, 30.0)
    assert world["moved"] == world["detected"] + world["write"] + world["ttl"]
    read = yaml.safe_load(feddns("whatif", "--drain", "eu", "--unready", "us", "--output", "yaml").stdout)
    assert read == found


@pytest.mark.usefixtures("quickstart")
def test_what_is_not_written_yet_is_taken_as_written(feddns: Feddns) -> None:
    result = feddns("whatif", "--unready", "eu")
    assert "taken as written: 7 changes that `feddns plan` shows" in result.stdout
    assert "3 answers change" in result.stdout


@pytest.mark.usefixtures("quickstart")
def test_a_drain_that_would_be_refused_is_warned_of_with_the_services(feddns: Feddns) -> None:
    feddns("apply")
    arguments = ["whatif", "--drain", "us", "--drain", "eu", "--drain", "asia"]
    result = feddns(*arguments)
    assert result.exit_code == 0
    assert "`feddns drain us` would be refused" in result.stderr
    assert "mynamespace/nginx" in result.stderr
    assert "as soon as another shard can answer" in result.stdout
    refused = json.loads(feddns(*arguments, "--output", "json").stdout)["refused"]
    assert refused == [{"cluster": "us", "services": ["mynamespace/nginx"]}]


@pytest.mark.usefixtures("quickstart")
def test_what_is_frozen_stays_and_the_freeze_is_named(feddns: Feddns) -> None:
    feddns("apply")
    feddns("freeze", "--reason", "the audit", FEDDNS_USER="anna")
    result = feddns("whatif", "--unready", "eu")
    assert result.exit_code == 0
    assert "no answer changes for now: frozen by anna" in result.stderr
    assert "the audit" in result.stdout
    assert result.stdout.splitlines()[-1] == "example.com. no answer changes; 3 answers still lead to eu"


@pytest.mark.usefixtures("quickstart")
def test_an_order_that_stands_already_counts(feddns: Feddns) -> None:
    feddns("apply")
    assert feddns("evict", "eu").exit_code == 0
    feddns("apply")
    result = feddns("whatif", "--down", "eu")
    assert result.stdout == "example.com. no answer changes\n"


@pytest.mark.usefixtures("quickstart")
def test_a_cluster_that_there_is_not_is_refused_with_those_that_there_are(feddns: Feddns) -> None:
    result = feddns("whatif", "--down", "asai")
    assert (result.exit_code, result.stdout) == (1, "")
    assert 'there is no cluster "asai"' in result.stderr
    assert 'did you mean "asia"? it has us, eu, asia' in result.stderr


@pytest.mark.usefixtures("quickstart")
def test_it_must_be_said_what_happens(feddns: Feddns) -> None:
    result = feddns("whatif")
    assert result.exit_code == 2
    assert "say what happens: --down, --drain or --unready" in result.stderr


def test_a_zone_that_cannot_be_read_is_told_with_1_and_the_others_are_played_out(
    feddns: Feddns, quickstart: Quickstart
) -> None:
    targets = [
        {"zone": "example.com", "provider": {"embedded": {}}},
        {"zone": "example.net", "provider": {"embedded": {}}},
    ]
    quickstart.configure(dns={"targets": targets})
    feddns("apply")
    (quickstart.folder / "example.net.zone.sqlite").write_bytes(b"this is no database" * 100)
    result = feddns("whatif", "--unready", "eu")
    assert result.exit_code == 1
    assert "example.com. 3 answers change" in result.stdout
    assert "is damaged" in result.stdout + result.stderr


def test_the_only_zone_that_cannot_be_read_is_told_with_1(feddns: Feddns, quickstart: Quickstart) -> None:
    feddns("apply")
    (quickstart.folder / "example.com.zone.sqlite").write_bytes(b"this is no database" * 100)
    result = feddns("whatif", "--unready", "eu")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is damaged" in result.stderr
