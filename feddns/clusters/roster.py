"""Where clusters are listed that the configuration does not name, and the way to open the list."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from feddns.clusters.members import Member
from feddns.config.settings import Settings


class Roster(Protocol):
    """Knows clusters that the configuration does not name."""

    def describe(self) -> str:
        """Where they are listed, for people."""

    async def read(self) -> tuple[Member, ...]:
        """Those that there are now, by name.

        Raises:
            ClusterError: that cannot be read.
        """

    async def watch(self, seen: Callable[[tuple[Member, ...]], None]) -> None:
        """Tell which there are, at the start and at each change, until cancelled.

        Trouble is logged and tried again, never raised, and never tells anything: the last known clusters stay.
        """


def open_roster(settings: Settings, folder: Path) -> Roster | None:
    """What knows the clusters that Secrets bring in; None where none do. Nothing is read or contacted yet.

    Args:
        settings: the configuration.
        folder: where it stands.
    """
    secrets = settings.cluster_secrets
    if secrets is None:
        return None
    from feddns.clusters.kubernetes.credentials import host_credentials  # noqa: PLC0415 - kubernetes costs a second
    from feddns.clusters.kubernetes.roster import SecretRoster  # noqa: PLC0415 - likewise

    credentials = host_credentials(secrets.kubeconfig, secrets.context, folder)
    return SecretRoster(secrets.namespace, credentials, settings.watch)
