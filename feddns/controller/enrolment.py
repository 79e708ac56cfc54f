"""Which clusters are in the federation: those of the configuration with those that Secrets bring in."""

from pathlib import Path

from feddns.clusters.members import Member, united
from feddns.clusters.roster import Roster
from feddns.clusters.source import Opening
from feddns.config.settings import Settings
from feddns.controller.fleet import Fleet
from feddns.telemetry.events import LogEvent, log


class Enrolment:
    """Puts the members into the fleet.

    Until it is known which clusters Secrets bring in, one stands for all of them that is never visible: what it may
    have in a zone stays there.

    Attributes:
        fleet: the clusters that are seen.

    Args:
        fleet: the clusters that are seen.
        settings: the configuration.
        folder: where it stands.
        roster: knows the clusters of Secrets; None where there are none.
    """

    def __init__(self, fleet: Fleet, settings: Settings, folder: Path, roster: Roster | None) -> None:
        self.fleet = fleet
        self._settings = settings
        self._folder = folder
        self._roster = roster
        self._found: tuple[Member, ...] | None = None if roster else ()
        self._told: tuple[str, ...] = ()
        self._enrol()

    @property
    def is_moving(self) -> bool:
        """Whether clusters come and go without the configuration."""
        return self._roster is not None

    async def run(self) -> None:
        """Follow the Secrets, until cancelled."""
        if self._roster is not None:
            await self._roster.watch(self.take)

    async def look(self) -> None:
        """Find out once which clusters Secrets bring in.

        Raises:
            ClusterError: that cannot be read.
        """
        if self._roster is not None:
            self.take(await self._roster.read())

    def take(self, found: tuple[Member, ...]) -> None:
        """Have these clusters from Secrets, and no others."""
        self._found = found
        self._enrol()

    def follow(self, settings: Settings) -> None:
        """Have the clusters of another configuration."""
        self._settings = settings
        self._enrol()

    def _enrol(self) -> None:
        settings = self._settings
        members, problems = united(settings.clusters, self._found or ())
        for text in problems:
            if text not in self._told:
                log(LogEvent.MEMBER_REFUSED, reason=text)
        self._told = problems
        unknown = ""
        if self._roster is not None and self._found is None:
            unknown = f"which clusters there are is not known yet: {self._roster.describe()} have not been read"
        opening = Opening(settings.services, settings.watch, self._folder, settings.health.probe)
        self.fleet.take(members, opening, unknown)
