"""The classic scenario: nginx in three clusters, records that follow its endpoints, and a cluster that fails."""

import asyncio

import pytest

from tests.e2e.conftest import ADDRESSES, Scene

pytestmark = pytest.mark.lab

US, EU, ASIA = ADDRESSES["us"], ADDRESSES["eu"], ADDRESSES["asia"]
ALL = sorted(ADDRESSES.values())


async def test_records_appear_when_endpoints_become_ready_and_follow_them(scene: Scene) -> None:
    await scene.expose()
    await asyncio.sleep(1)
    assert await scene.answers.ask(scene.name()) in ([], ["no answer"])

    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    assert await scene.answers.ask(scene.name("us-central1-b.us-central1")) == [US]
    assert await scene.answers.ask(scene.name("europe-west1")) == [EU]
    assert await scene.answers.ask(scene.name("asia-east1-b.asia-east1")) == [ASIA]

    await scene.lab["eu"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), sorted((US, ASIA)))
    chain = [scene.name("europe-west1"), scene.name(), *sorted((US, ASIA))]
    assert await scene.answers.ask(scene.name("europe-west1-b.europe-west1")) == chain

    await scene.lab["eu"].api.scale(scene.namespace, "nginx", 1)
    await scene.answers.come_to(scene.name("europe-west1-b.europe-west1"), [EU])
    await scene.answers.come_to(scene.name(), ALL)


async def test_a_second_service_is_never_disturbed(scene: Scene) -> None:
    await scene.expose()
    await scene.expose("other")
    await scene.deploy()
    await scene.deploy("other")
    scopes = ("", "us-central1", "europe-west1-b.europe-west1", "asia-east1")
    await scene.answers.come_to(scene.name(service="other"), ALL)
    before = [await scene.answers.ask(scene.name(scope, "other")) for scope in scopes]

    await scene.lab["eu"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), sorted((US, ASIA)))
    for cluster in ADDRESSES:
        await scene.lab[cluster].api.delete(f"/api/v1/namespaces/{scene.namespace}/services/nginx")
    await scene.answers.come_to(scene.name(), [])
    assert [await scene.answers.ask(scene.name(scope, "nginx")) for scope in scopes] == [[], [], [], []]
    assert [await scene.answers.ask(scene.name(scope, "other")) for scope in scopes] == before


async def test_a_killed_api_server_changes_no_record_and_delays_no_other_cluster(scene: Scene) -> None:
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    scene.lab["eu"].kill()
    await scene.lab["us"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), sorted((EU, ASIA)), patience_s=5)
    for _ in range(60):  # well past the time after which the cluster is lost
        assert await scene.answers.ask(scene.name("europe-west1-b.europe-west1")) == [EU]
        assert await scene.answers.ask(scene.name()) == sorted((EU, ASIA))
        await asyncio.sleep(0.1)
    assert [line["cluster"] for line in scene.feddns.events("cluster lost")] == ["eu"]
    await scene.lab["eu"].restart()
    await scene.lab["eu"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), [ASIA])


async def test_a_hanging_api_server_changes_no_record(on_bind: Scene) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    scene.lab["asia"].stop()
    await scene.lab["us"].api.scale(scene.namespace, "nginx", 0)
    await scene.answers.come_to(scene.name(), sorted((EU, ASIA)), patience_s=5)
    for _ in range(60):
        assert await scene.answers.ask(scene.name("asia-east1")) == [ASIA]
        await asyncio.sleep(0.1)
    assert [line["cluster"] for line in scene.feddns.events("cluster lost")] == ["asia"]


async def test_a_new_load_balancer_address_replaces_the_old(scene: Scene) -> None:
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    await scene.lab["eu"].api.set_load_balancer(scene.namespace, "nginx", "203.0.113.31", "2001:db8::31")
    await scene.answers.come_to(scene.name("europe-west1"), ["203.0.113.31"])
    await scene.answers.come_to(scene.name("europe-west1"), ["2001:db8::31"], "AAAA")
    await scene.answers.come_to(scene.name(), sorted((US, ASIA, "203.0.113.31")))


async def test_a_ttl_annotation_is_followed_and_a_bad_one_is_told_on_the_service(on_bind: Scene) -> None:
    scene = on_bind
    await scene.expose()
    await scene.deploy()
    await scene.answers.come_to(scene.name(), ALL)
    for cluster in ADDRESSES:
        await scene.lab[cluster].api.annotate(scene.namespace, "nginx", {"feddns.io/ttl": "30"})

    def ttls() -> set[int]:
        return {record["ttl"] for record in scene.feddns.records()}

    assert ttls() == {30}
    await scene.lab["us"].api.annotate(scene.namespace, "nginx", {"feddns.io/ttl": "soon"})
    assert ttls() == {30}
    warned = scene.feddns.command("records").stderr
    assert "soon" in warned
