"""What an API server says of itself: in virtual time, over HTTP, and from a real one without its etcd."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from feddns.clusters.kubernetes.failures import Unreachable
from feddns.clusters.kubernetes.readiness import EVERY_S, Readiness, failed_checks
from feddns.clusters.view import ClusterView
from feddns.config.settings import ClusterSettings, WatchSettings
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from tests.beside import beside
from tests.clusters.kubernetes.scripted import WEB, Observed
from tests.clusters.kubernetes.servers import ScriptedApi
from tests.clusters.observing import PLACED, Recorder, addresses, observed, state, until
from tests.lab.federation import Lab

Answer = tuple[int, str] | None

WITHOUT_ETCD = """[+]ping ok
[+]log ok
[-]etcd failed: reason withheld
[-]informer-sync failed: reason withheld
[+]shutdown ok
readyz check failed
"""
HASTY = WatchSettings(connect_timeout=1.0, silence=1.0, lost_after=2.5, longest_backoff=0.1)
FAILED = "[-]etcd failed, [-]informer-sync failed"


class Heard:
    """A view whose watches live, and an API server whose answers are set; all in virtual time."""

    def __init__(self) -> None:
        self.answer: Answer = (200, "ok")
        self.asked_at: list[float] = []
        self.listed_anew = 0
        self.touched = Recorder()
        settings = ClusterSettings(name="us", kubeconfig="x", **PLACED)  # type: ignore[arg-type]
        self.view = ClusterView(settings, 45.0, self.touched, self.now())
        self.list()
        self.readiness = Readiness(self.view, self._ask, WatchSettings(), self._list_anew, self.now)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def list(self) -> None:
        self.view.replace_services({}, self.now())
        self.view.replace_slices({}, self.now())

    def sight(self) -> Sight:
        return self.view.state(self.now()).sight

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Heard"]:
        async with beside(self.readiness.run(), self._live()):
            yield self

    def _list_anew(self) -> None:
        self.listed_anew += 1

    async def _ask(self, path: str, _: int, patience_s: float) -> tuple[int, bytes]:
        assert path == "/readyz"
        self.asked_at.append(self.now())
        if self.answer is None:
            await asyncio.sleep(patience_s)
            raise Unreachable("https://us: no answer within 10 s")
        return self.answer[0], self.answer[1].encode()

    async def _live(self) -> None:
        while True:
            for kind in self.view.kinds:
                self.view.heard(kind, self.now())
            await asyncio.sleep(5.0)


@pytest.mark.looptime
async def test_an_api_server_is_asked_every_ten_seconds_with_jitter() -> None:
    async with Heard().running() as us:
        await asyncio.sleep(300.0)
        pauses = [after - before for before, after in zip(us.asked_at, us.asked_at[1:], strict=False)]
        assert us.asked_at[0] >= EVERY_S * 0.8  # what is listed first is not held up
        assert all(0.8 * EVERY_S <= pause <= 1.2 * EVERY_S + 0.01 for pause in pauses)
        assert len({round(pause, 3) for pause in pauses}) > 5
        assert us.sight() is Sight.VISIBLE


@pytest.mark.looptime
async def test_a_cluster_whose_api_server_is_not_ready_for_long_is_lost_and_comes_back_by_lists() -> None:
    with structlog.testing.capture_logs() as lines:
        async with Heard().running() as us:
            us.answer = (500, WITHOUT_ETCD)
            await asyncio.sleep(45.0)
            assert us.sight() is Sight.VISIBLE
            await asyncio.sleep(40.0)
            assert us.sight() is Sight.LOST
            assert us.view.state(us.now()).reason == f"its API server is not ready: {FAILED}"
            us.answer = (200, "ok")
            await asyncio.sleep(60.0)
            assert us.listed_anew == 1
            assert us.sight() is Sight.LOST
            us.list()
            assert us.sight() is Sight.VISIBLE
    told = [line for line in lines if line["event"] == "cluster not ready"]
    assert [line["reason"] for line in told] == [FAILED]


@pytest.mark.looptime
@pytest.mark.parametrize("answer", [None, (429, ""), (502, "bad gateway"), (503, ""), (403, ""), (404, ""), (401, "")])
async def test_a_cluster_whose_watches_speak_is_not_lost_for_any_other_answer_or_none(answer: Answer) -> None:
    async with Heard().running() as us:
        us.answer = answer
        await asyncio.sleep(900.0)
        assert us.sight() is Sight.VISIBLE
        assert us.touched.clusters == ["us"]


@pytest.mark.looptime
@pytest.mark.parametrize("status", [401, 403, 404])
async def test_that_we_may_not_know_is_told_once_asked_seldom_and_ends_what_was_known(status: int) -> None:
    with structlog.testing.capture_logs() as lines:
        async with Heard().running() as us:
            us.answer = (500, WITHOUT_ETCD)
            await asyncio.sleep(90.0)
            assert us.sight() is Sight.LOST
            us.answer = (status, "")
            before = len(us.asked_at)
            await asyncio.sleep(1800.0)
            assert us.listed_anew == 1
            assert 4 <= len(us.asked_at) - before <= 9
    assert [line["status"] for line in lines if line["event"] == "readiness untold"] == [status]


@pytest.mark.looptime
async def test_silence_does_not_bring_back_a_cluster_that_was_last_said_not_to_be_ready() -> None:
    async with Heard().running() as us:
        us.answer = (500, WITHOUT_ETCD)
        await asyncio.sleep(90.0)
        us.answer = None
        await asyncio.sleep(300.0)
        assert us.sight() is Sight.LOST
        assert us.listed_anew == 0


def test_the_failing_checks_are_named() -> None:
    assert failed_checks(WITHOUT_ETCD.encode()) == FAILED
    assert failed_checks(b"") == failed_checks(b"readyz check failed") == "/readyz answers 500"
    many = "".join(f"[-]check-{number} failed\n" for number in range(7))
    assert failed_checks(many.encode()).endswith("[-]check-4 failed, and 2 more")


@given(st.binary() | st.text().map(lambda text: b"[-]" + text.encode()))
def test_whatever_an_api_server_says_is_one_short_line(body: bytes) -> None:
    told = failed_checks(body)
    assert told.isprintable()
    assert len(told) < 600


@pytest.mark.servers  # takes its time
async def test_what_was_watched_through_an_unready_time_is_listed_anew(api: ScriptedApi, tmp_path: Path) -> None:
    async with Observed(api, tmp_path, HASTY).visible() as us, living(api):
        api.readyz = (500, WITHOUT_ETCD)
        await until(lambda: state(us.view).sight is Sight.LOST)
        assert us.addresses() == ("192.0.2.1",)
        lists = len(api.services.asked_to_list)
        api.services.objects[0]["status"]["loadBalancer"]["ingress"][0]["ip"] = "192.0.2.2"
        api.readyz = (200, "ok")
        await until(lambda: state(us.view).sight is Sight.VISIBLE)
        assert us.addresses() == ("192.0.2.2",)
        assert len(api.services.asked_to_list) == lists + 1


@pytest.mark.servers  # takes its time
async def test_a_hanging_readyz_delays_nothing_and_loses_nothing(api: ScriptedApi, tmp_path: Path) -> None:
    api.readyz = None
    async with Observed(api, tmp_path, HASTY).visible() as us, living(api):
        await asyncio.sleep(2 * HASTY.lost_after)
        assert state(us.view).sight is Sight.VISIBLE
        service: dict[str, Any] = api.services.objects[0]
        service["status"]["loadBalancer"]["ingress"][0]["ip"] = "192.0.2.2"
        api.services.tell("MODIFIED", service)
        await until(lambda: us.addresses(WEB) == ("192.0.2.2",))


@asynccontextmanager
async def living(api: ScriptedApi) -> AsyncIterator[None]:
    """Watches that give a sign of life now and then."""

    async def live() -> None:
        while True:
            api.services.send(b"")
            api.slices.send(b"")
            await asyncio.sleep(0.2)

    async with beside(live()):
        yield


async def test_a_real_api_server_whose_etcd_hangs_is_lost_though_it_goes_on_serving_watches(
    lab: Lab, namespace: str
) -> None:
    us, web = lab["us"], ServiceKey(namespace, "web")
    watch = WatchSettings(connect_timeout=1.0, silence=3.0, lost_after=6.0, longest_backoff=0.3)
    await us.api.expose(namespace, "web", "192.0.2.1")
    settings = ClusterSettings(name="us", kubeconfig=str(us.feddns_kubeconfig), **PLACED)  # type: ignore[arg-type]
    async with observed(settings, watch=watch) as view:
        os.kill(lab.pids["etcd"], signal.SIGSTOP)
        try:
            await until(lambda: state(view).sight is Sight.LOST, 40.0)
            assert state(view).reason.startswith("its API server is not ready: [-]etcd failed")
            assert addresses(view, web) == ("192.0.2.1",)
        finally:
            os.kill(lab.pids["etcd"], signal.SIGCONT)
        await until(lambda: state(view).sight is Sight.VISIBLE, 40.0)
        await us.api.set_load_balancer(namespace, "web", "192.0.2.2")
        await until(lambda: addresses(view, web) == ("192.0.2.2",))
