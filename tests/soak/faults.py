"""What fails in the soak, at random: API servers, the ways to them, BIND, replicas, configurations and clocks."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from tests.lab.federation import Lab
from tests.outages.wire import State
from tests.servers import Bind
from tests.soak.replica import Replica

LONGEST_S: Final = 12.0
"""How long a fault lasts at most: longer than clusters need to be lost, and a leader to lose its lease."""

PAUSE_S: Final = 6.0
"""Between two faults, on average."""

TTLS: Final = (60, 90)

Fault = Callable[[], AbstractAsyncContextManager[None]]


class Faults:
    """Lets one thing after another fail, and mends it.

    Args:
        lab: the clusters.
        bind: the server of the zone.
        steady: the replica whose process is never killed, so that what it holds can be measured.
        other: the other one.
        chance: what chooses.

    Attributes:
        happened: how many of each kind there were.
    """

    def __init__(self, lab: Lab, bind: Bind, steady: Replica, other: Replica, chance: random.Random) -> None:
        self.happened: Counter[str] = Counter()
        self._lab = lab
        self._bind = bind
        self._other = other
        self._replicas = (steady, other)
        self._chance = chance
        self._kinds: Sequence[Fault] = (
            self._killed_api_server,
            self._stopped_api_server,
            self._bad_wire,
            self._bad_wire,
            self._isolated,
            self._restarted_bind,
            self._stopped_bind,
            self._killed_replica,
            self._stopped_replica,
            self._reloaded,
            self._refused_configuration,
            self._jumping_clock,
        )

    async def run(self, say: Callable[[str], None]) -> None:
        """Let things fail until cancelled; what has failed is mended then, too.

        Every kind has its turn before the first has it again.
        """
        while True:
            for kind in self._chance.sample(self._kinds, len(self._kinds)):
                await asyncio.sleep(self._chance.random() * 2 * PAUSE_S)
                lasts_s = self._chance.uniform(0.5, LONGEST_S)
                name = kind.__name__.strip("_").replace("_", " ")
                say(f"{name} for {lasts_s:.1f} s")
                self.happened[name] += 1
                async with kind():
                    await asyncio.sleep(lasts_s)

    @asynccontextmanager
    async def _killed_api_server(self) -> AsyncIterator[None]:
        cluster = self._lab[self._chance.choice(list(self._lab.clusters))]
        cluster.kill()
        try:
            yield
        finally:
            await cluster.restart()

    @asynccontextmanager
    async def _stopped_api_server(self) -> AsyncIterator[None]:
        cluster = self._lab[self._chance.choice(list(self._lab.clusters))]
        cluster.stop()
        try:
            yield
        finally:
            cluster.cont()

    @asynccontextmanager
    async def _bad_wire(self) -> AsyncIterator[None]:
        """One replica does not reach one API server."""
        wire = self._chance.choice(list(self._chance.choice(self._replicas).wires.values()))
        await asyncio.to_thread(wire.be, self._chance.choice((State.CUT, State.SILENT, State.SLOW)))
        try:
            yield
        finally:
            await asyncio.to_thread(wire.be, State.PASSES)

    @asynccontextmanager
    async def _isolated(self) -> AsyncIterator[None]:
        """One replica reaches no API server."""
        state, wires = self._chance.choice((State.CUT, State.SILENT)), self._chance.choice(self._replicas).wires
        for wire in wires.values():
            await asyncio.to_thread(wire.be, state)
        try:
            yield
        finally:
            for wire in wires.values():
                await asyncio.to_thread(wire.be, State.PASSES)

    @asynccontextmanager
    async def _restarted_bind(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self._bind.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(self._bind.restart)

    @asynccontextmanager
    async def _stopped_bind(self) -> AsyncIterator[None]:
        self._bind.pause()
        try:
            yield
        finally:
            self._bind.resume()

    @asynccontextmanager
    async def _killed_replica(self) -> AsyncIterator[None]:
        self._other.kill()
        try:
            yield
        finally:
            self._other.start()

    @asynccontextmanager
    async def _stopped_replica(self) -> AsyncIterator[None]:
        """It goes on later as if no time had passed: a stale leader, if it led."""
        replica = self._chance.choice(self._replicas)
        replica.send(signal.SIGSTOP)
        try:
            yield
        finally:
            replica.send(signal.SIGCONT)

    @asynccontextmanager
    async def _reloaded(self) -> AsyncIterator[None]:
        """Both replicas have another TTL for all names, and then the old one again."""
        try:
            self._reload({"ttl": TTLS[1]})
            yield
        finally:
            self._reload({})

    @asynccontextmanager
    async def _refused_configuration(self) -> AsyncIterator[None]:
        for replica in self._replicas:
            replica.configuration.write_text("federation: [\n")
            replica.send(signal.SIGHUP)
        try:
            yield
        finally:
            self._reload({})

    def _reload(self, dns: dict[str, int]) -> None:
        for replica in self._replicas:
            replica.write(dns)
            replica.send(signal.SIGHUP)

    @asynccontextmanager
    async def _jumping_clock(self) -> AsyncIterator[None]:
        """The wall clock of one replica is wrong by minutes."""
        assert self._other.ahead is not None
        self._other.ahead.write_text(f"{self._chance.choice((-1, 1)) * self._chance.randrange(30, 900):+d}\n")
        try:
            yield
        finally:
            self._other.ahead.write_text("+0\n")
