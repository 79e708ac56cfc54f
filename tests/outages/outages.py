"""What may fail around feddns, how it begins and how it ends, and what is to be seen of it at DNS."""

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import msgspec

from tests.lab.cluster import Cluster
from tests.outages.balancer import Behaviour
from tests.outages.federation import EVERYONE, HOLD_S, LOST_S, VICTIM, WITNESS_S, Federation
from tests.outages.wire import State

Step = Callable[[Federation], Awaitable[None]]


class Effect(enum.Enum):
    """What is to be seen at DNS; the value says it for people."""

    NONE = "not a byte of the zone changes"
    KEPT = "no answer changes"
    WITHDRAWN = "its cluster is withdrawn"


class Outage(msgspec.Struct, frozen=True):
    """One thing that fails, in the cluster that is the victim where nothing else is said.

    Attributes:
        name: what fails, for people.
        effect: what is to be seen of it.
        begin: lets it fail.
        end: puts it right.
        lasts_s: seconds that it is watched for where nothing is to be seen of it.
        least_s: seconds before which nothing is to be seen of it.
        visible: the clusters that feddns can see meanwhile.
        shared: what all federations suffer together, as it is the lab's; empty where it is one federation's alone.
        after_loss: whether the victim's load balancer fails too, once the victim is out of sight; `begin` and `end` are
            of its API server.
        proves: whether the victim's load balancer must answer before its address may come back.
    """

    name: str
    effect: Effect
    begin: Step
    end: Step
    lasts_s: float = 0.0
    least_s: float = 0.0
    visible: tuple[str, ...] = EVERYONE
    shared: str = ""
    after_loss: bool = False
    proves: bool = False


_BLIND: Final = tuple(name for name in EVERYONE if name != VICTIM)
_LONG_S: Final = LOST_S + WITNESS_S + 2.0


def _balancer(behaviour: Behaviour) -> Step:
    async def step(federation: Federation) -> None:
        federation.balancers[VICTIM].behave(behaviour)

    return step


def _wire(state: State) -> Step:
    async def step(federation: Federation) -> None:
        federation.wires[VICTIM].be(state)

    return step


async def _nothing(_: Federation) -> None:
    """What is shared is done by who runs the federations."""


def _of_balancers() -> Iterator[Outage]:
    for behaviour in Behaviour:
        if behaviour is not Behaviour.SERVE:
            name = f"a load balancer {behaviour.value}"
            begin, end = _balancer(behaviour), _balancer(Behaviour.SERVE)
            yield Outage(name, Effect.WITHDRAWN, begin, end, proves=True)


def _of_api_servers() -> Iterator[Outage]:
    yield from _beside_balancers("an API server is killed", _nothing, _nothing, "kill")
    yield from _beside_balancers("an API server hangs (SIGSTOP)", _nothing, _nothing, "stop")
    for state in (State.CUT, State.SILENT, State.SLOW):
        yield from _beside_balancers(f"the wire to an API server {state.value}", _wire(state), _wire(State.PASSES), "")


def _beside_balancers(name: str, begin: Step, end: Step, shared: str) -> Iterator[Outage]:
    """An outage of an API server: alone, and with the load balancer of its cluster."""
    yield Outage(name, Effect.NONE, begin, end, lasts_s=_LONG_S, visible=_BLIND, shared=shared)
    yield Outage(
        f"{name}, and then its cluster's load balancer {Behaviour.REFUSE.value}",
        Effect.WITHDRAWN,
        begin,
        end,
        least_s=WITNESS_S,
        visible=_BLIND,
        shared=shared,
        after_loss=True,
        proves=True,
    )


def _of_services() -> Iterator[Outage]:
    async def empty(federation: Federation) -> None:
        await federation.fill_status(VICTIM, full=False)

    async def fill(federation: Federation) -> None:
        await federation.fill_status(VICTIM, full=True)

    async def unready(federation: Federation) -> None:
        await federation.set_ready(VICTIM, ready=False)

    async def ready(federation: Federation) -> None:
        await federation.set_ready(VICTIM, ready=True)

    yield Outage("a Service's status is emptied for a moment", Effect.KEPT, empty, fill, lasts_s=1.5)
    yield Outage("a Service's status is emptied", Effect.WITHDRAWN, empty, fill, least_s=HOLD_S)
    yield Outage("no endpoint is ready", Effect.WITHDRAWN, unready, ready)


def _of_many() -> Iterator[Outage]:
    lasts_s = _LONG_S + LOST_S
    name = "feddns is cut off from most API servers, and then from their load balancers"
    yield Outage(name, Effect.NONE, _most_are_gone, _all_are_back, lasts_s=lasts_s, visible=("asia",))
    name = "feddns is cut off from all API servers and all load balancers at once"
    yield Outage(name, Effect.NONE, _all_are_gone, _all_are_back, lasts_s=lasts_s, visible=())


async def _most_are_gone(federation: Federation) -> None:
    for name in ("us", VICTIM):
        federation.wires[name].be(State.SILENT)
    for name in ("us", VICTIM):
        await federation.lost(name)
        federation.balancers[name].behave(Behaviour.BLACKHOLE)


async def _all_are_gone(federation: Federation) -> None:
    for name in EVERYONE:
        federation.wires[name].be(State.SILENT)
        federation.balancers[name].behave(Behaviour.BLACKHOLE)


async def _all_are_back(federation: Federation) -> None:
    for name in EVERYONE:
        federation.wires[name].be(State.PASSES)
        federation.balancers[name].behave(Behaviour.SERVE)


OUTAGES: Final = (*_of_api_servers(), *_of_balancers(), *_of_services(), *_of_many())


class Together:
    """Several federations that suffer the same outage of one cluster: the last to be ready lets it begin and end."""

    def __init__(self, shared: str, cluster: Cluster, parties: int) -> None:
        """Plan an outage.

        Args:
            shared: `kill` or `stop`.
            cluster: whose API server it is.
            parties: how many federations.
        """
        self._shared = shared
        self._cluster = cluster
        self._barrier = asyncio.Barrier(parties)

    async def begin(self) -> None:
        """Wait for all others, and for the outage's beginning."""
        if await self._barrier.wait() == 0:
            (self._cluster.kill if self._shared == "kill" else self._cluster.stop)()
        await self._barrier.wait()

    async def end(self) -> None:
        """Wait for all others, and for the outage's end."""
        if await self._barrier.wait() == 0:
            await self._cluster.heal()
        await self._barrier.wait()

    async def give_up(self) -> None:
        """Let nobody wait any more, as one has failed."""
        await self._barrier.abort()
