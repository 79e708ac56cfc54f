"""Secrets that probes take headers from."""

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Kubeconfig
from feddns.clusters.kubernetes.secrets import KEPT_S, Secrets
from feddns.config.settings import ClusterSettings
from feddns.errors import ClusterError
from feddns.model.topology import ClusterName
from tests.clusters.kubernetes.servers import ScriptedApi, kubeconfig, status
from tests.clusters.observing import PLACED, QUICK, is_visible, opened, running, until

TOKEN = "Bearer s3cr3t"  # noqa: S105  # of nobody
DATA = {"Authorization": b64encode(TOKEN.encode()).decode()}
HEADERS = {"Authorization": TOKEN.encode()}


class Reading:
    """Secrets under test, with a clock that can be put forward."""

    def __init__(self, api: ScriptedApi, folder: Path) -> None:
        self.late_s = 0.0
        self.access = Access(Kubeconfig(kubeconfig(folder, api.url), None), QUICK, self._now)
        self.secrets = Secrets(ClusterName("us"), self.access, self._now)

    async def data(self, name: str = "probe") -> dict[str, bytes]:
        return dict(await self.secrets.data("shop", name))

    async def settled(self) -> None:
        """Wait until nothing is read any more."""
        under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith("us: Secret")]
        await asyncio.gather(*under_way, return_exceptions=True)

    async def refusal(self, name: str = "probe") -> str:
        with pytest.raises(ClusterError) as caught:
            await self.data(name)
        return str(caught.value)

    def _now(self) -> float:
        return time.time() + self.late_s


@pytest.fixture
async def reading(api: ScriptedApi, tmp_path: Path) -> AsyncIterator["Reading"]:
    api.secrets["shop/probe"] = DATA
    reading = Reading(api, tmp_path)
    yield reading
    reading.secrets.close()
    await reading.settled()
    await reading.access.close()


async def test_a_secret_is_read_once_a_minute_however_many_ask(api: ScriptedApi, reading: Reading) -> None:
    assert await asyncio.gather(*(reading.data() for _ in range(50))) == [HEADERS] * 50
    reading.late_s = KEPT_S - 5
    assert await reading.data() == HEADERS
    assert api.read_secrets == ["shop/probe"]


async def test_an_old_one_is_given_at_once_while_it_is_read_anew(api: ScriptedApi, reading: Reading) -> None:
    await reading.data()
    api.secrets["shop/probe"] = {"X-Key": b64encode(b"new").decode()}
    reading.late_s = KEPT_S
    assert await reading.data() == HEADERS
    await until(lambda: len(api.read_secrets) == 2)
    await reading.settled()
    assert await reading.data() == {"X-Key": b"new"}
    assert len(api.read_secrets) == 2


@pytest.mark.servers  # takes its time
async def test_while_the_api_server_cannot_be_reached_the_last_one_counts(api: ScriptedApi, reading: Reading) -> None:
    await reading.data()

    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    api.on_request = hang
    for minutes in (1, 2, 3, 60):
        reading.late_s = minutes * KEPT_S
        assert await reading.data() == HEADERS
    assert (await reading.refusal("other")).endswith("no answer within 1 s")
    assert await reading.data() == HEADERS


@pytest.mark.servers  # takes its time
@pytest.mark.parametrize("code", [401, 429, 500, 503])
async def test_while_the_api_server_is_in_no_state_to_answer_the_last_one_counts(
    api: ScriptedApi, reading: Reading, code: int
) -> None:
    await reading.data()
    api.secrets["shop/probe"] = status(code, "Whatever", "etcdserver: request timed out")
    reading.late_s = KEPT_S
    assert await reading.data() == HEADERS
    await until(lambda: len(api.read_secrets) == 2)
    await reading.settled()
    assert await reading.data() == HEADERS


async def test_a_missing_right_is_told_as_the_very_rule_that_would_grant_it(api: ScriptedApi, reading: Reading) -> None:
    api.secrets["shop/probe"] = status(403, "Forbidden", 'secrets "probe" is forbidden')
    assert await reading.refusal() == (
        "cluster us: feddns may not read the Secret shop/probe, whose keys are to be headers of probes; grant that by "
        'a Role in shop: {apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [probe]}'
    )


async def test_a_secret_that_is_not_there_is_told_and_looked_for_again_soon(api: ScriptedApi, reading: Reading) -> None:
    told = await reading.refusal("other")
    assert told.startswith("cluster us does not have the Secret shop/other, whose keys")
    assert await reading.refusal("other") == told
    assert api.read_secrets == ["shop/other"]
    api.secrets["shop/other"] = DATA
    reading.late_s = 11.0
    assert await reading.data("other") == HEADERS


async def test_one_that_is_deleted_gives_no_headers_any_more(api: ScriptedApi, reading: Reading) -> None:
    await reading.data()
    del api.secrets["shop/probe"]
    reading.late_s = KEPT_S
    assert await reading.data() == HEADERS
    await until(lambda: len(api.read_secrets) == 2)
    await reading.settled()
    assert "does not have the Secret" in await reading.refusal()


async def test_whoever_waits_when_the_source_ends_is_told_so_and_not_cancelled(
    api: ScriptedApi, reading: Reading
) -> None:
    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    api.on_request = hang
    waiting = asyncio.create_task(reading.refusal())
    await asyncio.sleep(0.05)
    reading.secrets.close()
    assert await waiting == "cluster us: the Secret shop/probe was not read before the end"


async def test_what_nobody_asks_for_is_forgotten(reading: Reading) -> None:
    await reading.data()
    reading.late_s = 3600.0
    await reading.refusal("other")
    assert "'probe'" not in repr(vars(reading.secrets))


async def test_a_secret_without_data_has_no_headers(api: ScriptedApi, reading: Reading) -> None:
    api.secrets["shop/probe"] = {}
    assert await reading.data() == {}


@pytest.mark.parametrize("data", [{"A": "s3cr3t is no base64"}, {"A": "czNjcjN0ä"}, {"A": 3}])
async def test_no_text_ever_tells_what_is_in_a_secret(api: ScriptedApi, reading: Reading, data: dict[str, str]) -> None:
    api.secrets["shop/probe"] = data
    told = await reading.refusal()
    assert told == "cluster us: what should be the Secret shop/probe is none"
    api.secrets["shop/probe"] = DATA
    reading.late_s = 11.0
    await reading.data()
    assert "s3cr3t" not in repr(vars(reading.secrets))


async def test_a_source_gives_the_secrets_of_its_cluster(api: ScriptedApi, tmp_path: Path) -> None:
    api.secrets["shop/probe"] = DATA
    settings = ClusterSettings(name="us", kubeconfig=str(kubeconfig(tmp_path, api.url)), **PLACED)  # type: ignore[arg-type]
    async with running(opened(settings)) as source:
        await until(is_visible(source.view))
        assert await source.secret("shop", "probe") == HEADERS


async def test_a_folder_of_manifests_gives_none(tmp_path: Path) -> None:
    settings = ClusterSettings(name="us", manifests=str(tmp_path))
    source = opened(settings)
    with pytest.raises(ClusterError, match="no Secrets are read from manifests, so shop/probe gives no headers"):
        await source.secret("shop", "probe")
