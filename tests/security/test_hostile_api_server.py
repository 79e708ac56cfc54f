"""An API server that does its worst to who reads from it: it loses its own cluster, and takes nothing else along."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from feddns.clusters.kubernetes import reflector
from feddns.config.settings import WatchSettings
from feddns.model.services import ServiceKey
from tests.clusters import objects
from tests.clusters.kubernetes.scripted import WEB, Observed
from tests.clusters.kubernetes.servers import ScriptedApi, page
from tests.clusters.observing import is_visible, state, until

pytestmark = pytest.mark.servers  # takes seconds

DEEP = "[" * 50_000 + "]" * 50_000
SLOW = WatchSettings(connect_timeout=2.0, silence=1.0, lost_after=60.0, longest_backoff=0.1)


@pytest.fixture
async def observed(tmp_path: Path) -> AsyncIterator[Observed]:
    async with ScriptedApi().serving() as api:
        yield Observed(api, tmp_path, SLOW)


def raw(text: str, code: int = 200) -> Callable[[], web.Response]:
    return lambda: web.Response(text=text, status=code, content_type="application/json")


def said(observed: Observed) -> str:
    return state(observed.view).reason


@pytest.mark.parametrize(
    "answer",
    [
        raw(f'{{"metadata": {{"resourceVersion": "1"}}, "items": {DEEP}}}'),
        raw(DEEP),
        raw(DEEP, 500),
        raw(f'{{"code": 403, "message": {DEEP}}}', 403),
        raw('{"code": 500, "message": "\\u001b[2J\\r\\nforged", "details": {"retryAfterSeconds": 1e308}}', 500),
        raw('{"metadata": {"resourceVersion": "1", "continue": "\\ud800"}, "items": []}'),
        raw('{"metadata": {}, "items": {}}'),
        raw("\x00\xff"),
        raw(""),
    ],
)
async def test_an_odd_answer_to_a_list_is_told_and_the_next_one_counts(
    observed: Observed, answer: Callable[[], web.Response]
) -> None:
    observed.api.services.lists.append(answer())
    async with observed.running():
        await until(lambda: len(observed.api.services.asked_to_list) >= 1)
        if not is_visible(observed.view)():
            await until(lambda: bool(said(observed)) or is_visible(observed.view)())
            assert said(observed).isprintable()
        observed.api.services.lists.clear()
        if "1e308" not in str(answer().text):  # that one asks for five minutes, and gets them
            await until(is_visible(observed.view))
            assert observed.addresses() == ("192.0.2.1",)


@pytest.mark.parametrize(
    "line",
    [
        f'{{"type": "ADDED", "object": {DEEP}}}',
        f'{{"type": "MODIFIED", "object": {{"metadata": {{"namespace": "shop", "name": "web"}}, "status": {DEEP}}}}}',
        f'{{"type": "ERROR", "object": {DEEP}}}',
        f'{{"type": "BOOKMARK", "object": {DEEP}}}',
        '{"type": "ADDED", "object": {"metadata": {"namespace": "../x", "name": "web"}}}',
        '{"type": "\\u001b[2J", "object": {}}',
        "\x1b[2J",
    ],
)
async def test_an_odd_event_is_told_and_the_watch_goes_on_or_begins_anew(observed: Observed, line: str) -> None:
    async with observed.visible():
        observed.api.services.send(line.encode() + b"\n")
        observed.api.services.objects[:] = [objects.service("web", "192.0.2.7")]
        observed.api.services.tell("MODIFIED", objects.service("web", "192.0.2.7"))
        await observed.shows("192.0.2.7")
        assert all(problem.text.isprintable() for problem in state(observed.view).problems)


async def test_a_list_without_end_is_given_up(observed: Observed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "_MOST_OBJECTS", 500)
    count = 0

    async def endless(request: web.Request) -> None:
        nonlocal count
        if request.path.endswith("/services") and "watch" not in request.query:
            count += 1
            more = [objects.service(f"s-{count}-{number}", "192.0.2.1") for number in range(100)]
            observed.api.services.lists.append(page(*more, continued=str(count)))

    observed.api.on_request = endless
    async with observed.running():
        await until(lambda: "does not end" in said(observed))
    assert count < 200
    assert list(observed.view.keys()) == []


async def test_pages_without_anything_are_given_up(observed: Observed) -> None:
    count = 0

    async def empty(request: web.Request) -> None:
        nonlocal count
        if request.path.endswith("/services"):
            count += 1
            observed.api.services.lists.append(page(continued="again"))

    observed.api.on_request = empty
    async with observed.running():
        await until(lambda: "does not end" in said(observed))
    assert count < 1_000


async def test_a_watch_that_adds_objects_without_end_begins_anew(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reflector, "_MOST_OBJECTS", 50)
    async with observed.visible():
        for number in range(60):
            observed.api.services.tell("ADDED", objects.service(f"s-{number}", "192.0.2.1"))
        await until(lambda: len(observed.api.services.asked_to_list) > 1)
        await until(lambda: list(observed.view.keys()) == [WEB])


async def test_thousands_of_unreadable_objects_are_told_in_a_few_words(observed: Observed) -> None:
    broken = [{"metadata": {"namespace": "shop", "name": f"s-{number}"}, "spec": 7} for number in range(400)]
    observed.api.services.lists.append(page(objects.service("web", "192.0.2.1"), *broken))
    async with observed.visible():
        assert len(state(observed.view).problems) <= 101
        assert observed.addresses() == ("192.0.2.1",)


async def test_a_secret_of_another_namespace_is_never_asked_for(observed: Observed) -> None:
    hostile = objects.service(
        "web",
        "192.0.2.1",
        annotations={"feddns.io/probe": json.dumps({"http": {"headersSecret": "../../kube-system/x"}})},
    )
    climbing = objects.service("web", "192.0.2.1", namespace="shop/../kube-system")
    observed.api.services.lists.append(page(hostile, climbing))
    async with observed.visible():
        shard = observed.view.shard(WEB)
        assert shard is not None
        assert shard.probe is None
        assert [problem.reason for problem in shard.problems] == ["InvalidAnnotation"]
        assert observed.view.shard(ServiceKey("shop/../kube-system", "web")) is None
        assert observed.api.read_secrets == []
