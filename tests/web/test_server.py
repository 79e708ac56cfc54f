import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from feddns.errors import WebError
from feddns.model.endpoint import Endpoint
from feddns.telemetry.metrics import Metric, Sample
from feddns.web.server import WebServer
from tests.lab.api import until


class Told:
    """What the server is told to say."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.unready = ""

    def tell(self) -> Iterable[Sample]:
        return self.samples


@asynccontextmanager
async def serving(told: Told) -> AsyncIterator[str]:
    server = WebServer(Endpoint("127.0.0.1", 0), told.tell, lambda: told.unready)
    task = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, bool(server.port)), 5.0)
    yield f"http://127.0.0.1:{server.port}"
    task.cancel()
    await asyncio.wait([task])
    assert server.port == 0


async def get(url: str, accept: str = "*/*") -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_metrics_come_with_their_meaning_and_labels_however_odd() -> None:
    told = Told()
    told.samples = [
        (Metric.CLUSTER_VISIBLE, ('us "west"\\\n',), True),
        (Metric.TWIN_DIFFERENCES, ("example.com.", "aws", "google"), 7),
    ]
    async with serving(told) as url:
        status, media_type, text = await get(f"{url}/metrics", "application/openmetrics-text; version=1.0.0")
    assert (status, media_type.partition(";")[0]) == (200, "application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]
    ours = {name for name in families if name.startswith("feddns_")}
    assert ours == {metric.full_name.removesuffix("_total") for metric in Metric}
    assert families["feddns_probes"].type == "counter"
    (visible,) = families["feddns_cluster_visible"].samples
    assert (visible.labels, visible.value) == ({"cluster": 'us "west"\\\n'}, 1.0)
    (twins,) = families["feddns_twin_differences"].samples
    assert twins.labels == {"zone": "example.com.", "target": "aws", "twin": "google"}


async def test_an_old_scraper_gets_the_older_text() -> None:
    async with serving(Told()) as url:
        status, media_type, text = await get(f"{url}/metrics", "text/plain")
    assert (status, media_type.partition(";")[0]) == (200, "text/plain")
    assert "# TYPE feddns_record_sets gauge" in text


async def test_no_answer_tells_what_feddns_is_made_of() -> None:
    async with serving(Told()) as url, aiohttp.ClientSession() as session:
        for path in ("/metrics", "/nothing"):
            async with session.get(f"{url}{path}") as answer:
                assert answer.headers["Server"] == "feddns"


async def test_it_is_alive_at_once_and_ready_when_it_can_work() -> None:
    told = Told()
    told.unready = "no zone has been read yet"
    async with serving(told) as url:
        assert (await get(f"{url}/healthz"))[::2] == (200, "ok\n")
        assert (await get(f"{url}/readyz"))[::2] == (503, "no zone has been read yet\n")
        told.unready = ""
        assert (await get(f"{url}/readyz"))[::2] == (200, "ok\n")
        assert (await get(f"{url}/nothing"))[0] == 404


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_an_address_that_is_taken_is_told_as_what_to_set_otherwise(taken: int) -> None:
    server = WebServer(Endpoint("127.0.0.1", taken), tuple, str)
    with pytest.raises(WebError, match=rf"web\.listen: 127\.0\.0\.1:{taken} cannot be listened on: Address already"):
        await server.serve()
