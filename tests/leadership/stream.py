"""Changes of Services, one after another, and when DNS shows them."""

import asyncio
import ipaddress
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tests.e2e.running import Answers
from tests.lab.cluster import Cluster

BEACON: Final = "beacon"
"""A Service that has another address with every change, by which it is seen how far DNS has come."""

OTHERS: Final = ("a", "b", "c")

_FIRST: Final = ipaddress.IPv4Address("198.18.0.0")  # RFC 2544: for benchmarks
_PAUSE_S: Final = 0.1


@dataclass
class Stream:
    """Changes of Services, one after another, and what of them is seen in DNS.

    Attributes:
        made_at: when each change of the beacon was acknowledged, by its number.
        seen: when DNS gave each of its addresses for the first time, by the change's number.
    """

    cluster: Cluster
    namespace: str
    answers: Answers
    name: str
    chance: random.Random
    made_at: list[float] = field(default_factory=list)
    seen: dict[int, float] = field(default_factory=dict)

    async def change(self) -> None:
        """Make changes until cancelled."""
        while True:
            await self._beacon()
            address = str(_FIRST + 65_536 + self.chance.randrange(60_000))
            await self.cluster.api.set_load_balancer(self.namespace, self.chance.choice(OTHERS), address)
            await asyncio.sleep(_PAUSE_S * self.chance.random() * 2)

    async def watch(self) -> None:
        """Ask DNS for the beacon until cancelled."""
        while True:
            for text in await self.answers.ask(self.name):
                with suppress(ValueError):
                    self.seen.setdefault(int(ipaddress.IPv4Address(text)) - int(_FIRST), time.monotonic())
            await asyncio.sleep(0.01)

    async def next_seen(self, patience_s: float = 30.0) -> None:
        """Wait until a change that is made after this moment is seen."""
        first = len(self.made_at) + 1  # the one that is on its way may have been made before
        async with asyncio.timeout(patience_s):
            while not self.seen or max(self.seen) < first:  # noqa: ASYNC110 - the state is other processes'
                await asyncio.sleep(0.005)

    def gap_s(self, since: float) -> float:
        """The longest time since a moment for which DNS stood still, in seconds."""
        moments = [since, *sorted(at for at in self.seen.values() if at > since)]
        return max(later - sooner for sooner, later in pairwise(moments))

    async def _beacon(self) -> None:
        number = len(self.made_at)
        await self.cluster.api.set_load_balancer(self.namespace, BEACON, str(_FIRST + number))
        self.made_at.append(time.monotonic())
