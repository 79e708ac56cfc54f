"""Events as a real API server takes them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.clusters.kubernetes.recorder import Recorder, Saying
from feddns.config.settings import WatchSettings
from feddns.model.services import ServiceKey
from tests.clusters.kubernetes.reporting import events
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

NOW = 1_800_000_000.0


class Scene:
    """A Service, and recorders that stand for processes one after another."""

    def __init__(self, us: Cluster, namespace: str, uid: str, access: Access) -> None:
        self.api = us.api
        self._key = ServiceKey(namespace, "web")
        self._uid = uid
        self._access = access
        self.now = NOW

    def recorder(self) -> Recorder:
        return Recorder("us", self._access, lambda: self.now)

    def saying(self, text: str, *, counts: bool = True) -> Saying:
        subject = "verdict" if counts else text
        return Saying(self._key, self._uid, "Warning", "BecameUnhealthy", text, subject, counts=counts)

    async def there(self) -> list[tuple[int, str]]:
        """How often what was said, by Event."""
        return [(each["count"], each["message"]) for each in await self.all()]

    async def all(self) -> list[Any]:
        return await events(self.api, self._key.namespace)


@pytest.fixture
async def scene(lab: Lab, namespace: str) -> AsyncIterator[Scene]:
    us = lab["us"]
    await us.api.expose(namespace, "web")
    service = await us.api.request("GET", f"/api/v1/namespaces/{namespace}/services/web")
    async with asyncio.timeout(60):
        access = Access(Kubeconfig(us.kubeconfig, None), WatchSettings(), lambda: NOW)
        yield Scene(us, namespace, service["metadata"]["uid"], access)
        await access.close()


async def test_what_turns_again_is_counted_up_with_the_latest_words_also_by_another_process(scene: Scene) -> None:
    recorder = scene.recorder()
    for text in ("0 of 1 ready", "0 of 2 ready"):
        await recorder.say(scene.saying(text))
        scene.now += 60
    other = scene.recorder()
    for text in ("no endpoints", "0 of 3 ready"):
        await other.say(scene.saying(text))
    assert await scene.there() == [(4, "0 of 3 ready")]
    (event,) = await scene.all()
    assert (event["firstTimestamp"], event["lastTimestamp"]) == ("2027-01-15T08:00:00Z", "2027-01-15T08:02:00Z")


async def test_a_problem_that_another_process_has_told_is_not_told_again(scene: Scene) -> None:
    await scene.recorder().say(scene.saying("is 'soon'", counts=False))
    other = scene.recorder()
    await other.say(scene.saying("is 'soon'", counts=False))
    assert await scene.there() == [(1, "is 'soon'")]
    await other.say(scene.saying("is 'soon'", counts=False))  # it was over in between
    assert await scene.there() == [(2, "is 'soon'")]


async def test_an_event_that_has_expired_is_written_anew(scene: Scene) -> None:
    recorder = scene.recorder()
    for _ in range(2):
        await recorder.say(scene.saying("no endpoints"))
    (event,) = await scene.all()
    path = f"/api/v1/namespaces/{event['metadata']['namespace']}/events/{event['metadata']['name']}"
    await scene.api.delete(path)
    await recorder.say(scene.saying("no endpoints"))
    assert await scene.there() == [(1, "no endpoints")]


async def test_where_events_may_be_created_and_not_patched_the_first_is_there(
    lab: Lab, namespace: str, scene: Scene
) -> None:
    us = lab["us"]
    role = {"metadata": {"name": "tell"}, "rules": [{"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}]}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "feddns"}
    binding = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "tell"}
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    await us.api.request("POST", f"{rbac}/roles", role)
    await us.api.request(
        "POST", f"{rbac}/rolebindings", {"metadata": {"name": "tell"}, "roleRef": binding, "subjects": [subject]}
    )
    access = Access(Kubeconfig(us.feddns_kubeconfig, None), WatchSettings(), lambda: NOW)
    recorder = Recorder("us", access, lambda: NOW)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            await recorder.say(scene.saying("no endpoints"))
    await access.close()
    assert await scene.there() == [(1, "no endpoints")]
    assert [line["event"] for line in lines] == ["events refused"]
