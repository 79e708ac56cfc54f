"""Whether what was written can be seen: after a batch the zone's authoritative servers are asked for its answer.

One name of one batch is looked at, and of one batch at a time, so that ten thousand changes cost no more questions than
one. A batch is chosen when it is taken and none is being looked at.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from feddns.config.settings import VisibleSettings
from feddns.model.changes import Batch, Delete, Replace
from feddns.model.records import ADDRESS_TYPES, CNAME, DnsName, ZoneName
from feddns.providers.base import OpenProvider
from feddns.providers.measured import Calls
from feddns.telemetry.events import LogEvent, log
from feddns.telemetry.histogram import Histogram
from feddns.telemetry.metrics import Metric

if TYPE_CHECKING:
    from feddns.controller.authoritative import Server

Outcome = Literal["visible", "stale", "unanswered"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
"""What may come of a look, in the words of `Metric.VISIBILITY_CHECKS`."""

_SETTLED_S: Final = 10.0
"""What is written first, at the start, is let pass: it has more to do then than to measure."""

_KNOWN_S: Final = 600.0
"""How long servers are asked before it is looked up again which there are."""

_UNKNOWN_S: Final = 60.0
"""How soon it is, where none was found."""

_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 1.0

_TYPES: Final = frozenset({*ADDRESS_TYPES, CNAME})
"""The types whose answers are what was written; those of an ALIAS are not."""


class Expected(msgspec.Struct, frozen=True, gc=False):
    """What a batch has made of one record set.

    Attributes:
        values: what it holds; where it was deleted, what it held.
        is_gone: whether it was deleted.
    """

    name: DnsName
    type: str
    values: tuple[str, ...]
    is_gone: bool = False

    def is_met(self, answer: Sequence[str]) -> bool:
        """Whether an answer to a question for the name and type is the new one."""
        return (tuple(answer) == self.values) is not self.is_gone


def expected(batch: Batch) -> Expected | None:
    """One record set of a batch by which it can be seen, one that is there before one that is gone; None if none can.

    A change of the TTL alone cannot: the answers are the same.
    """
    gone: Expected | None = None
    for change in batch.changes:
        match change:
            case Delete(current):
                if current.type in _TYPES:
                    gone = gone or Expected(current.name, current.type, current.values, is_gone=True)
            case Replace(current, desired) if current.values == desired.values:
                continue
            case _:
                if change.desired.type in _TYPES:
                    return Expected(change.name, change.desired.type, change.desired.values)
    return gone


class Visible:
    """Looks at one target's batches.

    Attributes:
        delays: seconds from a batch until all servers gave its answer.
        outcomes: what came of the looks.
        is_at_work: whether batches are looked at now.

    Args:
        provider: of the target.
        calls: where what is asked of it is counted.
        zone: that it writes.
        settings: whether, how long and whom to ask.
        given: addresses of servers that a person has given; empty to look which there are.
    """

    def __init__(
        self,
        provider: OpenProvider,
        calls: Calls,
        zone: ZoneName,
        settings: VisibleSettings,
        given: tuple[str, ...] = (),
    ) -> None:
        self.delays = Histogram(Metric.WRITE_TO_VISIBLE.bounds)
        self.outcomes: Counter[Outcome] = Counter()
        self._provider = provider
        self._calls = calls
        self._zone = zone
        self._settings = settings
        self._given = given
        self._awake = asyncio.Event()
        self.is_at_work = False
        self._look: _Look | None = None
        self._told_unknown = False

    @property
    def is_looking(self) -> bool:
        """Whether a batch is being looked at."""
        return self._look is not None

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything for `run` to do."""
        return self._settings.enabled

    def written(self, batch: Batch) -> None:
        """Take note that a batch was taken just now."""
        if self._look is not None:
            self._look.is_void |= any(change.name == self._look.expected.name for change in batch.changes)
        elif self.is_at_work and (wanted := expected(batch)) is not None:
            self._look = _Look(wanted, asyncio.get_running_loop().time())
            self._awake.set()

    async def run(self) -> None:
        """Look at batches until cancelled."""
        await asyncio.sleep(_SETTLED_S)
        await self.look()

    async def look(self) -> None:
        """Look at batches from now on, until cancelled."""
        from feddns.controller.authoritative import servers_of  # noqa: PLC0415 - dnspython, once all else is at work

        while True:
            self.is_at_work, self._look = False, None  # what is written while names are resolved would look late
            servers = await servers_of(self._provider, self._calls, self._zone, self._given)
            self._tell_unknown(is_unknown=not servers)
            self.is_at_work = bool(servers)
            until = asyncio.get_running_loop().time() + (_KNOWN_S if servers else _UNKNOWN_S)
            while (look := await self._next(until)) is not None:
                self._note(look, await look.over(servers, self._settings.within))
                self._look = None

    async def _next(self, until: float) -> "_Look | None":
        """The next batch to look at; None when it is time to look up the servers again."""
        try:
            async with asyncio.timeout_at(until):
                await self._awake.wait()
        except TimeoutError:
            return None
        self._awake.clear()
        return self._look

    def _note(self, look: "_Look", found: "Sequence[tuple[Server, Outcome]]") -> None:
        if look.is_void:
            return
        by_outcome = {
            outcome: [server.name for server, seen in found if seen == outcome] for outcome in ("stale", "unanswered")
        }
        if not any(by_outcome.values()):
            self.outcomes["visible"] += 1
            self.delays.observe(asyncio.get_running_loop().time() - look.began_at)
            return
        self.outcomes["stale" if by_outcome["stale"] else "unanswered"] += 1
        wanted = look.expected
        log(LogEvent.NOT_VISIBLE, zone=self._zone, name=wanted.name, type=wanted.type, **by_outcome)

    def _tell_unknown(self, *, is_unknown: bool) -> None:
        if is_unknown and not self._told_unknown:
            log(LogEvent.SERVERS_UNKNOWN, zone=self._zone)
        self._told_unknown = is_unknown


class _Look:
    """One batch that is looked at.

    Attributes:
        is_void: whether its name was written again meanwhile, so that its answers tell nothing.
    """

    def __init__(self, wanted: Expected, began_at: float) -> None:
        self.expected = wanted
        self.began_at = began_at
        self.is_void = False

    async def over(self, servers: "Iterable[Server]", within_s: float) -> "list[tuple[Server, Outcome]]":
        """Ask each server until it gives the new answer or the time is over; tells what came of it at each."""
        seen: dict[Server, Outcome] = dict.fromkeys(servers, "unanswered")
        tasks = [asyncio.create_task(self._until_new(server, seen)) for server in seen]
        try:
            await asyncio.wait(tasks, timeout=within_s)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()  # what nobody foresaw is not to pass for an outcome
        return list(seen.items())

    async def _until_new(self, server: "Server", seen: "dict[Server, Outcome]") -> None:
        from feddns.controller.authoritative import ask  # noqa: PLC0415 - as above

        pause_s = _FIRST_PAUSE_S
        while not self.is_void:
            answer = await ask(server, self.expected.name, self.expected.type)
            if answer is not None:
                seen[server] = "visible" if self.expected.is_met(answer) else "stale"
                if seen[server] == "visible":
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
