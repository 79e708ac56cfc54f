"""The source that looks at the files again and again."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from feddns.clusters.decode import Reader
from feddns.clusters.manifests.folder import Contents, ManifestFolder
from feddns.clusters.reporting import log_problems
from feddns.clusters.sight import Kind
from feddns.clusters.view import ClusterView
from feddns.errors import ClusterError
from feddns.model.services import Problem
from feddns.telemetry.events import LogEvent, log

_POLL_S: Final = 0.25


class ManifestSource:
    """See `feddns.clusters.source.Source`.

    The folder is the cluster: what is not in it is not there, and a folder that is not there is a cluster that cannot
    be seen. Looking at each file's time, size and inode works on every file system and through the symbolic links of
    a ConfigMap.

    Args:
        view: to be kept.
        reader: reads the objects.
        folder: the manifests' folder.
        clock: gives seconds since the epoch.
    """

    def __init__(self, view: ClusterView, reader: Reader, folder: Path, clock: Callable[[], float]) -> None:
        self.view = view
        self._clock = clock
        self._folder = ManifestFolder(folder, reader)
        self._contents: Contents | None = None
        self._is_complete = False
        self._problems: dict[str, Problem] = {}
        self._told = ""

    async def run(self) -> None:
        """Look at the folder again and again."""
        while True:
            try:
                # Reading is done in a thread: large files take seconds, and a network's file system may hang.
                contents = await asyncio.to_thread(self._folder.look)
            except ClusterError as error:
                self._failed(str(error))
            else:
                self._take(contents)
            await asyncio.sleep(_POLL_S)

    async def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        """Nothing is read: whoever writes credentials into a folder of manifests has told them to all its readers.

        Raises:
            ClusterError: always.
        """
        text = f"no Secrets are read from manifests, so {namespace}/{name} gives no headers"
        raise ClusterError(f"cluster {self.view.name}: {text}; use headersFrom in the configuration")

    async def report(self) -> None:
        """Log problems of Services; a folder has no owner to send Events to."""
        await log_problems(self.view)

    def _take(self, contents: Contents) -> None:
        now = self._clock()
        if contents is not self._contents:
            self._contents = contents
            self._blame(contents.problems)
            if self._is_complete or not contents.unread:
                self._replace(contents, now)
        if not self._is_complete:
            # What those files would say is not known, so nothing may be concluded from what is missing.
            self._failed("; ".join(contents.unread))
            return
        self._told = ""
        for kind in self.view.kinds:
            self.view.heard(kind, now)

    def _replace(self, contents: Contents, now: float) -> None:
        self._is_complete = True
        self.view.replace_services(contents.services, now)
        self.view.replace_slices(contents.slices, now)
        if Kind.NODES in self.view.kinds:
            self.view.replace_nodes(contents.nodes, now)

    def _blame(self, problems: dict[str, Problem]) -> None:
        for subject in self._problems.keys() - problems.keys():
            self.view.blame(Kind.SERVICES, subject, None)
        for subject, problem in problems.items():
            if self._problems.get(subject) != problem:
                self.view.blame(Kind.SERVICES, subject, problem)
                log(LogEvent.PROBLEM, cluster=self.view.name, reason=problem.reason, text=problem.text)
        self._problems = problems

    def _failed(self, reason: str) -> None:
        for kind in self.view.kinds:
            self.view.failed(kind, reason)
        if reason != self._told:
            self._told = reason
            log(LogEvent.CLUSTER_UNREADABLE, cluster=self.view.name, error=reason)
