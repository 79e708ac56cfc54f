"""The writer of one zone: it carries out the zone's agenda through a provider.

One batch is in flight at a time, and what arrives meanwhile becomes the next batch (group commit): one change goes out
at once, ten thousand go out in full batches, and no timer delays either.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Final

from feddns.config.settings import WriteSettings
from feddns.errors import Conflict, ProviderError, Rejected, Unavailable
from feddns.model.decisions import Decision
from feddns.model.services import ServiceKey
from feddns.plan.agenda import Agenda, Draft, Terms
from feddns.plan.zone import sort_zone
from feddns.providers.base import OpenProvider, Paced
from feddns.providers.course import Course
from feddns.providers.delays import Delays
from feddns.providers.gate import Gate
from feddns.providers.retrying import retrying
from feddns.providers.zonelog import ZoneLog, services_told
from feddns.telemetry.events import LogEvent, log

_AT_ONCE: Final = -1.0
"""Before any time of the event loop's clock."""

_A_HAIR_S: Final = 0.001
"""Nothing worth waiting for, where timers fire that much before their time."""

_REFUSED_REREAD_S: Final = 30.0
"""How soon a zone that may not be written is looked at again."""

_NOT_THE_SERVICES: Final = 5
"""So many services refused one after another, each alone and no record blamed: the zone takes nothing at all."""

_SUSPICIOUS: Final = 8
"""So many writes with an unknown outcome one after another, over some ten seconds, none of which turned out to be done:
what is in the batch may be why. Backends fail with 5xx over what they cannot digest, as ExternalDNS' webhooks do."""

_SUSPECT_REREAD_S: Final = 120.0
"""How soon what was left out on suspicion is tried again: it may have been an outage after all."""


class ZoneWriter:
    """Keeps one zone as it is wanted.

    Attributes:
        agenda: what is known and wanted; others only look at it.
        known: set once the zone has been read.
        course: when it was last read and written, and what last went wrong.
        delays: how long changes take.
        gate: what each batch passes; the zone is read as ever while it is not open.
    """

    def __init__(
        self,
        provider: OpenProvider,
        terms: Terms,
        settings: WriteSettings,
        clock: Callable[[], float],
        changed: Callable[[frozenset[ServiceKey]], None],
    ) -> None:
        """Make a writer that has read nothing yet.

        Args:
            provider: where the zone is.
            terms: on which it is written.
            settings: pace and patience.
            clock: tells seconds since the epoch.
            changed: told of services whose published records turned out to be others than known, so that they are
                decided again.
        """
        self.agenda = Agenda(terms)
        self.known = asyncio.Event()
        self.course = Course()
        self.delays = Delays(clock)
        self.gate = Gate()
        self._log = ZoneLog(terms.names.zone, self.agenda)
        self._provider = provider
        self._names = terms.names
        self._settings = settings
        self._clock = clock
        self._changed = changed
        self._work = asyncio.Event()
        self._read_due_at = _AT_ONCE
        self._is_outdated = False
        self._refused_in_a_row = 0
        self._unknown_in_a_row = 0

    @property
    def frozen(self) -> str:
        """Whose word holds all writing up, for people; empty where nothing does. The zone is read as ever."""
        return self.agenda.frozen

    @frozen.setter
    def frozen(self, text: str) -> None:
        self.agenda.frozen = text
        self._log.frozen(text)
        self._work.set()

    def hold(self, reason: str) -> None:
        """Write nothing until it is known whether anybody froze it."""
        self.agenda.frozen = reason

    def want(self, decision: Decision, since: float = math.inf) -> None:
        """Lead the zone to what was decided for one service, which changed at `since` (infinite: it did not)."""
        self.agenda.want(decision.key, decision.records, decision.standing)
        waits = decision.key in self.agenda.waiting
        self.delays.note(decision.key, since, waits=waits)
        if not waits:
            self.course.settled(decision.key)

    def go(self, *, all_decided: bool = True) -> None:
        """Write what is wanted; deletions wait until all that was touched together has been decided."""
        self.agenda.all_decided = all_decided
        self._work.set()

    def begin(self) -> None:
        """Write from now on what others have written until now: once the zone was read again."""
        self._is_outdated = True
        self._work.set()

    def end(self) -> None:
        """Write no more: others do, from now on."""
        self.gate.cut()

    async def run(self) -> None:
        """Write and re-read until cancelled."""
        self._read_due_at = _AT_ONCE  # how a start before this one ended is not known
        self._work.set()
        while True:
            async for attempt in retrying(self._failed, None):
                with attempt:
                    await self._turn()

    async def read(self, patience_s: float = math.inf) -> None:
        """Read the zone, once.

        Args:
            patience_s: how long to go on trying, but never longer than a batch may take.

        Raises:
            ProviderError: it could not be read.
        """
        async for attempt in retrying(self._failed, min(patience_s, self._settings.deadline)):
            with attempt:
                await self._read()

    async def write_all(self) -> None:
        """Write all that waits and may be written.

        Raises:
            ProviderError: a batch could not be written until its deadline.
        """
        more = True
        while more:
            async for attempt in retrying(self._failed, self._settings.deadline):
                with attempt:
                    more = await self._write_next()

    async def _turn(self) -> None:
        if self._is_read_due():
            await self._read()
        try:
            async with asyncio.timeout_at(self._read_due_at):
                await self._work.wait()
        except TimeoutError:
            self._read_due_at = _AT_ONCE  # timers may fire a hair before their time
        self._work.clear()
        if self.gate.is_open:
            await self._log.obstacles()
        is_more = True  # where the attempt fails
        try:
            is_more = await self._write_next()
        finally:
            if is_more:
                self._work.set()

    async def _read(self) -> frozenset[ServiceKey]:
        """Read the zone, and have decided again what is others than was known."""
        was_outdated, self._is_outdated = self._is_outdated, False
        alone = self.gate.is_open and not was_outdated
        try:
            contents = await asyncio.to_thread(sort_zone, await self._provider.read_zone(), self._names)
        except BaseException:
            self._is_outdated |= was_outdated
            raise
        refused_before = self.agenda.refusal
        changed = self.agenda.read(contents, alone=alone)
        if self.agenda.refusal and self.agenda.refusal != refused_before:
            log(LogEvent.ZONE_REFUSED, zone=self._names.zone, reason=self.agenda.refusal)
        pause_s = _REFUSED_REREAD_S if self.agenda.refusal else self._settings.reread
        self._read_due_at = asyncio.get_running_loop().time() + pause_s
        self.course.read_at = self._clock()
        self.known.set()
        if changed:
            self._changed(changed)
        return changed

    def _is_read_due(self) -> bool:
        return self._is_outdated or asyncio.get_running_loop().time() >= self._read_due_at

    async def _write_next(self) -> bool:
        """Write one batch; False where nothing waits that may be written."""
        if self._is_read_due():  # asked before each batch, since changes may come without end
            await self._read()
        if self.gate.is_open:
            self._log.held(self._clock())
        draft = await self._next_draft()
        if draft is not None:
            await self._write(draft)
        elif self.agenda.all_decided:
            self.delays.forget()
        return draft is not None

    async def _next_draft(self) -> Draft | None:
        """The next batch, when it may go; None where there is none, or may be none before the zone is read again."""
        provider = self._provider
        while self.gate.is_open and not self._is_outdated:
            draft = self.agenda.next_draft(provider.limits, self._clock())
            pause_s = provider.pause_s(is_full=draft.is_full) if draft and isinstance(provider, Paced) else 0.0
            if pause_s < _A_HAIR_S:
                return draft
            await asyncio.sleep(pause_s)
        return None

    async def _write(self, draft: Draft) -> None:
        sent_at = self._clock()
        try:
            with self.delays.sending(service.key for service in draft.services):
                async with self.gate.passage():
                    await self._provider.apply(draft.batch)
        except Rejected as error:
            self._refuse(draft, error)
        except Conflict as error:
            log(LogEvent.WRITE_CONFLICT, zone=self._names.zone, services=services_told(draft), reason=str(error))
            await self._suspect(draft, error)
            raise
        except Unavailable as error:
            if error.outcome_unknown:
                await self._doubt(draft, error)
            raise
        else:
            self.course.written_at = self._clock()
            self.agenda.done(draft, self.course.written_at)
            for service in draft.services:
                if service.key not in self.agenda.waiting:
                    self.course.settled(service.key)
            self._refused_in_a_row = self._unknown_in_a_row = 0
            self._log.written(draft, self.course.written_at - sent_at)
            await self.course.written(draft.services)

    async def _doubt(self, draft: Draft, error: Unavailable) -> None:
        """Have the zone read before anything else is written."""
        self._read_due_at = _AT_ONCE
        self._unknown_in_a_row += 1
        if self._unknown_in_a_row >= _SUSPICIOUS:
            await self._suspect(draft, error)
            again_at = asyncio.get_running_loop().time() + _SUSPECT_REREAD_S
            self._read_due_at = min(self._read_due_at, again_at)

    async def _suspect(self, draft: Draft, error: ProviderError) -> None:
        """Read what moved under us; where nothing did, the batch itself holds something that cannot be written."""
        claim = self.agenda.claim
        self._read_due_at = _AT_ONCE
        changed = await self._read()
        if self.agenda.claim == claim and changed.isdisjoint(service.key for service in draft.services):
            self._refuse(draft, Rejected(str(error)))
        else:
            self._unknown_in_a_row = 0

    def _refuse(self, draft: Draft, error: Rejected) -> None:
        """Leave out what is to blame, or try with less.

        Raises:
            Rejected: service after service is refused, so it is not the services that are to blame.
        """
        for key in self.agenda.refused(draft, str(error), error.names):
            log(LogEvent.SERVICE_REFUSED, zone=self._names.zone, service=str(key), reason=str(error))
        if len(draft.services) == 1 and not error.names:
            self._refused_in_a_row += 1
        if self._refused_in_a_row >= _NOT_THE_SERVICES:
            raise error

    def _failed(self, error: ProviderError, pause_s: float) -> None:
        if isinstance(error, Conflict):
            return  # told already, and no failure of the provider's
        self.course.failed_at, self.course.failure = self._clock(), str(error)
        log(LogEvent.PROVIDER_FAILED, zone=self._names.zone, reason=str(error), retry_in_s=round(pause_s, 3))
