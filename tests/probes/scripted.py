"""Addresses that answer by a script, for tests of the schedule in virtual time."""

import asyncio
import ipaddress
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from feddns.model.probing import Probe, TcpProbe
from feddns.probes.allowed import Allowed
from feddns.probes.answer import Answer, failed, succeeded
from feddns.probes.prober import Prober
from feddns.probes.schedule import User
from tests.beside import beside

PROBE = Probe(TcpProbe(80))
WELL = succeeded("well")
ILL = failed("ill")
NOW = 1_750_000_000.0
LOOPBACK = Allowed((ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")))


class Script:
    """Answers in the addresses' place, and keeps what it was asked.

    Attributes:
        answers: what addresses say; well where nothing is set.
        took_s: how long that takes them.
        asked: when each address was asked, by the event loop's clock.
        probes: what it was asked then.
        under_way: questions now.
        most_under_way: the most there ever were.
        told: the users that were told of changes, one set each time.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Exception] = {}
        self.took_s: dict[str, float] = {}
        self.asked: defaultdict[str, list[float]] = defaultdict(list)
        self.probes: list[Probe] = []
        self.under_way = 0
        self.most_under_way = 0
        self.told: list[frozenset[User]] = []

    async def ask(self, address: str, probe: Probe) -> Answer:
        self.asked[address].append(asyncio.get_running_loop().time())
        self.probes.append(probe)
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            await asyncio.sleep(self.took_s.get(address, 0.01))
        finally:
            self.under_way -= 1
        answer = self.answers.get(address, WELL)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pauses(self, address: str) -> list[float]:
        """Seconds between the questions to an address."""
        times = self.asked[address]
        return [later - earlier for earlier, later in itertools.pairwise(times)]


@asynccontextmanager
async def probing(script: Script, *, concurrency: int = 256, hasty: bool = False) -> AsyncIterator[Prober]:
    """A prober that runs."""
    prober = Prober(
        script.told.append, lambda: NOW, script.ask, allowed=Allowed(), concurrency=concurrency, hasty=hasty
    )
    async with running(prober):
        yield prober


def running(prober: Prober) -> AbstractAsyncContextManager[None]:
    return beside(prober.run())


def fleet(count: int, probe: Probe = PROBE) -> Mapping[str, Probe]:
    """So many addresses and their probe."""
    return {f"10.0.{number >> 8}.{number & 255}": probe for number in range(count)}
