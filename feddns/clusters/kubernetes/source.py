"""The source that lists and watches."""

import asyncio
from collections.abc import Callable, Mapping

from feddns.clusters.decode import Reader
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Credentials
from feddns.clusters.kubernetes.events import EventReporter
from feddns.clusters.kubernetes.readiness import Readiness
from feddns.clusters.kubernetes.reflector import Reflector
from feddns.clusters.kubernetes.resources import resources
from feddns.clusters.kubernetes.secrets import Secrets
from feddns.clusters.reporting import log_problems
from feddns.clusters.view import ClusterView
from feddns.config.settings import WatchSettings


class KubernetesSource:
    """See `feddns.clusters.source.Source`.

    Args:
        view: to be kept.
        reader: reads the objects.
        credentials: of the cluster.
        watch: time limits.
        clock: gives seconds since the epoch.
        events: whether the owners of Services are told by Events.
    """

    def __init__(
        self,
        view: ClusterView,
        reader: Reader,
        credentials: Credentials,
        watch: WatchSettings,
        clock: Callable[[], float],
        *,
        events: bool = True,
    ) -> None:
        self.view = view
        self._has_events = events
        self._reader = reader
        self._credentials = credentials
        self._watch = watch
        self._clock = clock
        self._access = Access(credentials, watch, clock)
        self._secrets = Secrets(view.name, self._access, clock)

    async def run(self) -> None:
        """Keep every needed kind of objects listed and watched, and ask for readiness, each by a task of its own."""
        every = resources(self.view, self._reader, self._clock)
        reflectors = [Reflector(each, self.view, self._access, self._watch, self._clock) for each in every]

        def list_anew() -> None:
            for reflector in reflectors:
                reflector.list_anew()

        readiness = Readiness(self.view, self._access.ask, self._watch, list_anew, self._clock)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(readiness.run(), name=f"{self.view.name}: readiness")
                for resource, reflector in zip(every, reflectors, strict=True):
                    tasks.create_task(reflector.run(), name=f"{self.view.name}: {resource.kind}")
        finally:
            self._secrets.close()
            await self._access.close()

    async def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        """The data of a Secret; while `run` is at work."""
        return await self._secrets.data(namespace, name)

    async def report(self) -> None:
        """Tell the owners of Services by Events in their namespaces, and problems of Services in the log."""
        if not self._has_events:
            await log_problems(self.view)
            return
        access = Access(self._credentials, self._watch, self._clock)
        try:
            await EventReporter(self.view, access, self._watch.longest_backoff, self._clock).run()
        finally:
            await access.close()
