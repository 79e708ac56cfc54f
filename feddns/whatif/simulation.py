"""What would happen, played through in virtual time by the same code that judges, decides and plans when it does."""

import heapq
from collections.abc import Iterable
from itertools import chain
from typing import Final

import msgspec

from feddns.assess import Beliefs, assess
from feddns.health.cutoff import is_cut_off
from feddns.model.assessments import Assessment
from feddns.model.evidence import ClusterState
from feddns.model.services import ServiceKey
from feddns.whatif.course import Course
from feddns.whatif.probed import asked, round_s
from feddns.whatif.scenario import Scenario, Sightlines, World
from feddns.whatif.zone import Zone

HORIZON_S: Final = 86_400.0
"""What would happen later than a day from now, people will have been up for."""


class Start(msgspec.Struct, frozen=True):
    """How things stand.

    Attributes:
        assessments: what is believed of every service.
        states: every cluster.
        beliefs: what all services are assessed by; its brake is used up, so it must be one that nobody else uses.
        now: in seconds since the epoch.
        lines: how the clusters' API servers are heard of.
        concurrency: how many probes may be under way at a time.
    """

    assessments: tuple[Assessment, ...]
    states: tuple[ClusterState, ...]
    beliefs: Beliefs
    now: float
    lines: Sightlines
    concurrency: int


class Simulation:
    """Plays a scenario through.

    Args:
        start: how things stand.
        scenario: what happens.
        zones: those that are written.

    Attributes:
        assessments: the last one on each service.
        courses: what the clusters show of each service.
        began_at: when the scenario began, in seconds since the epoch.
        now: when something happened last.
        is_over: whether nothing more would happen by itself.
    """

    def __init__(self, start: Start, scenario: Scenario, zones: Iterable[Zone]) -> None:
        self._start = start
        self._scenario = scenario
        self._zones = tuple(zones)
        self._beliefs = start.beliefs
        self._world = World(scenario, start.states, start.now, start.lines)
        self.assessments = {each.key: each for each in sorted(start.assessments, key=lambda each: each.key)}
        probed = chain.from_iterable(asked(each, scenario.down) for each in self.assessments.values())
        a_round_s = round_s(probed, start.concurrency)
        self.courses = {key: Course(each, scenario, start.now, a_round_s) for key, each in self.assessments.items()}
        self._due: list[tuple[float, ServiceKey]] = []
        self._moments = sorted(self._world.moments)
        self._beliefs = self._beliefs.under(is_cut_off=is_cut_off(start.states))
        self.began_at = self.now = start.now
        self.is_over = False

    def run(self, horizon_s: float = HORIZON_S) -> None:
        """Play it through until nothing more happens, or for so many seconds."""
        start = self._start
        self._settle()
        self._beliefs = self._beliefs.under(orders=self._scenario.orders(self._beliefs.circumstances.orders, start.now))
        for key, course in self.courses.items():
            for moment in course.moments:
                heapq.heappush(self._due, (moment, key))
        self._turn(self.assessments)
        while (due := self._next()) is not None and due <= start.now + horizon_s:
            self.now = due
            self._turn(self._touched(due))
        # A writer that looks at held deletions again and again is nothing that happens.
        self.is_over = not self._moments and all(each.due is None for each in self.assessments.values())

    def _settle(self) -> None:
        """Have all that is decided written, so that what changes from now on changes because of the scenario."""
        for key, each in self.assessments.items():
            self._take(assess(key, each.sightings, each.history, self._start.now, self._beliefs), self._start.now)
        for zone in self._zones:
            zone.settle(self._start.now)

    def _next(self) -> float | None:
        """When something happens next."""
        times = [zone.next_at for zone in self._zones if zone.next_at is not None]
        if self._moments:
            times.append(self._moments[0])
        if self._due:
            times.append(self._due[0][0])
        return min(times, default=None)

    def _touched(self, now: float) -> Iterable[ServiceKey]:
        """The services that are to be looked at again now, in order."""
        keys: set[ServiceKey] = set()
        while self._due and self._due[0][0] <= now:
            due, key = heapq.heappop(self._due)
            if due == self.assessments[key].due or due in self.courses[key].moments:
                keys.add(key)
        if self._moments and self._moments[0] <= now:
            self._moments.pop(0)
            self._beliefs = self._beliefs.under(is_cut_off=is_cut_off(self._world.states(now)))
            return self.assessments
        return sorted(keys)

    def _turn(self, keys: Iterable[ServiceKey]) -> None:
        now = self.now
        states = {state.name: state for state in self._world.states(now)}
        for key in keys:
            sightings = self.courses[key].sightings(states, now)
            self._take(assess(key, sightings, self.assessments[key].history, now, self._beliefs), now)
        for zone in self._zones:
            zone.turn(now)

    def _take(self, found: Assessment, now: float) -> None:
        self.assessments[found.key] = found
        if found.due is not None:
            heapq.heappush(self._due, (found.due, found.key))
        for zone in self._zones:
            zone.decide(found, now)
