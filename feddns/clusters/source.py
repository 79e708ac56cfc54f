"""What observes one cluster: the contract of its two kinds, and the way to open the one that is configured."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from feddns.clock import STEADY
from feddns.clusters.decode import Reader
from feddns.clusters.members import Member
from feddns.clusters.probes import Probes
from feddns.clusters.selection import Selection
from feddns.clusters.view import ClusterView, Touched
from feddns.config.probing import ProbeSettings
from feddns.config.settings import ClusterSettings, ServiceSettings, WatchSettings
from feddns.errors import ClusterError


class Source(Protocol):
    """Keeps one cluster's view as the cluster is."""

    @property
    def view(self) -> ClusterView:
        """What the cluster shows; changed only by `run`."""

    async def run(self) -> None:
        """Observe until cancelled; trouble with the cluster is told in the view and tried again, never raised."""

    async def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        """The data of a Secret of this cluster, decoded; kept for a minute. To be asked for while `run` is at work.

        Raises:
            ClusterError: it cannot be read; tells which access rule is missing, if that is why.
        """

    async def report(self) -> None:
        """Tell the owners of Services about problems in them until cancelled; only one replica should."""


class Opening(msgspec.Struct, frozen=True):
    """What sources of all clusters have in common.

    Attributes:
        services: which Services are taken.
        watch: time limits.
        folder: of the configuration file, which relative paths in settings start from.
        probe: of Services that do not say themselves how they are probed.
    """

    services: ServiceSettings
    watch: WatchSettings
    folder: Path
    probe: ProbeSettings | None = None


class Unopened:
    """The source of a cluster that there is no way to see: it is never visible.

    Args:
        name: of the cluster.
        reason: why it cannot be seen, for people.
        lost_after_s: as all clusters have it.
        touched: told of nothing.
    """

    def __init__(self, name: str, reason: str, lost_after_s: float, touched: Touched) -> None:
        self.view = ClusterView(ClusterSettings(name), lost_after_s, touched, STEADY())
        self._reason = reason
        for kind in self.view.kinds:
            self.view.failed(kind, reason)

    async def run(self) -> None:
        """See `Source`."""
        await asyncio.Event().wait()

    async def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        """See `Source`."""
        raise ClusterError(f"cluster {self.view.name}: the Secret {namespace}/{name} cannot be read: {self._reason}")

    async def report(self) -> None:
        """See `Source`."""
        await asyncio.Event().wait()


def open_source(member: Member, opening: Opening, touched: Touched) -> Source:
    """Make the source of one cluster; nothing is read or contacted yet.

    Args:
        member: the cluster.
        opening: what all sources have in common.
        touched: is told of changes, also while `run` has just begun.

    Raises:
        ValueError: `services.selector` is no label selector.
    """
    settings, watch, clock = member.settings, opening.watch, STEADY
    if member.fault:
        return Unopened(member.name, f"{member.origin}: {member.fault}", watch.lost_after, touched)
    view = ClusterView(settings, watch.lost_after, touched, clock())
    reader = Reader(view.name, Selection(opening.services), Probes(view.name, opening.probe, opening.folder))
    if settings.manifests is not None:
        from feddns.clusters.manifests.source import ManifestSource  # noqa: PLC0415  # each kind pays for its imports alone

        return ManifestSource(view, reader, opening.folder / Path(settings.manifests).expanduser(), clock)
    from feddns.clusters.kubernetes.credentials import HeldKubeconfig, host_credentials  # noqa: PLC0415  # kubernetes costs a second
    from feddns.clusters.kubernetes.source import KubernetesSource  # noqa: PLC0415  # likewise

    credentials = (
        HeldKubeconfig(member.kubeconfig, member.origin)
        if member.kubeconfig is not None
        else host_credentials(settings.kubeconfig, settings.context, opening.folder)
    )
    return KubernetesSource(view, reader, credentials, watch, clock, events=opening.services.events)
