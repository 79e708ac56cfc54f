"""The clusters of the federation as they come and go, each seen by its source."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from feddns.clock import STEADY
from feddns.clusters.members import Member
from feddns.clusters.source import Opening, Source, Unopened, open_source
from feddns.clusters.view import Touched
from feddns.controller.crew import Crew, Part
from feddns.model.evidence import Sight
from feddns.model.services import ServiceKey
from feddns.model.topology import ClusterName
from feddns.telemetry.events import LogEvent, log

UNKNOWN_MEMBERS = "?"
"""The name of the cluster that stands for those of which it is not known yet which they are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seat:
    """A cluster with its source, and what that was opened by."""

    member: Member
    opening: Opening
    source: Source

    def is_of(self, member: Member, opening: Opening) -> bool:
        return (self.member, self.opening) == (member, opening)


Reporting = Callable[[], Awaitable[None]]


async def _always(report: Reporting) -> None:
    await report()


class _Entrance:
    """Passes on what a source tells, once it has its place among those that are looked at."""

    def __init__(self, touched: Touched, noticed: Callable[[], bool]) -> None:
        self._touched = touched
        self._noticed = noticed

    def service(self, key: ServiceKey) -> None:
        """One service changed."""
        if self._noticed():
            self._touched.service(key)

    def cluster(self, name: ClusterName) -> None:
        """The whole cluster changed."""
        if self._noticed():
            self._touched.cluster(name)


class Fleet:
    """Owns the sources.

    A cluster whose settings change is seen by its old source until the new one has seen everything; so a kubeconfig
    that does not work costs nothing but words in the log.

    Args:
        touched: is told of changes in clusters.
        changed: is told when there are other sources.

    Attributes:
        reporting: has what reports do done while this replica should report; by default, always.
    """

    def __init__(self, touched: Touched, changed: Callable[[], None]) -> None:
        self._touched = touched
        self._changed = changed
        self._seats: dict[str, _Seat] = {}
        self._arriving: dict[str, _Seat] = {}
        self._unknown: Source | None = None
        self.reporting: Callable[[Reporting], Awaitable[None]] = _always
        self._crew = Crew()
        self._moved = asyncio.Event()

    @property
    def sources(self) -> tuple[Source, ...]:
        """One for each cluster; with one more while it is not known which clusters there are."""
        known = tuple(seat.source for seat in self._seats.values())
        return known if self._unknown is None else (*known, self._unknown)

    @property
    def members(self) -> tuple[Member, ...]:
        """The clusters, as their sources see them."""
        return tuple(seat.member for seat in self._seats.values())

    @property
    def arriving(self) -> tuple[ClusterName, ...]:
        """The clusters whose new settings do not count yet, as nothing has been seen by them."""
        return tuple(ClusterName(name) for name in self._arriving)

    def take(self, members: Sequence[Member], opening: Opening, unknown: str = "") -> None:
        """See these clusters from now on, and no others.

        Args:
            members: the clusters.
            opening: what their sources have in common.
            unknown: why there may be further ones, for people; empty where these are all.
        """
        before, is_first = self.sources, not self._seats
        names = {member.name for member in members}
        for name in [name for name in self._seats if name not in names]:
            del self._seats[name]
            self._arriving.pop(name, None)
            log(LogEvent.CLUSTER_LEFT, cluster=name)
        for member in members:
            self._seat(member, opening, is_first=is_first)
        self._seats = {member.name: self._seats[member.name] for member in members}
        if not unknown:
            self._unknown = None
        elif self._unknown is None:
            self._unknown = Unopened(UNKNOWN_MEMBERS, unknown, opening.watch.lost_after, self._touched)
        if self.sources != before:
            self._changed()
        self._moved.set()

    async def run(self) -> None:
        """Run every source, and report what is wrong with Services in its cluster, until cancelled."""
        try:
            while True:
                self._moved.clear()
                await self._crew.keep(self._parts())
                await self._moved.wait()
        finally:
            await self._crew.keep(())

    def _parts(self) -> Iterable[Part]:
        for seat in (*self._seats.values(), *self._arriving.values()):
            yield Part(f"cluster {seat.member.name}", seat.source, seat.source.run)
        for seat in self._seats.values():
            yield Part(f"reports of {seat.member.name}", seat.source, partial(self.reporting, seat.source.report))

    def _seat(self, member: Member, opening: Opening, *, is_first: bool) -> None:
        name = member.name
        seated, arriving = self._seats.get(name), self._arriving.get(name)
        if seated is None:
            self._seats[name] = self._open(member, opening)
            if not is_first:
                log(LogEvent.CLUSTER_JOINED, cluster=name, by=member.origin)
        elif seated.is_of(member, opening):
            self._arriving.pop(name, None)
        elif seated.source.view.state(STEADY()).sight is Sight.UNSEEN:  # which has nothing to lose
            self._arriving.pop(name, None)
            self._seats[name] = self._open(member, opening)
        elif arriving is None or not arriving.is_of(member, opening):
            self._arriving[name] = self._open(member, opening)

    def _open(self, member: Member, opening: Opening) -> _Seat:
        seat: _Seat | None = None

        def noticed() -> bool:
            return seat is not None and self._is_seated(seat)

        seat = _Seat(member, opening, open_source(member, opening, _Entrance(self._touched, noticed)))
        return seat

    def _is_seated(self, seat: _Seat) -> bool:
        """Whether a source has its place; one that is arriving, and has seen everything, takes it now."""
        name = seat.member.name
        if self._arriving.get(name) is seat and seat.source.view.state(STEADY()).sight is Sight.VISIBLE:
            del self._arriving[name]
            self._seats[name] = seat
            log(LogEvent.CLUSTER_REOPENED, cluster=name)
            self._changed()
            self._moved.set()
        return self._seats.get(name) is seat
