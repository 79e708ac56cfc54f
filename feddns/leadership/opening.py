"""The contract of leadership, and the way to what is configured: an election, or a replica that always leads."""

import asyncio
import math
from pathlib import Path
from typing import Protocol

from feddns.clock import STEADY
from feddns.config.settings import Settings
from feddns.leadership.tenure import Tenure


class Leadership(Protocol):
    """Whether this replica is the one that writes."""

    @property
    def tenure(self) -> Tenure:
        """How long it is."""

    @property
    def identity(self) -> str:
        """What this replica is called; empty where there is but one."""

    @property
    def leader(self) -> str:
        """What the replica is called that leads, as far as is known; empty where none does, or there is but one."""

    @property
    def transitions(self) -> int:
        """How often another replica became the leader, as far as is known."""

    async def run(self) -> None:
        """Take part in the election until cancelled."""

    async def release(self) -> None:
        """Let another lead at once, and take part no more; when nothing is written any more, and while `run` runs."""


class Alone:
    """There is one replica, which always leads; see `Leadership`."""

    identity = ""
    leader = ""
    transitions = 0

    def __init__(self) -> None:
        self.tenure = Tenure(STEADY, until=math.inf)

    async def run(self) -> None:
        """See `Leadership`; nobody stands against it."""
        await asyncio.Event().wait()

    async def release(self) -> None:
        """See `Leadership`; nobody waits for it."""


def open_leadership(settings: Settings, folder: Path) -> Leadership:
    """Open what is configured; nothing is contacted yet.

    Args:
        settings: all of them.
        folder: of the configuration file, which relative paths start from.
    """
    if settings.leader_election is None:
        return Alone()
    from feddns.leadership.election import Election  # noqa: PLC0415 - kubernetes costs a second

    return Election.open(settings.leader_election, folder, settings.watch, settings.federation)
