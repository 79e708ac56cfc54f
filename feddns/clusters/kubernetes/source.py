"""The source that lists and watches."""

import asyncio
from collections.abc import Callable

from feddns.clusters.decode import Reader
from feddns.clusters.kubernetes.access import Access
from feddns.clusters.kubernetes.credentials import Credentials
from feddns.clusters.kubernetes.events import EventReporter
from feddns.clusters.kubernetes.reflector import Reflector
from feddns.clusters.kubernetes.resources import resources
from feddns.clusters.selection import Selection
from feddns.clusters.view import ClusterView
from feddns.config.settings import WatchSettings


class KubernetesSource:
    """See `feddns.clusters.source.Source`.

    Args:
        view: to be kept.
        selection: which Services are taken.
        credentials: of the cluster.
        watch: time limits.
        clock: gives seconds since the epoch.
    """

    def __init__(
        self,
        view: ClusterView,
        selection: Selection,
        credentials: Credentials,
        watch: WatchSettings,
        clock: Callable[[], float],
    ) -> None:
        self.view = view
        self._selection = selection
        self._credentials = credentials
        self._watch = watch
        self._clock = clock

    async def run(self) -> None:
        """Keep every needed kind of objects listed and watched, each by a task of its own."""
        access = Access(self._credentials, self._watch, self._clock)
        reader = Reader(self.view.name, self._selection)
        try:
            async with asyncio.TaskGroup() as tasks:
                for resource in resources(self.view, reader, self._clock):
                    reflector = Reflector(resource, self.view, access, self._watch, self._clock)
                    tasks.create_task(reflector.run(), name=f"{self.view.name}: {resource.kind}")
        finally:
            await access.close()

    async def report(self) -> None:
        """Make problems of Services known as Events in their namespaces."""
        access = Access(self._credentials, self._watch, self._clock)
        try:
            await EventReporter(self.view, access, self._watch.longest_backoff, self._clock).run()
        finally:
            await access.close()
