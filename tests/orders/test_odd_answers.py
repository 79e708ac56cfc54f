"""The ConfigMap at an API server that answers as no real one can be made to."""

import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.errors import OrdersError
from feddns.model.orders import NO_ORDERS, Drain, drained
from feddns.model.topology import ClusterName
from feddns.orders.configmap import KEY, ConfigMapStore
from tests.clusters.kubernetes.servers import LOOPBACK, Collection, kubeconfig, page, status
from tests.clusters.observing import QUICK, until
from tests.orders.watching import logged, troubles, watched

pytestmark = pytest.mark.servers  # which takes seconds

DRAINED = drained(NO_ORDERS, ClusterName("us"), Drain(1))
PATH = "/api/v1/namespaces/feddns/configmaps"


def a_configmap(text: str | None = None, version: str = "5") -> dict[str, Any]:
    meta = {"namespace": "feddns", "name": "feddns-state", "resourceVersion": version}
    return {"metadata": meta, "data": None if text is None else {KEY: text}}


TEXT = json.dumps({"drains": {"us": {"since": 1}}})


class Api:
    """Of one ConfigMap.

    Attributes:
        collection: answers lists and watches.
        found: what a GET gives; None for 404.
        refusals: answers to the next writes.
        written: the bodies of the writes so far.
    """

    def __init__(self) -> None:
        self.collection = Collection()
        self.found: dict[str, Any] | None = None
        self.refusals: deque[web.Response] = deque()
        self.written: list[Any] = []
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Api"]:
        application = web.Application()
        application.router.add_get(PATH, self.collection.answer)
        application.router.add_get(f"{PATH}/feddns-state", self._get)
        application.router.add_post(PATH, self._write)
        application.router.add_put(f"{PATH}/feddns-state", self._write)
        runner = web.AppRunner(application, shutdown_timeout=0.01, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, 0).start()
            self.url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _get(self, _request: web.Request) -> web.Response:
        return status(404, "NotFound", "not found") if self.found is None else web.json_response(self.found)

    async def _write(self, request: web.Request) -> web.Response:
        self.written.append(await request.json())
        return self.refusals.popleft() if self.refusals else web.json_response(self.written[-1])


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with Api().serving() as serving:
        yield serving


@pytest.fixture
def store(api: Api, tmp_path: Path) -> ConfigMapStore:
    credentials = Kubeconfig(kubeconfig(tmp_path, api.url), None)
    return ConfigMapStore("feddns", "feddns-state", credentials, QUICK, patience_s=2.0)


@pytest.mark.servers  # takes its time
async def test_a_write_is_tried_again_with_what_is_there_then(api: Api, store: ConfigMapStore) -> None:
    api.refusals.extend([status(409, "AlreadyExists", "there is one"), status(503, "Busy", "later"), status(429)])
    assert await store.update(lambda _: DRAINED) == DRAINED
    assert len(api.written) == 4


async def test_a_write_that_was_done_though_no_answer_came_is_not_done_again(api: Api, store: ConfigMapStore) -> None:
    api.refusals.append(status(500, "InternalError", "lost"))

    def change(_: object) -> Any:
        api.found = a_configmap(TEXT)  # so the next look finds what the first write did
        return DRAINED

    assert await store.update(change) == DRAINED
    assert len(api.written) == 1


async def test_a_write_that_is_refused_for_good_is_told_at_once(api: Api, store: ConfigMapStore) -> None:
    api.refusals.append(status(422, "Invalid", "the name is bad"))
    with pytest.raises(OrdersError, match=r"the ConfigMap feddns/feddns-state cannot be used: .*the name is bad"):
        await store.update(lambda _: DRAINED)
    assert len(api.written) == 1


async def test_a_write_that_is_overtaken_for_ever_ends(api: Api, store: ConfigMapStore) -> None:
    store = ConfigMapStore("feddns", "feddns-state", store._credentials, QUICK, patience_s=1.0)  # noqa: SLF001 - made by the fixture
    api.refusals.extend(status(409, "Conflict", "overtaken") for _ in range(500))
    with pytest.raises(OrdersError, match="overtaken"):
        await store.update(lambda _: DRAINED)
    assert 1 < len(api.written) < 500


async def test_what_is_no_configmap_is_an_error(api: Api, store: ConfigMapStore) -> None:
    api.found = {"metadata": {}, "data": {KEY: 5}}
    with pytest.raises(OrdersError, match=r"the ConfigMap feddns/feddns-state cannot be read: Expected `str`"):
        await store.read()


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(text="<html>a proxy's page"),
        lambda: web.json_response([]),
        lambda: page(a_configmap("{")),
        lambda: status(500, "InternalError", "etcd is away"),
        lambda: status(403, "Forbidden", "no"),
    ],
)
async def test_a_list_that_tells_nothing_is_trouble_and_is_asked_for_again(
    api: Api, store: ConfigMapStore, answer: Any
) -> None:
    api.collection.lists.append(answer())
    api.collection.objects = [a_configmap(TEXT)]
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: troubles(lines) != [])
            assert not store.known.is_set()
            api.collection.end_watch()  # where the list was one
            await until(lambda: told == [DRAINED])


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b'{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}',
        b'{"type": "ERROR", "object": []}',
        b'{"type": "MODIFIED", "object": []}',
        b'{"type": "MODIFIED", "object": {"metadata": {}, "data": []}}',
    ],
)
async def test_an_event_that_tells_nothing_leaves_the_orders_and_the_next_list_tells(
    api: Api, store: ConfigMapStore, line: bytes
) -> None:
    api.collection.objects = [a_configmap(TEXT)]
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [DRAINED])
            api.collection.send(line)
            await until(lambda: troubles(lines) != [])
            assert told == [DRAINED]
            api.collection.objects = []
            api.collection.end_watch()
            await until(lambda: told == [DRAINED, NO_ORDERS])


async def test_bookmarks_and_empty_lines_tell_nothing(api: Api, store: ConfigMapStore) -> None:
    api.collection.objects = [a_configmap(TEXT)]
    with logged() as lines:
        async with watched(store) as told:
            await until(lambda: told == [DRAINED])
            api.collection.send(b"")
            api.collection.tell("BOOKMARK", {"metadata": {"resourceVersion": "9"}})
            api.collection.tell("DELETED", a_configmap(TEXT, "10"))
            await until(lambda: told == [DRAINED, NO_ORDERS])
    assert troubles(lines) == []
    (asked,) = api.collection.asked_to_watch
    assert (asked["fieldSelector"], asked["resourceVersion"]) == ("metadata.name=feddns-state", "10")
