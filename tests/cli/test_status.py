"""`feddns status` against a `feddns run`: at once, again and again, and on a terminal."""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Feddns as Verb
from tests.cli.pseudo import PseudoTerminal
from tests.e2e.running import Feddns, eventually
from tests.lab.processes import free_port
from tests.quickstart import ASIA, EU, US, Quickstart

pytestmark = pytest.mark.servers

ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]")


def running(quickstart: Quickstart, services: int) -> Feddns:
    """A federation with so many services and one more."""
    quickstart.populate(services)
    more = {
        "web": {"listen": f"0.0.0.0:{free_port()}"},
        "health": {"settle": "100ms"},
        "dns": {"zone": "example.com", "provider": {"embedded": {"listen": ["127.0.0.1:0"]}}},
    }
    return Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text()) | more)


async def written(feddns: Feddns) -> Feddns:
    await eventually(lambda: bool(feddns.events("records written")) and bool(feddns.events("web serving")))
    return feddns


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feddns]:
    """A federation of 31 services, of which nobody changes anything."""
    with running(Quickstart(tmp_path_factory.mktemp("rest")), 30) as feddns:
        yield feddns


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[Feddns, Quickstart]]:
    quickstart = Quickstart(tmp_path)
    with running(quickstart, 1) as feddns:
        yield feddns, quickstart


async def test_the_federation_is_shown_at_a_glance(at_rest: Feddns) -> None:
    done = (await written(at_rest)).command("status")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("federation myfederation of default: feddns ")
    assert [line.split()[:3] for line in lines[2:6]] == [
        ["CLUSTER", "READY", "REGION"],
        ["us", "True", "us-central1"],
        ["eu", "True", "europe-west1"],
        ["asia", "True", "asia-east1"],
    ]
    assert "31 services: 31 healthy" in lines
    assert "the others are healthy: --unhealthy, --namespace NAMESPACE and --all show more" in lines
    assert lines[-1].split()[:2] == ["example.com", "example.com."]


async def test_services_are_listed_as_far_as_they_are_asked_for(at_rest: Feddns) -> None:
    await written(at_rest)
    (header, line) = at_rest.command("status", "--namespace", "mynamespace").stdout.splitlines()
    assert header.split() == ["SERVICE", "VERDICT", "HEALTHY", "ANSWERS"]
    assert line.split("   ", 3)[:3] == ["mynamespace/nginx", "Healthy", "3/3"]
    assert line.endswith(f"   {EU} {US} {ASIA}; asia-east1 {ASIA}; europe-west1 {EU}; us-central1 {US}")
    assert at_rest.command("status", "--unhealthy").stdout == "no services\n"
    assert len(at_rest.command("status", "--all").stdout.splitlines()) == 32
    told = json.loads(at_rest.command("status", "--all", "--output", "json").stdout)
    assert (told["total"], len(told["services"]), told["next"]) == (31, 31, "")


async def test_programs_get_what_the_api_tells(at_rest: Feddns) -> None:
    await written(at_rest)
    told = json.loads(at_rest.command("status", "--output", "json").stdout)
    assert told["services"]["healthy"] == 31
    read = yaml.safe_load(at_rest.command("status", "--output", "yaml", "--service", "mynamespace/nginx").stdout)
    assert (read["namespace"], read["healthy"]) == ("mynamespace", 3)


async def test_one_service_is_shown_with_all_that_is_known_of_it(at_rest: Feddns) -> None:
    text = (await written(at_rest)).command("status", "--service", "mynamespace/nginx").stdout
    assert text.startswith("mynamespace/nginx: Healthy, 3 of 3 clusters healthy\n")
    assert "eu: EndpointSlices: 2 of 2 endpoints ready" in text
    assert re.search(r"^region europe-west1 +180 +A 203\.0\.113\.30 +addresses of 1 shard$", text, re.MULTILINE)
    missing = at_rest.command("status", "--service", "mynamespace/apache")
    assert missing.returncode == 1
    assert missing.stderr == "feddns: no cluster has such a service, and no zone has records for it\n"


def test_where_nothing_answers_it_says_what_to_look_at(feddns: Verb) -> None:
    port = free_port()
    result = feddns("status", "--url", f"http://127.0.0.1:{port}")
    assert result.exit_code == 1
    assert result.stderr == (
        f"feddns: nothing answers at http://127.0.0.1:{port}: Connection refused; is `feddns run` at work with "
        f"web.listen set? In Kubernetes: kubectl -n NAMESPACE port-forward deploy/feddns 9797, then --url http://127.0.0.1:9797\n"
    )


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        (None, "web.listen is not set, so `feddns run` tells nothing over HTTP; set it, or give --url"),
        ("127.0.0.1:0", "web.listen is 127.0.0.1:0, any free port; give --url"),
        ("[::]:9", "nothing answers at http://[::1]:9: "),
        ("0.0.0.0:9", "nothing answers at http://127.0.0.1:9: "),
    ],
)
def test_where_to_ask_follows_from_the_configuration(feddns: Verb, folder: Path, listen: str | None, told: str) -> None:
    with (folder / "feddns.yaml").open("a") as file:
        file.write("" if listen is None else f'web: {{listen: "{listen}"}}\n')
    result = feddns("status")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"feddns: {told}")


@pytest.mark.parametrize("service", ["nginx", "a/b/c", "/b", "a/"])
def test_a_service_is_named_in_full(feddns: Verb, service: str) -> None:
    result = feddns("status", "--service", service)
    assert result.exit_code == 2
    assert f'"{service}" is no service; write NAMESPACE/NAME' in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:9797",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://127.0.0.1:web",
        "http://127.0.0.1:99999",
        "http://a b",
    ],
)
def test_an_address_is_one_of_http(feddns: Verb, url: str) -> None:
    result = feddns("status", "--url", url)
    assert result.exit_code == 1
    assert result.stderr == f'feddns: "{url}" is no address; write http://127.0.0.1:9797\n'


async def test_a_server_that_is_no_feddns_is_told_as_such(at_rest: Feddns) -> None:
    port = (await written(at_rest)).events("web serving")[0]["address"].rpartition(":")[2]
    done = at_rest.command("status", "--url", f"http://127.0.0.1:{port}/metrics")
    assert done.returncode == 1
    assert "is another version of feddns, or none: it says 404" in done.stderr


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 good\r\n\r\n"])
def test_what_speaks_no_http_is_told_as_such(feddns: Verb, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        result = feddns("status", "--url", url)
        thread.join()
    assert result.exit_code == 1
    assert result.stderr.startswith(f"feddns: what answers at {url} is no feddns: ")


async def test_a_terminal_without_a_size_is_taken_for_an_ordinary_one(at_rest: Feddns) -> None:
    await written(at_rest)
    arguments = ("status", "--all", "--watch", "--config", str(at_rest.configuration))
    with PseudoTerminal(at_rest.configuration.parent, *arguments, columns=0, lines=0) as terminal:
        assert "... 11 more lines" in terminal.until("more lines")


async def test_where_there_is_no_terminal_each_state_is_appended(at_rest: Feddns) -> None:
    await written(at_rest)
    lines = _watched(at_rest, "json", 3)
    assert [json.loads(line)["services"]["total"] for line in lines] == [31, 31, 31]
    assert _watched(at_rest, "yaml", 1) == ["---"]
    assert _watched(at_rest, "text", 2)[0].startswith("# 20")


def _watched(feddns: Feddns, output: str, count: int) -> list[str]:
    command = [sys.executable, "-m", "feddns", "status", "--watch", "--interval", "0.2", "--output", output]
    with subprocess.Popen(
        [*command, "--config", str(feddns.configuration)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip("\n") for _ in range(count)]
        process.kill()
    return lines


async def test_on_a_terminal_it_is_redrawn_in_place_until_q(changing: tuple[Feddns, Quickstart]) -> None:
    feddns, quickstart = changing
    await written(feddns)
    arguments = ("status", "--watch", "--interval", "0.3", "--config", str(feddns.configuration))
    with PseudoTerminal(quickstart.folder, *arguments) as terminal:
        first = terminal.until("2 services: 2 healthy")
        assert "\x1b[?1049h" in first
        assert "q ends" in first
        assert re.findall(r"\x1b\[[\d;]*m", first) == [], "NO_COLOR is set"
        quickstart.fail("eu")
        terminal.until("eu left")
        assert "1 degraded" in ESCAPES.sub("", terminal.until("\x1b[J"))
        terminal.type("q")
        assert terminal.wait() == 0
        *_, last = terminal.seen.split("\x1b[?1049l")
        assert "eu left" in last, "the last state stays on the terminal"
        assert terminal.settings_now() == terminal.settings


async def test_ctrl_c_ends_it_well_with_130(at_rest: Feddns) -> None:
    await written(at_rest)
    folder = at_rest.configuration.parent
    with PseudoTerminal(folder, "status", "--watch", "--config", str(at_rest.configuration)) as terminal:
        terminal.until("q ends")
        terminal.type("\x03")
        assert terminal.wait() == 130
        assert "\x1b[?1049l" in terminal.seen
        assert "Traceback" not in terminal.seen
        assert terminal.settings_now() == terminal.settings


async def test_a_session_that_is_closed_leaves_the_terminal_as_it_was(at_rest: Feddns) -> None:
    await written(at_rest)
    folder = at_rest.configuration.parent
    with PseudoTerminal(folder, "status", "--watch", "--config", str(at_rest.configuration)) as terminal:
        terminal.until("q ends")
        terminal.terminate()
        assert terminal.wait() == 143
        assert terminal.settings_now() == terminal.settings


async def test_any_key_asks_at_once_and_what_there_is_no_room_for_is_counted(at_rest: Feddns) -> None:
    await written(at_rest)
    arguments = ("status", "--all", "--watch", "--interval", "3600", "--config", str(at_rest.configuration))
    with PseudoTerminal(at_rest.configuration.parent, *arguments, columns=200, lines=10) as terminal:
        assert "... 25 more lines" in terminal.until("more lines")
        terminal.resize(100, 20)
        terminal.type(" ")
        assert "... 15 more lines" in terminal.until("more lines")
        terminal.type("q")
        assert terminal.wait() == 0


@pytest.mark.parametrize("columns", [80, 200])
async def test_what_is_drawn_fits_the_terminal(at_rest: Feddns, columns: int) -> None:
    await written(at_rest)
    arguments = ("status", "--watch", "--config", str(at_rest.configuration))
    with PseudoTerminal(at_rest.configuration.parent, *arguments, columns=columns, lines=60) as terminal:
        lines = ESCAPES.sub("", terminal.until("\x1b[J")).replace("\r", "").split("\n")
        assert [line for line in lines if len(line) > columns] == []
        assert ("ZONES" in "".join(lines)) is (columns == 200)


async def test_it_goes_on_through_a_restart_and_shows_the_last_state_meanwhile(
    changing: tuple[Feddns, Quickstart],
) -> None:
    feddns, quickstart = changing
    await written(feddns)
    arguments = ("status", "--watch", "--interval", "0.2", "--config", str(feddns.configuration))
    with PseudoTerminal(quickstart.folder, *arguments, columns=150) as terminal:
        terminal.until("2 services: 2 healthy")
        feddns.kill()
        gone = terminal.until("nothing answers at")
        assert "2 services: 2 healthy" in gone + terminal.until("\x1b[J")
        feddns.start()
        terminal.until("q ends")
        await eventually(lambda: bool(feddns.events("web serving")))
        terminal.until(f"127.0.0.1:{feddns.events('web serving')[0]['address'].rpartition(':')[2]} at 20")
        terminal.type("\x03")
        assert terminal.wait() == 130
