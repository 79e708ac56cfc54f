"""What an API server says of itself at `/readyz`: a second opinion on what its watches tell."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from feddns.clusters.view import ClusterView
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError
from feddns.model.printable import printable
from feddns.telemetry.events import LogEvent, log

EVERY_S: Final = 10.0
"""Seconds between two questions, more or less."""

Ask = Callable[[str, int, float], Awaitable[tuple[int, bytes]]]

_PATH: Final = "/readyz"
_PATIENCE_S: Final = 10.0  # with an etcd that hangs, kube-apiserver answers after 4 s: two checks of 2 s each
_UNTOLD_EVERY_S: Final = 300.0  # whoever may not ask may be allowed to later
_JITTER: Final = 0.2
_MOST_OCTETS: Final = 65_536
_MOST_CHECKS_NAMED: Final = 5


class Readiness:
    """Asks one API server whether it is ready, again and again, and tells the view.

    The answer 500 is evidence: it is what `/readyz` says while a check fails, and the body then names the checks
    (https://kubernetes.io/docs/reference/using-api/health-checks/). Other answers are not about readiness: 401, 403 and
    404 say that we may not know, 429 and what proxies in between say, that we shall ask again. No answer is
    silence, which the watches judge: a cluster whose watches speak is not lost for it.

    Args:
        view: of the cluster.
        ask: gives the status and the body of an answer of the API server, as `Access.ask` does.
        watch: time limits.
        list_anew: called when the view wants everything listed again.
        clock: gives seconds since the epoch.
    """

    def __init__(
        self,
        view: ClusterView,
        ask: Ask,
        watch: WatchSettings,
        list_anew: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._view = view
        self._ask = ask
        self._list_anew = list_anew
        self._clock = clock
        # Several answers must fit into the time after which they are believed.
        self._every_s = min(EVERY_S, watch.lost_after / 4)
        self._told = ""
        self._is_untold = False

    async def run(self) -> None:
        """Ask until cancelled."""
        pause_s = self._every_s
        while True:
            await asyncio.sleep(pause_s * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311  # spreads load
            pause_s = await self._turn()

    async def _turn(self) -> float:
        """Ask once; returns the seconds to wait before the next time, more or less."""
        try:
            status, body = await self._ask(_PATH, _MOST_OCTETS, _PATIENCE_S)
        except ClusterError:
            return self._every_s
        match status:
            case HTTPStatus.OK:
                self._is_untold = False
                self._ready()
            case HTTPStatus.INTERNAL_SERVER_ERROR:
                self._unready(failed_checks(body))
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
                self._untold(status)
                return max(self._every_s, _UNTOLD_EVERY_S)
            case _:
                pass
        return self._every_s

    def _ready(self) -> None:
        self._told = ""
        if self._view.ready():
            self._list_anew()

    def _unready(self, reason: str) -> None:
        self._view.unready(reason, self._clock())
        if reason != self._told:
            self._told = reason
            log(LogEvent.CLUSTER_NOT_READY, cluster=self._view.name, reason=reason)

    def _untold(self, status: int) -> None:
        self._ready()
        if not self._is_untold:
            self._is_untold = True
            log(LogEvent.READINESS_UNTOLD, cluster=self._view.name, status=int(status))


def failed_checks(body: bytes) -> str:
    """The checks that fail, such as `[-]etcd failed`, from the lines of an answer."""
    lines = body.decode(errors="replace").splitlines()
    failed = [line.partition(":")[0].strip() for line in lines if line.startswith("[-]")]
    more = len(failed) - _MOST_CHECKS_NAMED
    named = [printable(line)[:100] for line in failed[:_MOST_CHECKS_NAMED]] + ([f"and {more} more"] if more > 0 else [])
    return ", ".join(named) or f"{_PATH} answers 500"
