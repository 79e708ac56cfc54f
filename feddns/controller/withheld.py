"""What keeps changes from being written, budgets, a freeze or others, told beside the Services until that is over."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from feddns.controller.views import Views
from feddns.model.records import ZoneName
from feddns.model.services import Problem, ServiceKey
from feddns.plan.agenda import Agenda
from feddns.plan.withheld import withheld
from feddns.turns import in_turns

LOOK_EVERY_S: Final = 1.0
"""How often it is looked; what is over by the next look is not told."""

_AT_ONCE: Final = 64
"""So many services are looked at in a row, as nobody waits for this and others wait for their turn."""


class Withheld:
    """Looks at what waits in one zone, beside those who decide and write and never in their way.

    Args:
        zone: the zone's name.
        agenda: of the zone.
        views: where it is told.
        clock: tells seconds since the epoch.
    """

    def __init__(self, zone: ZoneName, agenda: Agenda, views: Views, clock: Callable[[], float]) -> None:
        self._zone = zone
        self._agenda = agenda
        self._views = views
        self._clock = clock
        self._concerned: frozenset[ServiceKey] = frozenset()

    async def run(self) -> None:
        """Look until cancelled, and then take back what was told."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._take_back(self._concerned)

    async def look(self) -> None:
        """Tell those that were concerned at the last look, too, and take back what no longer is so."""
        if not self._agenda.all_decided:
            return  # budgets see all deletions together, and hostnames all services that want them
        found = await self._found()
        async for key in in_turns(found, _AT_ONCE):
            if key in self._concerned:
                self._views.concern_everywhere(key, self, tuple(found[key]))
        self._take_back(self._concerned - found.keys())
        self._concerned = frozenset(found)

    async def _found(self) -> Mapping[ServiceKey, list[Problem]]:
        agenda, found = self._agenda, dict[ServiceKey, list[Problem]]()
        for key, problem in (*agenda.obstacles(), *agenda.refused_services.items()):
            found.setdefault(key, []).append(problem)
        causes = [each.cause for each in agenda.held(self._clock())]
        async for service in in_turns(agenda.waiting if causes or agenda.frozen else (), _AT_ONCE):
            if problems := list(withheld(service, self._zone, causes, agenda.frozen)):
                found.setdefault(service.key, []).extend(problems)
        return found

    def _take_back(self, keys: Iterable[ServiceKey]) -> None:
        for key in keys:
            self._views.concern_everywhere(key, self, ())
