"""What may go wrong with feddns itself, and with others at the same zone: nothing is lost, nothing interleaves."""

import asyncio
import json
import random
from typing import Any

import pytest

from tests.e2e.conftest import ADDRESSES, Scene
from tests.e2e.running import Feddns, configuration, eventually
from tests.lab.federation import Lab
from tests.servers import DnsServer, dig

pytestmark = pytest.mark.lab

ALL = sorted(ADDRESSES.values())
US, EU, ASIA = ADDRESSES["us"], ADDRESSES["eu"], ADDRESSES["asia"]
FOREIGN = """
www 300 A 192.0.2.200
www 300 TXT "not; yours" "second"
shop 300 MX 10 www
nginx.mynamespace.otherfederation.svc 60 A 192.0.2.201
_feddns.otherfederation.svc 60 TXT "heritage=feddns,federation=otherfederation,owner=other,seq=9"
*.wild 60 CNAME www
"""


def seq(bind: DnsServer) -> int:
    """The sequence number of the claim; 0 where there is none."""
    claim = dig(bind, "_feddns.myfederation.svc.example.com", "TXT")
    return int(claim[0].rsplit("seq=", 1)[1].rstrip('"')) if claim else 0


def ours(bind: DnsServer) -> list[str]:
    """The federation's records in the zone, without the claim."""
    return [line for line in bind.records() if ".myfederation.svc." in line and not line.startswith("_feddns.")]


def wanted(scene: Scene) -> list[str]:
    """What should be in the zone, written as `ours` is."""
    return sorted(
        f"{record['name']} {record['ttl']} {record['type']} {value}"
        for record in scene.feddns.records()
        for value in record["values"]
    )


async def test_killed_and_started_again_at_random_moments_it_converges(on_bind: Scene, bind: DnsServer) -> None:
    scene, chance = on_bind, random.Random(7)
    bind.seed(FOREIGN)
    foreign = [line for line in bind.records() if line not in ours(bind) and "_feddns.myfederation" not in line]
    services = ["nginx", "web", "api"]
    for service in services:
        await scene.expose(service)
        await scene.deploy(service)
    await scene.answers.come_to(scene.name(service="api"), ALL)

    for _ in range(8):
        for _ in range(3):
            cluster, service = chance.choice(list(ADDRESSES)), chance.choice(services)
            address = f"198.51.100.{chance.randrange(1, 250)}"
            await scene.lab[cluster].api.set_load_balancer(scene.namespace, service, address)
            await asyncio.sleep(chance.random() * 0.02)
        scene.feddns.kill()
        scene.feddns.start()
        await asyncio.sleep(chance.random() * 2.5)

    expected = wanted(scene)
    assert len(expected) == 27
    await eventually(lambda: ours(bind) == expected)
    assert [line for line in bind.records() if line in foreign] == foreign


async def test_a_restart_while_a_cluster_is_down_forgets_nothing(on_bind: Scene, bind: DnsServer) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    before = ours(bind)
    scene.lab["eu"].kill()
    scene.feddns.kill()
    scene.feddns.start()
    await eventually(lambda: len(scene.feddns.events("cluster visible")) == 2)
    await asyncio.sleep(1)
    assert ours(bind) == before
    await scene.lab["us"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), sorted((EU, ASIA)))
    assert await scene.answers.ask(scene.name("europe-west1-b.europe-west1")) == [EU]


async def test_a_restart_while_all_clusters_are_down_changes_no_byte(on_bind: Scene, bind: DnsServer) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    before = bind.records()
    for cluster in ADDRESSES:
        scene.lab[cluster].kill()
    assert scene.feddns.terminate() == 0
    scene.feddns.start()
    await asyncio.sleep(5)
    assert bind.records() == before


async def test_the_embedded_server_answers_after_a_restart_before_any_cluster_is_seen(on_embedded: Scene) -> None:
    scene = on_embedded
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    for cluster in ADDRESSES:
        scene.lab[cluster].kill()
    scene.feddns.kill()
    scene.feddns.start()
    await scene.answers.come_to(scene.name(), ALL)
    await scene.answers.come_to(scene.name("asia-east1-b.asia-east1"), [ASIA])


async def test_two_at_once_never_interleave(on_bind: Scene, bind: DnsServer) -> None:
    scene, chance = on_bind, random.Random(11)
    await scene.expose()
    await scene.deploy()
    with scene.another("second") as second:
        await scene.answers.come_to(scene.name(), ALL)
        await eventually(lambda: len(second.events("cluster visible")) == len(ADDRESSES))
        for _ in range(25):
            cluster = chance.choice(list(ADDRESSES))
            address = f"198.51.100.{chance.randrange(1, 250)}"
            await scene.lab[cluster].api.set_load_balancer(scene.namespace, "nginx", address)
            await asyncio.sleep(chance.random() * 0.05)
        expected = wanted(scene)
        await eventually(lambda: ours(bind) == expected)
        await asyncio.sleep(1)
        assert ours(bind) == expected
        written = sum(len(process.events("records written")) for process in (scene.feddns, second))
        assert written == seq(bind), "each batch that was taken counted the claim on by one, so none went in between"
        conflicts = sum(len(process.events("write conflict")) for process in (scene.feddns, second))
        assert conflicts > 0, "the two never met: this run proved nothing"


async def test_another_owners_federation_is_left_alone(on_bind: Scene, bind: DnsServer) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    before = bind.records()
    stranger = scene.another("stranger")
    text = stranger.configuration.read_text()
    stranger.configuration.write_text(text + "owner: someone-else\n")
    done = stranger.command("plan")
    assert done.returncode == 1
    assert 'owner "default"' in done.stdout
    assert stranger.command("apply").returncode == 1
    assert bind.records() == before


async def test_names_found_without_a_claim_are_left_alone_until_adopted(
    lab: Lab, namespace: str, bind: DnsServer, tmp_path: Any
) -> None:
    bind.seed(f"nginx.{namespace}.myfederation.svc 60 A 192.0.2.99")
    api = lab["us"].api
    await api.deploy(namespace, "nginx", zone="us-central1-b")
    await api.expose(namespace, "nginx", US)
    await api.endpoints_become(namespace, "nginx", 1)
    feddns = Feddns(tmp_path, configuration(lab.clusters.values(), bind.provider(), namespace))
    before = bind.records()
    refused = feddns.command("apply")
    assert refused.returncode == 1
    assert "feddns adopt" in refused.stdout
    assert bind.records() == before
    assert feddns.command("adopt", "--yes").returncode == 1
    assert bind.records() == before
    adopted = feddns.command("adopt", "--yes", "--allow-changes")
    assert adopted.returncode == 0, adopted.stdout
    applied = feddns.command("apply", "--output", "json")
    assert json.loads(applied.stdout)["summary"] == {"create": 2, "replace": 1, "delete": 0, "held": 0}
    assert dig(bind, f"nginx.{namespace}.myfederation.svc.example.com") == [US]
    assert feddns.command("plan", "--detailed-exitcode").returncode == 0


async def test_drift_is_repaired_and_only_ours(on_bind: Scene, bind: DnsServer) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    scene.feddns.kill()
    expected = ours(bind)
    name = scene.name("europe-west1")
    bind.seed(f"{name.removesuffix('.example.com.')} 180 A 192.0.2.66\n{FOREIGN}")
    scene.feddns.start()
    await eventually(lambda: ours(bind) == expected)
    assert dig(bind, "www.example.com") == ["192.0.2.200"]


async def test_a_name_server_that_is_away_for_a_while_gets_all_it_missed(on_bind: Scene, bind: DnsServer) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    bind.stop()
    await scene.lab["eu"].api.scale(scene.namespace, "nginx", 0)
    await eventually(lambda: bool(scene.feddns.events("provider failed")))
    bind.restart()
    await scene.answers.come_to(scene.name(), sorted((US, ASIA)))
