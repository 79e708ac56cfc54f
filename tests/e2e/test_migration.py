"""From ExternalDNS to feddns: the real program writes names and stays at work while feddns takes them over."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.e2e.conftest import ADDRESSES
from tests.e2e.running import Answers, Feddns, configuration, eventually
from tests.lab.binaries import program
from tests.lab.federation import Lab
from tests.lab.processes import LOOPBACK, Process, free_port
from tests.servers import DnsServer, dig

pytestmark = pytest.mark.lab

US = ADDRESSES["us"]
HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
OWNER = "old-cluster"


class ExternalDns:
    """ExternalDNS at one cluster and BIND, with the policy that deletes what is no longer asked for."""

    def __init__(self, lab: Lab, namespace: str, bind: DnsServer, *flags: str) -> None:
        command = [
            str(program("external-dns")),
            "--source=service",
            f"--namespace={namespace}",
            f"--kubeconfig={lab['us'].kubeconfig}",
            "--provider=rfc2136",
            f"--rfc2136-host={bind.host}",
            f"--rfc2136-port={bind.port}",
            f"--rfc2136-zone={bind.zone}",
            f"--rfc2136-tsig-keyname={bind.key_name}",
            f"--rfc2136-tsig-secret={bind.secret}",
            f"--rfc2136-tsig-secret-alg={bind.algorithm}",
            "--rfc2136-tsig-axfr",
            "--registry=txt",
            f"--txt-owner-id={OWNER}",
            "--policy=sync",
            "--interval=500ms",
            "--min-event-sync-interval=100ms",
            f"--metrics-address={LOOPBACK}:{free_port()}",
            *flags,
        ]
        self.process = Process(command, bind.folder / "external-dns.log")

    def __enter__(self) -> Self:
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()


class Migration:
    """A Service in one cluster whose names ExternalDNS writes, and feddns that is to take them over."""

    def __init__(self, lab: Lab, namespace: str, bind: DnsServer, folder: Path) -> None:
        self.api = lab["us"].api
        self.namespace = namespace
        self.bind = bind
        self.answers = Answers(bind.host, bind.port)
        hostnames = [{"domain": "example.com", "namespaces": ["*"]}]
        settings = configuration(lab.clusters.values(), bind.provider(), namespace, hostnames=hostnames)
        self.feddns = Feddns(folder, settings)

    @property
    def name(self) -> str:
        return f"nginx.{self.namespace}.myfederation.svc.example.com."

    async def set_up(self, hostname: str) -> None:
        """Two Services with names by ExternalDNS: one that feddns federates, and one that shows what else happens."""
        await self.api.deploy(self.namespace, "nginx", zone="us-central1-b")
        for service, wanted in (("nginx", hostname), ("control", "control.example.com")):
            annotations = {HOSTNAME: wanted, "feddns.io/ignore": str(service == "control").lower()}
            await self.api.expose(self.namespace, service, US, annotations=annotations)
        await self.api.endpoints_become(self.namespace, "nginx", 1)
        await self.answers.come_to(f"{hostname}.", [US])
        await self.answers.come_to("control.example.com.", [US])

    async def withdraw(self) -> None:
        """ExternalDNS is no longer asked for either name; it takes away what it believes to own."""
        for service in ("nginx", "control"):
            await self.api.annotate(self.namespace, service, {HOSTNAME: None})
        await self.answers.come_to("control.example.com.", [])
        await asyncio.sleep(2)  # four more of its rounds

    def texts(self) -> list[str]:
        """What ExternalDNS says it owns of the federated service."""
        return [line for line in self.bind.records() if "heritage=external-dns" in line and "control" not in line]


@pytest.fixture
def migration(lab: Lab, namespace: str, bind: DnsServer, tmp_path: Path) -> Migration:
    return Migration(lab, namespace, bind, tmp_path)


@pytest.fixture(params=[[], ["--txt-prefix=%{record_type}-owner."]], ids=["default", "prefix"])
def external_dns(request: pytest.FixtureRequest, lab: Lab, namespace: str, bind: DnsServer) -> Iterator[list[str]]:
    """ExternalDNS at work; gives the options that it was started with beside the usual."""
    with ExternalDns(lab, namespace, bind, *request.param):
        yield request.param


async def test_a_federations_names_by_external_dns_are_taken_over_and_it_deletes_none_of_them(
    migration: Migration, external_dns: list[str]
) -> None:
    await migration.set_up(migration.name.removesuffix("."))
    assert len(migration.texts()) == 1
    assert OWNER in migration.texts()[0]
    refused = migration.feddns.command("apply")
    assert refused.returncode == 1
    assert "feddns adopt" in refused.stdout
    asked = migration.feddns.command("adopt", *external_dns)
    assert asked.returncode == 1
    assert "nothing was written" in asked.stderr
    before = await migration.answers.ask(migration.name)

    adopted = migration.feddns.command("adopt", "--yes", "--output", "json", *external_dns)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    made = json.loads(adopted.stdout)
    assert made["proof"]["differences"] == []
    assert made["services"][0]["records"][0]["externalDns"]["owner"] == OWNER
    assert migration.texts() == []
    assert await migration.answers.ask(migration.name) == before == [US]

    assert migration.feddns.command("apply").returncode == 0
    assert migration.texts() == [], "it has been asked for the name all the while, and took nothing back"
    await migration.withdraw()
    assert dig(migration.bind, migration.name) == [US]
    assert migration.feddns.command("plan", "--detailed-exitcode").returncode == 0


async def test_a_hostname_by_external_dns_is_taken_over_with_the_same_answer_and_it_does_not_take_it_back(
    migration: Migration, external_dns: list[str]
) -> None:
    await migration.set_up("shop.example.com")
    await migration.api.annotate(migration.namespace, "nginx", {"feddns.io/hostname": "shop.example.com"})
    adopted = migration.feddns.command("adopt", "--yes", *external_dns)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert await migration.answers.ask("shop.example.com.") == [migration.name, US]
    assert migration.texts() == []
    with migration.feddns:
        await eventually(lambda: dig(migration.bind, migration.name.replace("svc.", "svc.us-central1.")) == [US])
        await migration.withdraw()
        assert await migration.answers.ask("shop.example.com.") == [migration.name, US]
