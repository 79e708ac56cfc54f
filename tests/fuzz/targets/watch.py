"""What an API server sends as a watch, in any pieces: the watch goes on, or ends in an error of clusters."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.reflector import Reflector
from feddns.clusters.kubernetes.resources import resources
from feddns.clusters.view import ClusterView
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError
from feddns.telemetry.events import ERROR, write_from
from tests.clusters.observing import Recorder
from tests.fuzz.targets.objects import READER, SETTINGS

write_from(ERROR, None)  # each problem would be a line


def fuzz(data: bytes) -> None:
    cut, stream = (data[0], data[1:]) if data else (0, b"")
    view = ClusterView(SETTINGS, 45.0, Recorder(), 0.0)
    resource = resources(view, READER, lambda: 0.0)[cut % 3]
    reflector = Reflector(resource, view, cast("Access", None), WatchSettings(), lambda: 0.0)
    step = cut // 3 % 50 + 1

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(stream), step):
            yield stream[at : at + step]

    answer: Any = SimpleNamespace(content=SimpleNamespace(iter_any=pieces))
    try:
        _run(reflector._follow(answer))  # noqa: SLF001 - what comes after the connection, which is not fuzzed
    except ClusterError as error:
        assert str(error)
    assert len(view.state(0.0).problems) <= 200


def _run(coroutine: Any) -> None:
    """Runs what never really waits, without a loop."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        return
