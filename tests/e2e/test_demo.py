"""`make demo`: what it prints is true, what it proposes works, and it leaves nothing behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import Answers, eventually
from tests.quickstart import ASIA, EU, EXAMPLE, NGINX, US

pytestmark = pytest.mark.servers

IN_ZONE = f"{NGINX}.europe-west1-b.europe-west1.example.com."
IN_EU = f"{NGINX}.europe-west1.example.com."
WORLD = f"{NGINX}.example.com."


class Demo:
    """The demo as a process in a folder of its own, and what it has printed up to where it waits."""

    def __init__(self, folder: Path, path: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(EXAMPLE / "demo.py")],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []

    def introduce(self) -> Answers:
        """Read what it prints until it waits; gives the server that it speaks of."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "Ctrl-C ends this" in line:
                break
        host, port, _ = self.questions()[0]
        return Answers(host, int(port))

    def questions(self) -> list[tuple[str, str, str]]:
        """Host, port and name of each `dig` that it shows."""
        return re.findall(r"^\$ dig @(\S+) -p (\d+) \+short (\S+)$", "\n".join(self.lines), re.MULTILINE)

    def answers(self, question: str) -> list[str]:
        """What it prints below a question."""
        at = next(number for number, line in enumerate(self.lines) if line.endswith(f"+short {question}"))
        return self.lines[at + 1 : self.lines.index("", at)]

    def try_it(self, pattern: str) -> str:
        """Do what it proposes, in its own words; gives the output."""
        (command,) = re.findall(pattern, "\n".join(self.lines), re.MULTILINE)
        command = (
            command.replace("feddns", f"{sys.executable} -m feddns", 1) if command.startswith("feddns") else command
        )
        return subprocess.run(command, shell=True, cwd=self.folder, capture_output=True, text=True, check=True).stdout  # noqa: S602 - the demo's own words

    def end(self, number: signal.Signals) -> int:
        """End it by a signal; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=10)

    def left_behind(self) -> list[str]:
        """Processes that still work in its folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").readlink() == self.folder:
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it ended, or is not ours to look at
        return found


@pytest.fixture(params=["dig", "no dig"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """With and without dig; a test of the other tools is not meant."""
    if request.param == "no dig":
        return str(tmp_path_factory.mktemp("bin"))
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed")
    return os.environ["PATH"]


@pytest.fixture
def demo(path: str, tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path, path)
    yield demo
    demo.process.terminate()
    demo.process.communicate(timeout=10)
    assert demo.left_behind() == []


async def test_the_demo_shows_a_federation_and_a_failover_that_one_can_try(demo: Demo) -> None:
    dns = demo.introduce()
    assert any(line.split() == [WORLD, "A", "180", EU, US, ASIA] for line in demo.lines)
    assert [name for _, _, name in demo.questions()] == [IN_ZONE.removesuffix("."), WORLD.removesuffix(".")]
    assert demo.answers(IN_ZONE.removesuffix(".")) == [EU]
    assert sorted(demo.answers(WORLD.removesuffix("."))) == [EU, US, ASIA]

    demo.try_it(r"^  (sed -i .*)$")
    await dns.come_to(IN_ZONE, [IN_EU, WORLD, US, ASIA], patience_s=5)
    explained = demo.try_it(r"`(feddns explain [^`]*)`")
    assert "  - eu: EndpointSlices: 0 of 2 endpoints ready" in explained
    assert "the zone still has" not in explained

    assert demo.end(signal.SIGINT) == 0
    assert demo.left_behind() == []


def test_the_demo_ends_well_when_it_is_terminated_and_starts_anew_over_what_it_left(tmp_path: Path) -> None:
    for _ in range(2):
        demo = Demo(tmp_path, os.environ["PATH"])
        demo.introduce()
        assert demo.answers(IN_ZONE.removesuffix(".")) == [EU]
        demo.try_it(r"^  (sed -i .*)$")
        assert demo.end(signal.SIGTERM) == 0
        demo.process.communicate()
        assert demo.left_behind() == []


async def test_a_demo_whose_reader_goes_away_leaves_no_server_behind(tmp_path: Path) -> None:
    demo = Demo(tmp_path, os.environ["PATH"])
    demo.introduce()
    assert demo.process.stdout is not None
    demo.process.stdout.close()
    demo.try_it(r"^  (sed -i .*)$")  # something to tell of
    await eventually(lambda: demo.process.poll() is not None, patience_s=10)
    assert demo.left_behind() == []
