"""Which clusters make the federation: those of the configuration, and those that Secrets bring in."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from feddns.config.settings import ClusterSettings, Settings

CONFIGURED = "the configuration"


class Member(msgspec.Struct, frozen=True, gc=False):
    """One cluster of the federation.

    Attributes:
        settings: where it is and how it is reached.
        kubeconfig: how it is reached where a Secret says so; secret.
        origin: where it is said that it is a member, for people.
        fault: why nothing can be made of that, for people; empty where something can.
    """

    settings: ClusterSettings
    kubeconfig: bytes | None = None
    origin: str = CONFIGURED
    fault: str = ""

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.settings.name

    def __repr__(self) -> str:
        return f"Member({self.name} of {self.origin})"


class Roster(Protocol):
    """Knows clusters that the configuration does not name.

    Attributes:
        known: set once `watch` has found out which there are. Until then any address in a zone may be one of theirs.
    """

    known: asyncio.Event

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


def united(
    configured: Iterable[ClusterSettings], found: Iterable[Member]
) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """All members, and what is wrong with those that were found, for people.

    Args:
        configured: the clusters of the configuration, which go before others of the same name.
        found: the others.
    """
    members = {settings.name: Member(settings) for settings in configured}
    problems: list[str] = []
    for member in found:
        first = members.setdefault(member.name, member)
        if first is not member:
            problems.append(f"{member.origin} brings in the cluster {member.name}, which {first.origin} has already")
        elif member.fault:
            problems.append(f"{member.origin}: {member.fault}")
    return tuple(members.values()), tuple(problems)
