"""Listing and watching against a scripted API server: what a real one cannot be made to say."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from feddns.config.settings import WatchSettings
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from tests.clusters import objects
from tests.clusters.kubernetes.scripted import WEB, Observed
from tests.clusters.kubernetes.servers import ScriptedApi, page, status
from tests.clusters.observing import QUICK, is_visible, state, until

pytestmark = pytest.mark.servers  # which takes seconds

API = ServiceKey("shop", "api")


@pytest.fixture
async def observed(tmp_path: Path) -> AsyncIterator[Observed]:
    async with ScriptedApi().serving() as api:
        yield Observed(api, tmp_path, QUICK)


async def test_events_change_the_view(observed: Observed) -> None:
    async with observed.visible():
        observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.2"))
        await observed.shows("192.0.2.2")
        observed.api.services.tell("ADDED", objects.service("api", "192.0.2.3"))
        await observed.shows("192.0.2.3", key=API)
        observed.api.services.tell("DELETED", objects.service("web", "192.0.2.2"))
        await until(lambda: observed.addresses() is None)
        observed.api.slices.tell("MODIFIED", objects.endpoint_slice("api-1", "api", ready=[True, True]))
        await until(lambda: (shard := observed.view.shard(API)) is not None and shard.ready.total == 2)


async def test_a_list_is_asked_for_in_pages_and_taken_as_a_whole(observed: Observed) -> None:
    services = observed.api.services
    services.lists += [
        page(objects.service("web", "192.0.2.1"), continued="next/+="),
        page(objects.service("api", "192.0.2.2"), continued="last"),
        page(version="11"),
    ]
    async with observed.visible():
        assert sorted(observed.view.keys()) == [API, WEB]
    asked = services.asked_to_list
    assert [query.get("continue") for query in asked] == [None, "next/+=", "last"]
    assert {query["limit"] for query in asked} == {"500"}
    assert all("resourceVersion" not in query for query in asked)
    assert services.asked_to_watch[0]["resourceVersion"] == "11"
    assert services.asked_to_watch[0]["allowWatchBookmarks"] == "true"


async def test_a_list_whose_continuation_has_expired_begins_again(observed: Observed) -> None:
    observed.api.services.lists += [
        page(objects.service("web", "192.0.2.9"), continued="next"),
        status(410, "Expired", "The provided continue parameter is too old"),
    ]
    async with observed.visible():
        assert observed.addresses() == ("192.0.2.1",)
    assert [query.get("continue") for query in observed.api.services.asked_to_list] == [None, "next", None]


@pytest.mark.servers  # takes its time
async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(tmp_path: Path) -> None:
    patient = WatchSettings(connect_timeout=30.0, silence=30.0, longest_backoff=0.1)
    async with ScriptedApi().serving() as api:
        api.services.lists.append(web.Response(body=b" " * 65 * 2**20))
        async with Observed(api, tmp_path, patient).visible() as observed:
            assert list(observed.view.keys()) == [WEB]
        assert [query["limit"] for query in api.services.asked_to_list] == ["500", "50"]


@pytest.mark.servers  # takes its time
@pytest.mark.parametrize("code", [410, 504])
async def test_a_watch_that_ends_with_an_error_goes_on(observed: Observed, code: int) -> None:
    async with observed.visible():
        observed.api.services.objects = [objects.service("api", "192.0.2.3")]
        for number in range(1 if code == 410 else 4):
            await until(lambda number=number: len(observed.api.services.asked_to_watch) > number)  # type: ignore[misc]
            observed.api.services.tell("ERROR", {"kind": "Status", "code": code})
        await observed.shows("192.0.2.3", key=API)
        assert observed.addresses() is None


async def test_a_version_that_is_too_old_to_watch_from_is_listed_again(observed: Observed) -> None:
    services = observed.api.services
    services.watches.append(status(410, "Expired", "too old resource version"))
    async with observed.visible():
        await until(lambda: len(services.asked_to_watch) == 2)
    assert len(services.asked_to_list) == 2


async def test_a_watch_goes_on_at_the_last_version_seen(observed: Observed) -> None:
    services = observed.api.services
    async with observed.visible():
        services.tell("MODIFIED", objects.service("web", "192.0.2.2", resourceVersion="21"))
        services.tell("BOOKMARK", {"kind": "Service", "metadata": {"resourceVersion": "25"}})
        await observed.shows("192.0.2.2")
        services.end_watch()
        await until(lambda: len(services.asked_to_watch) == 2)
    assert [query["resourceVersion"] for query in services.asked_to_watch] == ["10", "25"]
    assert len(services.asked_to_list) == 1


@pytest.mark.servers  # takes its time
async def test_a_silent_watch_is_opened_again_without_a_list_and_the_cluster_stays_visible(tmp_path: Path) -> None:
    watch = WatchSettings(connect_timeout=1.0, silence=0.6, lost_after=3.0, longest_backoff=0.2)
    async with ScriptedApi().serving() as api, Observed(api, tmp_path, watch).visible() as observed:
        await until(lambda: len(api.services.asked_to_watch) >= 5)
        assert state(observed.view).sight is Sight.VISIBLE
        assert state(observed.view).reason == ""
        assert len(api.services.asked_to_list) == len(api.slices.asked_to_list) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"{not json",
        b"[]",
        b'{"type": 5, "object": {}}',
        b'{"type": "PURPLE", "object": {}}',
        b"\xff\xfe",
        b'{"type": "ADDED"}',
    ],
)
async def test_a_line_that_is_no_event_leads_to_a_list(observed: Observed, line: bytes) -> None:
    services = observed.api.services
    async with observed.visible():
        services.objects = [objects.service("web", "192.0.2.5")]
        services.send(line)
        await observed.shows("192.0.2.5")
        assert state(observed.view).sight is Sight.VISIBLE
        services.tell("MODIFIED", objects.service("web", "192.0.2.6"))
        await observed.shows("192.0.2.6")


async def test_an_event_that_is_too_large_leads_to_a_list(observed: Observed) -> None:
    services = observed.api.services
    async with observed.visible():
        services.objects = [objects.service("web", "192.0.2.5")]
        services.tell("MODIFIED", objects.service("web", "192.0.2.4", annotations={"x": "x" * 9 * 2**20}))
        await observed.shows("192.0.2.5")


async def test_an_empty_line_is_nothing(observed: Observed) -> None:
    async with observed.visible():
        observed.api.services.send(b"")
        observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.2"))
        await observed.shows("192.0.2.2")
        assert len(observed.api.services.asked_to_list) == 1


async def test_an_object_of_a_strange_shape_is_reported_and_stays_as_it_was(observed: Observed) -> None:
    strange = {**objects.service("web", "192.0.2.7"), "spec": "surprise"}
    async with observed.visible():
        observed.api.services.tell("MODIFIED", strange)
        observed.api.services.tell("ADDED", objects.service("api", "192.0.2.3"))
        await observed.shows("192.0.2.3", key=API)
        assert observed.addresses() == ("192.0.2.1",)
        (problem,) = state(observed.view).problems
        assert problem.reason == "UnreadableObject"
        assert problem.text.startswith(
            "cluster us: shop/web of services cannot be read and stays as it was: Expected `object | null`"
        )
        observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.8"))
        await observed.shows("192.0.2.8")
        assert state(observed.view).problems == ()


async def test_an_object_of_a_strange_shape_in_a_list_stays_as_it_was_too(observed: Observed) -> None:
    services = observed.api.services
    strange = {**objects.service("web"), "spec": "surprise"}
    async with observed.visible():
        services.objects = [strange, objects.service("api", "192.0.2.3"), {"metadata": 5}]
        services.tell("ERROR", {"code": 410})
        await observed.shows("192.0.2.3", key=API)
        assert observed.addresses() == ("192.0.2.1",)
        assert [problem.reason for problem in state(observed.view).problems] == ["UnreadableObject"] * 2
        services.objects = []
        services.tell("ERROR", {"code": 410})
        await until(lambda: not observed.view.keys())
        assert state(observed.view).problems == ()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"metadata": {}}', b'{"items": 5, "metadata": {}}', b"\xff"])
async def test_what_is_no_list_leaves_the_cluster_unseen_and_is_tried_again(observed: Observed, body: bytes) -> None:
    observed.api.services.lists += [web.Response(body=body) for _ in range(3)]
    async with observed.running():
        await until(lambda: "list of services" in state(observed.view).reason)
        await until(is_visible(observed.view))


async def test_an_error_of_the_server_is_told_and_tried_again(observed: Observed) -> None:
    observed.api.services.lists += [status(500, "InternalError", "etcd is unwell") for _ in range(3)]
    async with observed.running():
        await until(lambda: "refused GET /api/v1/services: 500 etcd is unwell" in state(observed.view).reason)
        assert state(observed.view).sight is Sight.UNSEEN
        await until(is_visible(observed.view))
        assert state(observed.view).reason == ""


async def test_an_error_page_of_something_in_between_is_told_by_its_status(observed: Observed) -> None:
    observed.api.services.lists += [web.Response(status=502, text="<html>") for _ in range(3)]
    async with observed.running():
        await until(lambda: state(observed.view).reason.endswith("502 Bad Gateway"))


@pytest.mark.servers  # takes its time
async def test_a_server_that_is_busy_is_left_alone_for_as_long_as_it_asks(observed: Observed) -> None:
    observed.api.services.lists.append(status(429, "TooManyRequests", "later", Retry_After="1"))
    async with observed.running():
        began = time.monotonic()
        await until(is_visible(observed.view))
        assert time.monotonic() - began >= 1.0


@pytest.mark.servers  # takes its time
@pytest.mark.parametrize(("code", "lists"), [(504, 6), (429, 3), (403, 6)])
async def test_a_watch_that_is_refused_leads_to_a_list_but_by_a_busy_server(
    observed: Observed, code: int, lists: int
) -> None:
    services = observed.api.services
    services.watches += [status(code, "Refused", "no watch just now") for _ in range(5)]
    async with observed.visible():
        await until(lambda: len(services.asked_to_watch) == 6)
    assert len(services.asked_to_list) == lists


async def test_a_server_that_cannot_select_by_type_is_asked_for_all(observed: Observed) -> None:
    services = observed.api.services
    services.lists.append(status(400, "BadRequest", 'field label not supported: "spec.type"'))
    services.objects.append({**objects.service("db"), "spec": {"type": "ClusterIP"}})
    async with observed.visible():
        assert list(observed.view.keys()) == [WEB]
    assert [query.get("fieldSelector") for query in services.asked] == ["spec.type=LoadBalancer", None, None]


@pytest.mark.servers  # takes its time
async def test_where_watching_is_not_allowed_lists_go_on_and_the_verb_is_named(observed: Observed) -> None:
    services = observed.api.services
    services.watches += [status(403, "Forbidden", 'cannot watch resource "services"') for _ in range(7)]
    async with observed.visible():
        await until(lambda: bool(state(observed.view).problems))
        (problem,) = state(observed.view).problems
        assert problem.reason == "MissingPermission"
        assert "its credentials may not watch services; grant that verb" in problem.text
        assert state(observed.view).sight is Sight.VISIBLE
        services.objects = [objects.service("web", "192.0.2.9")]
        await observed.shows("192.0.2.9")
        await until(lambda: not state(observed.view).problems)


@pytest.mark.servers  # takes its time
async def test_trouble_with_one_kind_leaves_the_other_alone(observed: Observed) -> None:
    observed.api.slices.lists += [status(500) for _ in range(4)]
    async with observed.running():
        await until(lambda: bool(observed.view.keys()))
        assert state(observed.view).sight is Sight.UNSEEN
        await until(is_visible(observed.view))


@pytest.mark.servers  # takes its time
async def test_a_cluster_that_was_silent_for_too_long_is_listed_before_it_is_visible_again(observed: Observed) -> None:
    services = observed.api.services
    async with observed.visible():
        services.watches += [status(503, "ServiceUnavailable") for _ in range(99)]
        services.lists += [status(503, "ServiceUnavailable") for _ in range(99)]
        services.objects = [objects.service("web", "192.0.2.9")]
        services.end_watch()
        await until(lambda: state(observed.view).sight is Sight.LOST)
        assert "503" in state(observed.view).reason
        assert observed.addresses() == ("192.0.2.1",)
        services.watches.clear()
        services.lists.clear()
        await until(is_visible(observed.view))
        assert observed.addresses() == ("192.0.2.9",)


async def test_an_event_that_says_nothing_new_touches_nothing(observed: Observed) -> None:
    async with observed.visible():
        observed.touched.services.clear()
        for _ in range(3):
            observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.1"))
        observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.2"))
        await observed.shows("192.0.2.2")
        assert observed.touched.services == [WEB]


async def test_cancelling_leaves_nothing_running(observed: Observed) -> None:
    async with observed.visible():
        pass
    await asyncio.sleep(0)
    others = [task for task in asyncio.all_tasks() if task.get_name().startswith("us: ")]
    assert others == []
