import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
import structlog

from feddns.clusters.decode import ServiceFacts
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.events import EventReporter
from feddns.clusters.view import ClusterView
from feddns.config.settings import ClusterSettings
from feddns.model.services import Problem, ServiceKey
from tests.clusters.kubernetes.reporting import events, events_become, reporting
from tests.clusters.observing import Recorder, until
from tests.lab.cluster import Cluster
from tests.lab.federation import Lab

NOW = 1_800_000_000.0


@pytest.fixture
def us(lab: Lab) -> Cluster:
    return lab["us"]


async def test_a_bad_annotation_becomes_one_event_until_it_changes(us: Cluster, namespace: str) -> None:
    with structlog.testing.capture_logs() as lines:
        async with reporting(us.kubeconfig):
            await us.api.expose(namespace, "web", annotations={"feddns.io/ttl": "soon"})
            await events_become(us.api, namespace, 1)
            (event,) = await events(us.api, namespace)
            service = await us.api.request("GET", f"/api/v1/namespaces/{namespace}/services/web")
            assert event["involvedObject"]["uid"] == service["metadata"]["uid"]
            assert (event["type"], event["reason"], event["count"]) == ("Warning", "InvalidAnnotation", 1)
            assert "annotation feddns.io/ttl is 'soon'" in event["message"]
            assert event["source"] == {"component": "feddns"}
            await us.api.annotate(namespace, "web", {"unrelated": "change"})
            await us.api.annotate(namespace, "web", {"feddns.io/ttl": "later"})
            await events_become(us.api, namespace, 2)
        async with reporting(us.kubeconfig):
            await asyncio.sleep(0.5)
            assert len(await events(us.api, namespace)) == 2
    told = [line for line in lines if line["event"] == "problem" and line["service"] == f"{namespace}/web"]
    assert [line["text"].split("'")[1] for line in told] == ["soon", "later", "later"]


async def test_where_events_are_not_allowed_that_is_logged_once(us: Cluster, namespace: str) -> None:
    await us.api.expose(namespace, "web", annotations={"feddns.io/ttl": "soon"})
    with structlog.testing.capture_logs() as lines:
        async with reporting(us.feddns_kubeconfig):
            await until(lambda: any(line["event"] == "events refused" for line in lines))
            await us.api.annotate(namespace, "web", {"feddns.io/ttl": "later"})
            await until(lambda: any("later" in json.dumps(line) for line in lines))
    assert [line["event"] for line in lines].count("events refused") == 1
    assert await events(us.api, namespace) == []


async def test_an_event_is_told_to_the_service_of_that_uid(us: Cluster, namespace: str) -> None:
    async with reporting(us.kubeconfig) as source:
        for count in (1, 2):
            await us.api.expose(namespace, "web", annotations={"feddns.io/ttl": "soon"})
            await events_become(us.api, namespace, count)
            await us.api.delete(f"/api/v1/namespaces/{namespace}/services/web")
            await until(lambda: source.view.shard(ServiceKey(namespace, "web")) is None)
            await asyncio.sleep(1.1)  # longer than the reporter's pause, so that it sees the Service gone
    assert len({event["involvedObject"]["uid"] for event in await events(us.api, namespace)}) == 2


class Taking:
    """An API server that takes every Event."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, Any]] = []

    async def post(self, _: str, body: Mapping[str, Any]) -> bytes:
        self.taken.append(body)
        return b"{}"


@pytest.mark.servers
async def test_of_thousands_of_problems_a_few_are_said_a_second_and_others_have_their_turn() -> None:
    view, api = ClusterView(ClusterSettings(name="us"), 45.0, Recorder(), NOW), Taking()
    keys = [ServiceKey("shop", f"s{number}") for number in range(3_000)]
    view.replace_services({key: ServiceFacts(str(key), None, (Problem("Bad", str(key)),)) for key in keys}, NOW)
    for key in keys:
        view.concern(key, "a budget", (Problem("DeletionHeld", f"{key}: held"),))
    reporter = EventReporter(view, cast("Access", api), 1.0, lambda: NOW)
    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(reporter.run())
        turns = 0
        while not api.taken:
            turns += 1
            await asyncio.sleep(0)
        task.cancel()
    assert turns > 3_000 // 32 + 6_000 // 256
    assert len(lines) == 3_000
    assert len(api.taken) == 20
