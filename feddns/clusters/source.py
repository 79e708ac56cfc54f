"""What observes one cluster: the contract of its two kinds, and the way to open the one that is configured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from feddns.clock import STEADY
from feddns.clusters.decode import Reader
from feddns.clusters.probes import Probes
from feddns.clusters.selection import Selection
from feddns.clusters.view import ClusterView, Touched
from feddns.config.probing import ProbeSettings
from feddns.config.settings import ClusterSettings, ServiceSettings, WatchSettings


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


def open_source(
    settings: ClusterSettings,
    services: ServiceSettings,
    watch: WatchSettings,
    folder: Path,
    touched: Touched,
    probe: ProbeSettings | None = None,
) -> Source:
    """Make the source of one cluster; nothing is read or contacted yet.

    Args:
        settings: of the cluster.
        services: which of its Services are taken.
        watch: time limits.
        folder: of the configuration file, which relative paths in the settings start from.
        touched: is told of changes, also while `run` has just begun.
        probe: of Services that do not say themselves how they are probed.

    Raises:
        ValueError: `services.selector` is no label selector.
    """
    clock = STEADY
    view = ClusterView(settings, watch.lost_after, touched, clock())
    reader = Reader(view.name, Selection(services), Probes(view.name, probe, folder))
    if settings.manifests is not None:
        from feddns.clusters.manifests.source import ManifestSource  # noqa: PLC0415  # each kind pays for its imports alone

        return ManifestSource(view, reader, folder / Path(settings.manifests).expanduser(), clock)
    from feddns.clusters.kubernetes.credentials import InCluster, Kubeconfig  # noqa: PLC0415  # kubernetes costs a second
    from feddns.clusters.kubernetes.source import KubernetesSource  # noqa: PLC0415  # likewise

    if settings.kubeconfig is None:
        return KubernetesSource(view, reader, InCluster(), watch, clock)
    kubeconfig = folder / Path(settings.kubeconfig).expanduser()
    return KubernetesSource(view, reader, Kubeconfig(kubeconfig, settings.context), watch, clock)
