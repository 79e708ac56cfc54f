"""Keeps asking the addresses that somebody wants to know about, and tells whom when that changes what is believed."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from feddns.health.tracks import hindered, tested
from feddns.model.probing import JITTER, Probe, ProbeState, Track
from feddns.probes.allowed import Allowed
from feddns.probes.answer import Answer, Outcome
from feddns.probes.answer import hindered as hindered_answer
from feddns.probes.ask import Ask
from feddns.probes.pulse import Pulse
from feddns.probes.schedule import Schedule, Target, User
from feddns.probes.wishes import Wishes
from feddns.telemetry.events import LogEvent, log

_HASTE_S: Final = 1.0
_MOST_LOST: Final = 0.25
"""The part of its time limit that our process may have been away while a question failed, for the failure to count."""
_REMEMBERED: Final = 4096
_MINUTE_S: Final = 60.0


class Figures(msgspec.Struct, frozen=True):
    """How the prober does.

    Attributes:
        targets: how many addresses are asked, each question to one counted apart.
        asked: questions so far, by outcome.
        void: questions whose failure did not count, as our own process was held up meanwhile.
        lateness_s: how much later than planned the questions of the last minute began, in seconds; at most some
            thousand of them.
    """

    targets: int
    asked: Mapping[Outcome, int]
    void: int
    lateness_s: tuple[float, ...]


class Prober:
    """Asks the wanted addresses as often as their probes say; the same question to one address is asked once for all.

    Args:
        changed: told of the users for whom the state of an address has changed, or a first result has come; never of
            more of the same. Must not block.
        clock: gives seconds since the epoch, for the stamps of tracks alone: time limits and pauses are measured by the
            event loop's clock, which nobody sets.
        ask: asks once.
        allowed: the addresses that may be asked.
        concurrency: how many questions may be under way at a time.
        hasty: whether a target is asked each second until it has a result, for commands that wait for it.
    """

    def __init__(
        self,
        changed: Callable[[frozenset[User]], None],
        clock: Callable[[], float],
        ask: Ask,
        *,
        allowed: Allowed,
        concurrency: int = 256,
        hasty: bool = False,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._ask = ask
        self._hasty = hasty
        self._schedule = Schedule(concurrency)
        self._pulse = Pulse()
        self._wishes = Wishes(allowed, clock)
        self._news: set[User] = set()
        self._unsettled: set[Target] = set()
        self._wake = asyncio.Event()
        self._alarm_at = math.inf
        self._settled = asyncio.Event()
        self._settled.set()
        self._asked = dict.fromkeys(Outcome, 0)
        self._void = 0
        self._begun: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)

    def want(self, user: User, targets: Mapping[str, Probe]) -> None:
        """Say which addresses a user wants asked from now on; to be called in the event loop.

        A user who changes how often an address is asked keeps what is known of it; other questions begin anew.

        Args:
            user: anything that stays the same between calls.
            targets: probes by address in canonical form; none to want nothing any more.
        """
        new, ended = self._wishes.change(user, targets)
        for target in new:
            if not target.is_settled:
                self._unsettled.add(target)
                self._settled.clear()
            self._plan(target, asyncio.get_running_loop().time())
        for target in ended:
            self._settle(target)
            if target.task is not None:
                target.task.cancel()

    def tracks(self, user: User) -> Mapping[str, Track]:
        """What is known now of each address that the user wants; one that may not be probed is hindered by that."""
        return self._wishes.tracks(user)

    def figures(self) -> Figures:
        """How the prober does; to be called in the event loop."""
        since = asyncio.get_running_loop().time() - _MINUTE_S
        return Figures(
            targets=self._wishes.count,
            asked=dict(self._asked),
            void=self._void,
            lateness_s=tuple(late_s for began, late_s in self._begun if began >= since),
        )

    async def first_results(self) -> None:
        """Wait until every wanted target has a first result, or a reason of our own side why it has none."""
        await self._settled.wait()

    async def run(self) -> None:
        """Ask until cancelled."""
        try:
            while True:
                self._start()
                self._tell()
                await self._sleep()
        finally:
            under_way = [target.task for target in self._wishes.targets() if target.task is not None]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _start(self) -> None:
        """Start the questions whose turn it is."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        while target := self._schedule.take(now):
            self._pulse.start()
            self._begun.append((now, max(0.0, now - target.due)))
            target.task = loop.create_task(self._ask(target.address, target.probe))
            target.task.add_done_callback(partial(self._over, target, now, self._pulse.lost_s))

    def _plan(self, target: Target, due: float) -> None:
        self._schedule.plan(target, due)
        if due < self._alarm_at:
            self._wake.set()

    def _tell(self) -> None:
        if self._news:
            users, self._news = frozenset(self._news), set()
            self._changed(users)

    async def _sleep(self) -> None:
        """Wait until a target is due, or something has happened."""
        self._alarm_at = self._schedule.next_due
        has_next = self._alarm_at < math.inf
        alarm = asyncio.get_running_loop().call_at(self._alarm_at, self._wake.set) if has_next else None
        try:
            await self._wake.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._wake.clear()

    def _over(self, target: Target, began: float, lost_before_s: float, task: asyncio.Task[Answer]) -> None:
        """Take what came of a question, and plan the next one."""
        target.task = None
        lost_s = self._pulse.lost_s - lost_before_s
        self._schedule.give_back(target)
        if self._schedule.waiting:
            self._wake.set()
        if not self._schedule.under_way:
            self._pulse.stop()
        now = asyncio.get_running_loop().time()
        if not target.users:
            return
        if task.cancelled():
            self._plan(target, now)
            return
        answer = self._answer(target, task)
        if answer.outcome is Outcome.FAILED and lost_s > target.probe.timeout_s * _MOST_LOST:
            self._void += 1
            pause_s = min(target.probe.interval_s, _HASTE_S)
        else:
            self._take(target, answer)
            pause_s = self._pause_s(target)
        self._plan(target, max(began + pause_s, now))

    def _answer(self, target: Target, task: asyncio.Task[Answer]) -> Answer:
        """The answer of a question; one that ended in a way that nobody foresaw is no evidence, nor others' end."""
        error = task.exception()
        if error is None:
            return task.result()
        text = f"an error in feddns: {type(error).__name__}"
        if target.track.hindrance != text:
            log(LogEvent.PART_FAILED, part=f"probe of {target.address}", reason=repr(error), exc_info=error)
        return hindered_answer(text)

    def _take(self, target: Target, answer: Answer) -> None:
        """Let an answer count."""
        self._asked[answer.outcome] += 1
        before, now = target.track, self._clock()
        if answer.outcome is Outcome.HINDERED:
            target.track = hindered(before, answer.text)
        else:
            succeeded = answer.outcome is Outcome.SUCCEEDED
            target.track = tested(before, succeeded=succeeded, text=answer.text, now=now, probe=target.probe)
        if target.is_settled:
            self._settle(target)
        if _is_news(before, target.track):
            self._news |= target.users
            self._wake.set()

    def _settle(self, target: Target) -> None:
        self._unsettled.discard(target)
        if not self._unsettled:
            self._settled.set()

    def _pause_s(self, target: Target) -> float:
        """Seconds between the beginnings of two questions.

        The first pause is any part of the interval: targets that came together are spread over it from then on, as
        HAProxy's `spread-checks` and Envoy's `initial_jitter` do.
        """
        interval_s = target.probe.interval_s
        if self._hasty:
            return min(interval_s, _HASTE_S)
        if target.is_new:
            target.is_new = False
            return interval_s * random.random()  # noqa: S311 - spreads load, keeps no secret
        return interval_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - likewise


def _is_news(before: Track, after: Track) -> bool:
    """Whether somebody may think otherwise now, or has waited for this."""
    return before.state is not after.state or _first_result(before) != _first_result(after)


def _first_result(track: Track) -> tuple[bool, bool]:
    """What there is of a first result, while it decides nothing yet; and whether one can be had at all."""
    return track.tested_at is None, track.state is not ProbeState.PASSING and bool(track.hindrance)
