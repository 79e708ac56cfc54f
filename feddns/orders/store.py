"""Where orders are kept: the contract of its two kinds, and the way to open the one that is configured."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from feddns.config.settings import StateSettings, WatchSettings
from feddns.model.orders import Orders


class OrderStore(Protocol):
    """Keeps orders for every feddns of one installation.

    Attributes:
        known: set once `watch` has found out what is ordered. Until then nobody knows whether something is drained,
            evicted or frozen, so that nothing should be taken away and nothing written.
    """

    known: asyncio.Event

    def describe(self) -> str:
        """Where it is, for people."""

    async def read(self) -> Orders:
        """What is ordered now; drains that have ended may be among it.

        Raises:
            OrdersError: it cannot be read.
        """

    async def update(self, change: Callable[[Orders], Orders]) -> Orders:
        """Change what is ordered; nothing that another orders at the same time is lost.

        Args:
            change: makes new orders of old ones; pure, as it is called again where another was faster. Where it changes
                nothing, nothing is written.

        Returns:
            What is ordered then.

        Raises:
            OrdersError: it could not be changed.
        """

    async def watch(self, seen: Callable[[Orders], None]) -> None:
        """Tell what is ordered, at the start and at each change, until cancelled.

        Trouble is logged and tried again, never raised, and never tells anything: the last known orders stay.
        """


def open_store(state: StateSettings, folder: Path, watch: WatchSettings) -> OrderStore:
    """Open the store that is configured; nothing is read or contacted yet.

    Args:
        state: where it is.
        folder: of the configuration file, which relative paths in `state` start from.
        watch: time limits, for a ConfigMap.
    """
    if state.config_map is None:
        from feddns.orders.file import FileStore  # noqa: PLC0415 - each kind pays for its imports alone

        return FileStore(folder / Path(state.file).expanduser())
    from feddns.clusters.kubernetes.credentials import host_credentials  # noqa: PLC0415 - kubernetes costs a second
    from feddns.orders.configmap import ConfigMapStore  # noqa: PLC0415 - likewise

    settings = state.config_map
    credentials = host_credentials(settings.kubeconfig, settings.context, folder)
    return ConfigMapStore(settings.namespace, settings.name, credentials, watch)
