"""The lock that an election is about: a Lease, and what this replica may conclude from it.

It is what the package `kubernetes` calls a resource lock, and it holds all that safety rests on, because that package's
own (`kubernetes.aio.leaderelection`, 37.0.1) does not:

- It judges by `time.time()`. A wall clock that is set forward by the lease's duration makes a standby take a lease that
  is alive, and one that is set back lets a leader go on that should have stopped.
- A leader counts its time from the answer to a renewal, however late that comes. Others count from the renewal.
- A request that hangs has no limit, and any error but `ApiException` ends the election.
- Nothing is released at the end, so that every rolling update waits for the lease to run out; `leaseTransitions` is
  never counted; local times are written as if they were UTC.

The rules are those of client-go (k8s.io/client-go/tools/leaderelection): times are the observer's own, counted from
when it saw the Lease change, and the Lease is written by compare and swap.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord

from feddns.clusters.backoff import Backoff
from feddns.clusters.kubernetes.failures import Refused
from feddns.config.host import LeaderElectionSettings
from feddns.errors import ClusterError
from feddns.leadership.lease import Lease, Leases, Spec
from feddns.leadership.tenure import Tenure
from feddns.telemetry.events import LogEvent, log

_A_HAIR_S: Final = 0.001
"""No wait is shorter: timers may fire that much before their time, which must not make them run in circles."""

_RELEASED_S: Final = 1
"""The duration of a Lease that nobody holds, as client-go writes it: none would be refused."""


class LeaseLock:
    """A lock as `kubernetes.aio.leaderelection` takes it (`resourcelock.baselock.BaseLock`).

    `get` keeps a standby waiting until there is something for it to do. So the package is asked to write when this
    replica holds the lease or may take it, and its own clock decides nothing.

    Args:
        leases: where the Lease is kept.
        settings: its place and the times.
        identity: of this replica, which no other has.
        tenure: extended by each renewal, to `renewDeadline` after that was sent. Others take the Lease no sooner than
            its duration after it was renewed, which is longer.
        clock: gives seconds that go on evenly, also while the process is stopped.

    Attributes:
        name: of the Lease.
        namespace: of the Lease.
        identity: of this replica.
        transitions: how often the Lease went to another holder, as it was last seen.
    """

    def __init__(
        self,
        leases: Leases,
        settings: LeaderElectionSettings,
        identity: str,
        tenure: Tenure,
        clock: Callable[[], float],
    ) -> None:
        self.name = settings.name
        self.namespace = settings.namespace
        self.identity = identity
        self.transitions = 0
        self._leases = leases
        self._settings = settings
        self._tenure = tenure
        self._clock = clock
        # So that two attempts fit into the deadline: one that hangs, a pause, and one that is answered.
        self._patience_s = (settings.renew_deadline - settings.retry_period) / 2
        self._backoff = Backoff(settings.retry_period)
        self._lease: Lease | None = None
        self._is_known = False
        self._free_at = -math.inf
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._is_retired = False
        self._told_holder = ""
        self._trouble = ""

    @property
    def holder(self) -> str:
        """Who held the Lease when it was last seen; empty where nobody did."""
        return "" if self._lease is None else self._lease.holder

    async def get(self, _name: str, _namespace: str) -> tuple[bool, LeaderElectionRecord | None]:
        """Wait until this replica holds the Lease, or may take it.

        Returns:
            True, and what the Lease says where this replica holds it.
        """
        while True:
            if not self._is_known:
                await self._look()
            if self._is_ours():
                return True, LeaderElectionRecord(self.identity, str(self._duration_s), "", "")
            left_s = self._free_at - self._clock()
            if left_s <= 0.0:
                return True, None
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(left_s, _A_HAIR_S)):
                    await self._changed.wait()

    async def create(self, name: str, namespace: str, record: LeaderElectionRecord) -> bool:
        """See `update`, which makes the Lease where there is none."""
        return await self.update(name, namespace, record)

    async def update(self, _name: str, _namespace: str, _record: LeaderElectionRecord) -> bool:
        """Take the Lease, or renew it; whether that was done."""
        if await self._attempt():
            return True
        # The answer may have been lost, or what was known of the Lease was old: that need not cost a `retryPeriod`.
        await self._look()
        return await self._attempt()

    async def release(self) -> None:
        """Take part no more, and give the Lease up where it is ours, so that another replica need not wait.

        Raises:
            ClusterError: it could not be given up, or it is not known whether it was.
        """
        self._is_retired = True
        self._tenure.end()
        async with self._turn:  # a renewal that is under way would count for a later word of ours
            lease = await self._leases.get()
            if lease is not None and lease.holder == self.identity:
                now = _timestamp()
                spec = Spec(None, _RELEASED_S, now, now, lease.spec.lease_transitions)
                self._see(await self._leases.replace(lease, spec))

    def observe(self, lease: Lease | None) -> None:
        """Take note of what a watch tells; None for a Lease that was deleted.

        The leader does not listen: it has the word of its own renewals, which the watch only repeats later.
        """
        if not (self._is_known and self._is_ours()):
            self._see(lease)

    @property
    def _duration_s(self) -> int:
        """Whole seconds are all that a Lease can say."""
        return math.ceil(self._settings.lease_duration)

    def _is_ours(self) -> bool:
        return self.holder == self.identity

    def _may_write(self) -> bool:
        return self._is_ours() or self._clock() >= self._free_at

    async def _attempt(self) -> bool:
        """Write the Lease, if it is ours or may be taken."""
        async with self._turn:
            if self._is_retired or not self._may_write():
                return False
            sent_at = self._clock()
            try:
                async with asyncio.timeout(self._patience_s):
                    lease = await self._write(self._ours())
            except (ClusterError, TimeoutError) as error:
                self._failed(error)
                return False
            self._see(lease)
            self._tell_trouble("")
            if self._tenure.extend(sent_at + self._settings.renew_deadline):
                log(LogEvent.LEADING, identity=self.identity, transitions=self.transitions)
            return True

    async def _look(self) -> None:
        """Read the Lease, however long that takes."""
        while not self._is_known:
            try:
                async with asyncio.timeout(self._patience_s):
                    self._see(await self._leases.get())
            except (ClusterError, TimeoutError) as error:
                self._failed(error)
                await asyncio.sleep(self._backoff.failed())
            else:
                self._backoff.succeeded()
                if not self._may_write():  # else it is over once that has been done
                    self._tell_trouble("")

    def _see(self, lease: Lease | None) -> None:
        """Take note of what the Lease is now."""
        before, self._lease, self._is_known = self._lease, lease, True
        if lease is None:
            # Whoever held it may not know yet that it was deleted; and when nothing was there before, nothing is new.
            held = before
        else:
            held = lease if before is None or before.version != lease.version else None
            self.transitions = lease.spec.lease_transitions or 0
            self._tell_holder(lease.holder)
        if held is not None:
            is_free = held.holder in ("", self.identity)
            self._free_at = -math.inf if is_free else self._clock() + self._wait_s(held)
        if self.holder not in ("", self.identity):
            self._tenure.lose()  # a person has given it to another, or taken it away for long enough
        self._changed.set()

    def _wait_s(self, lease: Lease) -> float:
        """How long the holder may go on after the Lease was changed; by its own settings, as ours may be newer."""
        return lease.spec.lease_duration_seconds or self._settings.lease_duration

    async def _write(self, spec: Spec) -> Lease:
        if self._lease is None:
            return await self._leases.create(spec)
        return await self._leases.replace(self._lease, spec)

    def _ours(self) -> Spec:
        """What the Lease is to say when it is ours."""
        now = _timestamp()
        if self._lease is None:
            return Spec(self.identity, self._duration_s, now, now, 0)
        found = self._lease.spec
        if self._is_ours():
            return Spec(self.identity, self._duration_s, found.acquire_time or now, now, found.lease_transitions)
        return Spec(self.identity, self._duration_s, now, now, (found.lease_transitions or 0) + 1)

    def _failed(self, error: ClusterError | TimeoutError) -> None:
        """Take note that the Lease could not be read or written: what it says now is not known."""
        self._is_known = False
        if isinstance(error, Refused) and error.status == HTTPStatus.CONFLICT:
            return  # another was faster
        self._tell_trouble(str(error) or f"no answer within {self._patience_s:g} s")

    def _tell_trouble(self, reason: str) -> None:
        if reason and reason != self._trouble:
            log(LogEvent.LEASE_UNUSABLE, lease=f"{self.namespace}/{self.name}", reason=reason)
        self._trouble = reason

    def _tell_holder(self, holder: str) -> None:
        if holder not in ("", self.identity, self._told_holder):
            log(LogEvent.STANDING_BY, leader=holder)
            other, ours = federation_of(holder), federation_of(self.identity)
            if other and ours and other != ours:
                reason = (
                    f"it is held for the federation {other}, and nobody writes {ours} meanwhile: give each federation "
                    "a Lease of its own by leaderElection.name"
                )
                log(LogEvent.LEASE_UNUSABLE, lease=f"{self.namespace}/{self.name}", reason=reason)
        self._told_holder = holder


def identity_of(federation: str, host: str, unique: str) -> str:
    """What a replica is called in the Lease."""
    return f"{federation}_{host}_{unique}"


def federation_of(identity: str) -> str:
    """The federation that a replica writes; empty where its identity does not say."""
    parts = identity.split("_")
    return parts[0] if len(parts) == 3 else ""


def _timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
