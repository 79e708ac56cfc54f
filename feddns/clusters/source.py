"""What observes one cluster: the contract of its two kinds, and the way to open the one that is configured."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from feddns.clusters.selection import Selection
from feddns.clusters.view import ClusterView, Touched
from feddns.config.settings import ClusterSettings, ServiceSettings, WatchSettings


class Source(Protocol):
    """Keeps one cluster's view as the cluster is."""

    @property
    def view(self) -> ClusterView:
        """What the cluster shows; changed only by `run`."""

    async def run(self) -> None:
        """Observe until cancelled; trouble with the cluster is told in the view and tried again, never raised."""

    async def report(self) -> None:
        """Tell the owners of Services about problems in them until cancelled; only one replica should."""


def open_source(
    settings: ClusterSettings,
    services: ServiceSettings,
    watch: WatchSettings,
    folder: Path,
    touched: Touched,
    clock: Callable[[], float] = time.time,
) -> Source:
    """Make the source of one cluster; nothing is read or contacted yet.

    Args:
        settings: of the cluster.
        services: which of its Services are taken.
        watch: time limits.
        folder: of the configuration file, which relative paths in `settings` start from.
        touched: is told of changes, also while `run` has just begun.
        clock: gives seconds since the epoch; the same that `ClusterView.state` is asked with.

    Raises:
        ValueError: `services.selector` is no label selector.
    """
    view = ClusterView(settings, watch.lost_after, touched, clock())
    selection = Selection(services)
    if settings.manifests is not None:
        from feddns.clusters.manifests.source import ManifestSource  # noqa: PLC0415  # each kind pays for its imports alone

        return ManifestSource(view, selection, folder / Path(settings.manifests).expanduser(), clock)
    from feddns.clusters.kubernetes.credentials import InCluster, Kubeconfig  # noqa: PLC0415  # kubernetes costs a second
    from feddns.clusters.kubernetes.source import KubernetesSource  # noqa: PLC0415  # likewise

    if settings.kubeconfig is None:
        return KubernetesSource(view, selection, InCluster(), watch, clock)
    kubeconfig = folder / Path(settings.kubeconfig).expanduser()
    return KubernetesSource(view, selection, Kubeconfig(kubeconfig, settings.context), watch, clock)
