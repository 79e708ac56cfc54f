"""docs/tasks/on-premises-bind.md, done from its first command to its last: a real BIND, manifests for the clusters."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.chart import configuration, rendered
from tests.docs.pages import Command, Page
from tests.e2e.running import Answers, Feddns, eventually
from tests.lab.processes import LOOPBACK, free_port
from tests.rules.files import ROOT
from tests.servers import Bind, installed

pytestmark = pytest.mark.servers

PAGE = Page("tasks/on-premises-bind.md")
SERVER = "10.0.0.53"
ADDRESSES = {"berlin": "192.0.2.10", "munich": "192.0.2.20"}
WORLD = "web.shop.myfederation.svc.fed.example.com."
BERLIN = "web.shop.myfederation.svc.berlin.east.fed.example.com."
SOUTH = "web.shop.myfederation.svc.south.fed.example.com."
EAST = "web.shop.myfederation.svc.east.fed.example.com."
BOTH = sorted(ADDRESSES.values())
QUICK = {"dns": {"ttl": 2, "ttlFloor": 1}, "health": {"settle": "200ms", "holdDown": "200ms"}}
"""Nobody waits for a minute here; the page tells the times of its own settings."""


class DocumentedBind(Bind):
    """BIND with the page's key, zone file and statements."""

    def start(self) -> None:
        (make_key,) = PAGE.commands("tsig-keygen")
        program = installed("tsig-keygen")
        line = make_key.line.replace("tsig-keygen", program).replace("/etc/bind", str(self.folder))
        subprocess.run(line, shell=True, check=True)  # noqa: S602 - the page's own words
        (self.secret,) = re.findall(r'secret "(.*)"', (self.folder / "feddns.key").read_text())
        super().start()

    def _configure(self) -> list[str]:
        command = super()._configure()
        (zone_file,), (statements,) = PAGE.given("zone"), PAGE.given("named")
        (self.folder / "fed.example.com.zone").write_text(zone_file)
        path = self.folder / "named.conf"
        own = path.read_text()
        for told in ("/etc/bind", "/var/lib/bind"):
            statements = statements.replace(told, str(self.folder))
        path.write_text(own[: own.index("key ")] + statements)
        return command


class Site:
    """The page's clusters as folders of manifests, and its name server."""

    def __init__(self, folder: Path, bind: DocumentedBind) -> None:
        self.folder = folder
        self.bind = bind
        self.answers = Answers(bind.host, bind.port)
        (folder / "feddns.key").write_bytes((bind.folder / "feddns.key").read_bytes())
        for name, address in ADDRESSES.items():
            (folder / name).mkdir()
            (applied,) = (each.words[-1] for each in PAGE.commands("kubectl") if each.words[2:4] == (name, "apply"))
            told = yaml.safe_load_all((ROOT / applied).read_text())
            objects = [each | _status(each, address) for each in told]
            (folder / name / "web.yaml").write_text(yaml.safe_dump_all(objects))
            self.scale(name, ready=True)

    def scale(self, name: str, *, ready: bool) -> None:
        """What a scaled Deployment does to its EndpointSlice."""
        endpoints = [{"addresses": ["10.1.0.7"], "conditions": {"ready": True}}] if ready else []
        text = yaml.safe_dump(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "namespace": "shop",
                    "name": "web-1",
                    "labels": {"kubernetes.io/service-name": "web"},
                },
                "addressType": "IPv4",
                "endpoints": endpoints,
            }
        )
        new = self.folder / name / ".slice"
        new.write_text(text)
        new.rename(self.folder / name / "slice.yaml")

    def clusters(self) -> list[dict[str, Any]]:
        """As the page's `feddns join` has them."""
        found = []
        for command in PAGE.commands("feddns"):
            words = list(command.words)
            if words[1] == "join":
                options = dict(zip(words[3::2], words[4::2], strict=True))
                found.append(
                    {
                        "name": options["--name"],
                        "region": options["--region"],
                        "zones": options["--zones"].split(","),
                        "manifests": str(self.folder / options["--name"]),
                    }
                )
        return found

    def here(self, told: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A configuration of the page, on this machine."""
        tsig = {"secretFile": str(self.folder / "feddns.key")}
        provider = {"rfc2136": {"server": f"{self.bind.host}:{self.bind.port}", "tsig": tsig}}
        kept = {key: value for key, value in told.items() if key not in {"clusterSecrets", "leaderElection"}}
        return {
            **kept,
            "dns": {**told["dns"], "provider": provider, **more.pop("dns", {})},
            "clusters": self.clusters(),
            "state": {"file": str(self.folder / "state.json")},
            **more,
        }

    def run(self, command: Command) -> str:
        """Run a command of the page that speaks to the name server."""
        line = command.line.replace(f"server {SERVER}", f"server {self.bind.host} {self.bind.port}")
        line = line.replace(f"@{SERVER}", f"@{self.bind.host} -p {self.bind.port}")
        done = subprocess.run(line, shell=True, cwd=self.folder, capture_output=True, text=True, check=False)  # noqa: S602 - the page's own words
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def shows(self, *commands: Command) -> None:
        """The commands print what the page says, in whatever order the name server rotates addresses into."""
        for command in commands:
            assert sorted(self.run(command).split()) == sorted(command.output.split()), command.line


def _status(each: dict[str, Any], address: str) -> dict[str, Any]:
    return {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}} if each["kind"] == "Service" else {}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with DocumentedBind(zone="fed.example.com") as bind:
        yield Site(tmp_path, bind)


def test_the_files_on_the_two_machines_ask_for_the_same_records() -> None:
    laptop = yaml.safe_load(PAGE.file("feddns.yaml"))
    pod = yaml.safe_load(PAGE.file("feddns-values.yaml"))["config"]
    laptop["dns"]["provider"]["rfc2136"]["tsig"] = pod["dns"]["provider"]["rfc2136"]["tsig"]
    assert {key: laptop[key] for key in pod} == pod


async def test_the_page_leads_from_bare_clusters_to_a_failover(site: Site) -> None:
    asked = PAGE.commands("dig")
    for command in (PAGE.commands("nsupdate")[0], asked[0], PAGE.commands("nsupdate")[1]):
        assert site.run(command) == command.output
    _look(site)
    pod = configuration(rendered(yaml.safe_load(PAGE.file("feddns-values.yaml"))))
    web = {"listen": f"{LOOPBACK}:{free_port()}"}
    with Feddns(site.folder, site.here(pod, web=web, **QUICK), "pod") as feddns:
        await site.answers.come_to(WORLD, BOTH)
        site.shows(*asked[1:3])
        await eventually(lambda: plain(feddns.command("status").stdout) == plain(PAGE.file("feddns status")))
        for line in ("whatif --drain berlin", "drain berlin --for 1h"):
            assert feddns.command(*line.split()).returncode == 0
        await site.answers.come_to(WORLD, [ADDRESSES["munich"]])
        await site.answers.come_to(BERLIN, [EAST, WORLD, ADDRESSES["munich"]])
        site.shows(*asked[3:5])
        assert feddns.command("undrain", "berlin").returncode == 0
        await site.answers.come_to(WORLD, BOTH)
        site.scale("munich", ready=False)
        await site.answers.come_to(SOUTH, [WORLD, ADDRESSES["berlin"]])
        site.shows(asked[5])
        assert "munich: EndpointSlices: no endpoints" in feddns.command("explain", "shop/web").stdout
        site.scale("munich", ready=True)
        await site.answers.come_to(WORLD, BOTH)
    assert len(asked) == 6


def _look(site: Site) -> None:
    """Run what the page runs before anything is written."""
    laptop = Feddns(site.folder, site.here(yaml.safe_load(PAGE.file("feddns.yaml"))), "laptop")
    told = {verb: laptop.command(verb) for verb in ("check", "clusters", "zones", "plan")}
    assert {verb: done.stderr for verb, done in told.items() if done.returncode} == {}
    assert told["clusters"].stdout.count(" True ") == len(ADDRESSES)
    assert told["plan"].stdout == PAGE.file("feddns plan")
    assert {record.split()[2] for record in site.bind.records()} == {"NS", "A"}
    assert not any("myfederation" in record for record in site.bind.records())


def plain(text: str) -> list[str]:
    """The lines without times and digests, and without what aligns them."""
    lines = (re.sub(r"\b\d+s\b|\b[0-9a-f]{12}\b", "?", line) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines if line.strip()]
