"""Which clusters make the federation: those of the configuration, and those that Secrets bring in."""

from collections.abc import Iterable

import msgspec

from feddns.config.settings import ClusterSettings

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
