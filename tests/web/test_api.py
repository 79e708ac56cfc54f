"""The API of a running feddns, in every state that it can tell of."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import aiohttp
import pytest
import yaml

from feddns.model.endpoint import Endpoint
from feddns.model.pages import Failovers
from feddns.web.operations import Teller
from feddns.web.server import WebServer
from tests.e2e.running import Feddns, eventually
from tests.lab.api import until
from tests.quickstart import EU, Quickstart
from tests.web.conforming import Conforming, fetch

pytestmark = pytest.mark.servers

HASTY = {"health": {"settle": "100ms", "holdDown": "300ms"}, "budget": {"deletions": {"atLeast": 1, "share": 0.01}}}


def running(quickstart: Quickstart) -> Feddns:
    """A federation with two targets and five services."""
    quickstart.populate(4)
    targets = [
        {
            "name": name,
            "zone": "example.com",
            "provider": {"embedded": {"listen": ["127.0.0.1:0"], "file": f"{name}.db"}},
        }
        for name in ("one", "two")
    ]
    more = HASTY | {"dns": {"targets": targets}, "web": {"listen": "127.0.0.1:0"}}
    return Feddns(quickstart.folder, yaml.safe_load(quickstart.config.read_text()) | more)


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feddns]:
    """One that nobody changes anything of."""
    with running(Quickstart(tmp_path_factory.mktemp("rest"))) as feddns:
        yield feddns


@pytest.fixture
async def resting(at_rest: Feddns) -> Conforming:
    return await asked(at_rest)


@pytest.fixture
def feddns(quickstart: Quickstart) -> Iterator[Feddns]:
    with running(quickstart) as feddns:
        yield feddns


@pytest.fixture
async def api(feddns: Feddns) -> AsyncIterator[Conforming]:
    yield await asked(feddns)
    assert feddns.events("part failed") == []


async def asked(feddns: Feddns) -> Conforming:
    """Its API, once it has written everything."""
    await eventually(lambda: len(feddns.events("records written")) >= 2)
    return await Conforming.at(base(feddns))


def base(feddns: Feddns) -> str:
    return f"http://{feddns.events('web serving')[0]['address']}"


async def reached(api: Conforming, path: str, **wanted: Any) -> Any:
    """The answer, once it has these values."""
    told: dict[str, Any] = {}

    async def holds() -> bool:
        told.update(await api.get(path))
        return all(told[key] == value for key, value in wanted.items())

    try:
        await until(holds, 20.0)
    except TimeoutError:
        raise AssertionError(f"{path} tells {told}, not {wanted}") from None
    return told


async def test_a_federation_at_rest_is_told_in_full(resting: Conforming) -> None:
    status = await resting.get("/status")
    assert (status["federation"], status["unready"], status["holds"], status["failovers"]) == (
        "myfederation",
        "",
        [],
        [],
    )
    assert status["services"] == _counts(healthy=5)
    assert status["leadership"]["role"] == "alone"
    for clusters in (status["clusters"], (await resting.get("/clusters"))["clusters"]):
        assert [(cluster["name"], cluster["ready"], cluster["services"]) for cluster in clusters] == [
            ("us", "True", 5),
            ("eu", "True", 5),
            ("asia", "True", 5),
        ]
    targets = (await resting.get("/targets"))["targets"]
    assert [(target["name"], target["isKnown"], target["claimSeq"]) for target in targets] == [
        ("one", True, 1),
        ("two", True, 1),
    ]
    assert (await resting.get("/moves"))["total"] == (await resting.get("/changes"))["total"] == 0


async def test_services_come_a_page_at_a_time_and_each_once(resting: Conforming) -> None:
    first = await resting.get("/services?limit=3")
    second = await resting.get(f"/services?limit=3&continue={first['next']}")
    names = [f"{each['namespace']}/{each['name']}" for page in (first, second) for each in page["services"]]
    assert names == ["mynamespace/nginx", "shop/s0", "shop/s1", "shop/s2", "shop/s3"]
    assert (first["total"], second["total"], second["next"]) == (5, 5, "")
    assert [each["name"] for each in (await resting.get("/services?namespace=mynamespace"))["services"]] == ["nginx"]
    assert (await resting.get("/services?verdict=Degraded&verdict=Unknown"))["services"] == []
    answers = first["services"][0]["answers"]
    assert {answer["target"] for answer in answers} == {"one", "two"}
    assert EU in answers[0]["records"][0]["values"]


async def test_a_failover_is_told_with_what_it_follows_from_and_when_it_was_written(
    api: Conforming, quickstart: Quickstart
) -> None:
    quickstart.fail("eu")
    status = await reached(api, "/status", services=_counts(healthy=4, degraded=1))
    await until(lambda: _written(api), 10.0)
    (left,) = (await api.get("/failovers"))["failovers"]
    assert (left["cluster"], left["kind"], left["service"]) == ("eu", "left", "mynamespace/nginx")
    assert (left["before"]["addresses"], left["others"]) == ([EU], ["asia", "us"])
    assert left["at"] <= left["writtenAt"] < left["at"] + 10
    assert status["clusters"][1]["verdicts"] == {"healthy": 4, "unhealthy": 1, "unknown": 0}
    story = await api.get("/services/mynamespace/nginx")
    assert (story["verdict"], story["healthy"], story["clusters"]) == ("Degraded", 2, 3)
    assert {target["target"] for target in story["targets"]} == {"one", "two"}
    (eu,) = [shard for shard in story["shards"] if shard["cluster"] == "eu"]
    assert eu["evidence"][0]["text"] == "0 of 2 endpoints ready"
    (region,) = [each for each in story["targets"][0]["answers"] if each["scope"] == "region europe-west1"]
    assert region["published"][0]["type"] == "CNAME"


async def _written(api: Conforming) -> bool:
    failovers = (await api.get("/failovers"))["failovers"]
    return bool(failovers) and failovers[0]["writtenAt"] is not None


async def test_what_is_held_is_told_with_what_releases_it(
    api: Conforming, feddns: Feddns, quickstart: Quickstart
) -> None:
    assert feddns.command("freeze", "--reason", "a migration").returncode == 0
    assert feddns.command("drain", "asia").returncode == 0
    frozen = await reached(api, "/status", moves=5)
    assert [(hold["kind"], hold["release"]) for hold in frozen["holds"]] == [("freeze", "feddns thaw")]
    assert frozen["clusters"][2]["drain"]["by"]
    moves = await api.get("/moves?limit=2")
    assert (moves["total"], moves["next"], len(moves["moves"])) == (5, "2", 2)
    assert all(move["isWithdrawal"] and move["cluster"] == "asia" for move in moves["moves"])
    for name in ("us", "eu", "asia"):
        (quickstart.cluster(name) / "many.yaml").unlink()
    changes = await reached(api, "/changes?limit=1", total=10)
    assert changes["targets"][0]["frozen"].startswith("frozen by")
    assert feddns.command("thaw").returncode == 0
    await eventually(lambda: bool(feddns.events("thawed")))
    held = await reached(api, "/status", services=_counts(healthy=1, absent=4))
    assert {(hold["kind"], hold["target"], hold["release"]) for hold in held["holds"]} == {
        ("deletions", "one", "feddns apply --allow-deletions"),
        ("deletions", "two", "feddns apply --allow-deletions"),
    }
    page = await api.get("/changes?target=two&limit=500")
    (two,) = page["targets"]
    assert two["summary"]["held"] == two["held"][0]["count"] == len(two["held"][0]["changes"]) > 4
    gone = await api.get("/services/shop/s0")
    assert (gone["verdict"], gone["shards"]) == ("Absent", [])
    assert gone["targets"][0]["answers"][0]["published"]
    assert "--allow-deletions" in gone["targets"][0]["holds"][0]


def _counts(**found: int) -> dict[str, int]:
    counts = dict.fromkeys(("healthy", "degraded", "unhealthy", "unknown", "absent"), 0) | found
    return {"total": sum(counts.values()), **counts}


async def test_a_cluster_that_cannot_be_seen_says_why(api: Conforming, feddns: Feddns, quickstart: Quickstart) -> None:
    feddns.kill()
    quickstart.spoil("eu")
    feddns.start()
    await eventually(lambda: bool(feddns.events("web serving")))
    again = await Conforming.at(base(feddns))
    _, eu, _ = (await again.get("/clusters"))["clusters"]
    assert (eu["ready"], eu["sight"], eu["heardAt"]) == ("False", "Unseen", None)
    assert "services.yaml" in eu["reason"]
    assert again.paths == api.paths


async def test_what_is_wrong_with_a_request_is_told_as_a_problem(resting: Conforming) -> None:
    bad = await resting.get("/services?limit=501", 400)
    assert bad == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": 'limit must be a whole number from 1 to 500, not "501"',
    }
    assert (await resting.get("/services/a/b", 404))["detail"].startswith("no cluster has such a service")
    assert (await resting.get("/changes?target=three", 404))["detail"] == "there is no such target"
    assert (await resting.get("/status?x=1", 400))["detail"] == 'unknown parameter "x"; there are: none'


async def test_nothing_can_be_changed(resting: Conforming, at_rest: Feddns) -> None:
    url = f"{base(at_rest)}/api/v1"
    for path in (*resting.paths, "/openapi.json"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            status, media_type, problem = await fetch(f"{url}{path.format(namespace='a', name='b')}", method)
            assert (status, media_type) == (405, "application/problem+json")
            assert problem["detail"] == "this is read only: use GET or HEAD"
    async with aiohttp.ClientSession() as session, session.head(f"{url}/status") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert (await fetch(f"{url}/nothing"))[:2] == (404, "application/problem+json")


async def test_asking_a_lot_at_once_harms_nobody(resting: Conforming) -> None:
    answers = await asyncio.gather(
        *(resting.get("/services") for _ in range(20)), *(resting.get("/status") for _ in range(20))
    )
    assert len(answers) == 40


class Slow:
    """Tells of its federation slowly, and how many ask it at a time."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0

    async def failovers(self) -> Failovers:
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0.001)
        self._now -= 1
        return Failovers(0.0, ())


async def test_one_answer_is_made_at_a_time_however_many_ask() -> None:
    slow = Slow()
    server = WebServer(Endpoint("127.0.0.1", 0), tuple, str, cast("Teller", slow))
    task = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, bool(server.port)), 5.0)
    url = f"http://127.0.0.1:{server.port}/api/v1/failovers"
    answers = await asyncio.gather(*(fetch(url) for _ in range(20)))
    task.cancel()
    await asyncio.wait([task])
    assert [status for status, _, _ in answers] == [200] * 20
    assert slow.most == 1
