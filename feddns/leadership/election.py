"""A part of `feddns run` that takes part in the election of the replica that writes."""

import asyncio
import logging
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection

from feddns.clock import STEADY
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Credentials, host_credentials
from feddns.clusters.kubernetes.following import Objects, follow
from feddns.config.host import LeaderElectionSettings
from feddns.config.settings import WatchSettings
from feddns.errors import ClusterError
from feddns.leadership.lease import COLLECTION, ApiLeases, read_lease
from feddns.leadership.lock import LeaseLock, identity_of
from feddns.leadership.tenure import Tenure
from feddns.telemetry.events import LogEvent, log

_RELEASE_S: Final = 1.0
"""How long giving the lease up may take: two requests, at the end of a process that is waited for."""


class Election:
    """See `feddns.leadership.opening.Leadership`.

    The package's `LeaderElection` says when the lease is to be acquired and renewed; what it may conclude is up to our
    lock (see `feddns.leadership.lock`).

    Args:
        settings: the Lease's place and the times.
        credentials: of its cluster.
        watch: time limits.
        identity: of this replica, which no other has.
    """

    def __init__(
        self, settings: LeaderElectionSettings, credentials: Credentials, watch: WatchSettings, identity: str
    ) -> None:
        self.tenure = Tenure(STEADY)
        self._settings = settings
        self._told = ""
        # A lease that is alive is renewed every second or so, which its watch tells.
        self._limits = msgspec.structs.replace(watch, silence=min(watch.silence, 2 * settings.lease_duration))
        self._access = Access(credentials, self._limits, STEADY)
        leases = ApiLeases(self._access, settings.namespace, settings.name)
        self._lock = LeaseLock(leases, settings, identity, self.tenure, STEADY)

    @classmethod
    def open(cls, settings: LeaderElectionSettings, folder: Path, watch: WatchSettings, federation: str) -> "Election":
        """Make one for this process; nothing is contacted yet.

        Args:
            settings: the Lease's place and the times.
            folder: which relative paths in them start from.
            watch: time limits.
            federation: the name of what is written by who leads.
        """
        # A host may run several, one after another.
        identity = identity_of(federation, socket.gethostname(), secrets.token_hex(8))
        return cls(settings, host_credentials(settings.kubeconfig, settings.context, folder), watch, identity)

    @property
    def identity(self) -> str:
        """What this replica is called in the Lease."""
        return self._lock.identity

    @property
    def leader(self) -> str:
        """Who held the Lease when it was last seen; empty where nobody did."""
        return self._lock.holder

    @property
    def transitions(self) -> int:
        """How often the Lease went to another holder, as it was last seen."""
        return self._lock.transitions

    async def run(self) -> None:
        """Take part until cancelled."""
        # What it logs, each second and at WARNING, the lock tells once.
        logging.getLogger("kubernetes.aio.leaderelection").setLevel(logging.CRITICAL)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(elect(self._lock, self._settings))
                tasks.create_task(self._watch())
        finally:
            await self._access.close()

    async def release(self) -> None:
        """Give the lease up, and take part no more; a failure is logged, as the lease then runs out by itself."""
        try:
            async with asyncio.timeout(_RELEASE_S):
                await self._lock.release()
        except (ClusterError, TimeoutError) as error:
            log(LogEvent.ABANDONED, what="the release of the lease", reason=str(error) or "it took too long")

    def listed(self, objects: Sequence[msgspec.Raw]) -> None:
        """See `feddns.clusters.kubernetes.following.Followed`."""
        self._told = ""
        self._lock.observe(read_lease(bytes(objects[0])) if objects else None)

    def put(self, each: msgspec.Raw) -> None:
        """See `Followed`."""
        self._lock.observe(read_lease(bytes(each)))

    def gone(self, each: msgspec.Raw) -> None:  # noqa: ARG002 - there is but one
        """See `Followed`."""
        self._lock.observe(None)

    async def _watch(self) -> None:
        """Hear at once of a lease that was released; without that, a standby takes over when it runs out."""

        def trouble(error: ClusterError) -> None:
            if str(error) != self._told:
                self._told = str(error)
                log(LogEvent.LEASE_UNUSABLE, lease=f"{self._lock.namespace}/{self._lock.name}", reason=self._told)

        path = COLLECTION.format(namespace=self._settings.namespace)
        wanted = Objects(path, {"fieldSelector": f"metadata.name={self._settings.name}"})
        await follow(self._access, wanted, self, self._limits, trouble)


async def elect(lock: LeaseLock, settings: LeaderElectionSettings) -> None:
    """Have the package acquire and renew the lock, again and again, until cancelled."""
    config = Config(lock, 3.0, 2.0, 1.0, _nothing, _nothing)
    # Times under a second, which it refuses to take, are as sound for a lock that has its own clock.
    config.lease_duration, config.renew_deadline = settings.lease_duration, settings.renew_deadline
    config.retry_period = settings.retry_period
    while True:
        await LeaderElection(config).run()


async def _nothing() -> None:
    """The tenure tells who is concerned."""
