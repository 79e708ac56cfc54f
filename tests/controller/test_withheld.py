import asyncio

import pytest

from feddns.controller.views import Views
from feddns.controller.withheld import LOOK_EVERY_S, Withheld
from feddns.model.records import CNAME, RecordSet
from feddns.model.services import ServiceKey
from feddns.model.topology import GLOBAL, Scope
from feddns.plan.agenda import Agenda
from feddns.plan.zone import sort_zone
from tests.builders import FED, NOW, a_claim, answer, numbered, some_terms
from tests.controller.world import LIMITS, World

ONE = numbered(1)


class Scene:
    """A service that two clusters have, an agenda that would delete it, and who tells of that."""

    def __init__(self, at_least: int) -> None:
        self._world = World()
        watcher = self._world.watcher(self._world.touched)
        for cluster in ("us", "eu"):
            self._world.list_all(cluster)
            self._world.serve(cluster, 1, ["192.0.2.1"])
        self.views: Views = watcher.views
        self.agenda = Agenda(some_terms(at_least=at_least))
        self.agenda.read(sort_zone([a_claim(), *answer(1)], FED))
        self.agenda.want(ONE, ())
        self.withheld = Withheld(FED.zone, self.agenda, self.views, lambda: NOW)

    def told(self) -> list[tuple[ServiceKey, str]]:
        return [(key, problem.reason) for view in self._world.views.values() for key, _, problem in view.concerns()]


async def test_what_lasts_is_told_in_every_cluster_until_it_is_over() -> None:
    scene = Scene(at_least=0)
    await scene.withheld.look()
    assert scene.told() == []
    await scene.withheld.look()
    assert scene.told() == [(ONE, "DeletionHeld")] * 2
    scene.agenda.frozen = "frozen"
    await scene.withheld.look()
    assert scene.told() == [(ONE, "DeletionHeld"), (ONE, "ChangesFrozen")] * 2
    scene.agenda.frozen = ""
    scene.agenda.want(ONE, answer(1))
    await scene.withheld.look()
    assert scene.told() == []


async def test_what_others_keep_in_the_way_and_what_a_provider_refuses_is_told_too() -> None:
    scene = Scene(at_least=100)
    name = FED.name(ONE, Scope("eu"))
    scene.agenda.read(sort_zone([a_claim(), RecordSet(name, "MX", 60, ("10 mail.test.",))], FED))
    scene.agenda.want(ONE, (RecordSet(name, CNAME, 60, (FED.name(ONE, GLOBAL),)),))
    for _ in range(2):
        await scene.withheld.look()
    assert {reason for _, reason in scene.told()} == {"ForeignRecords"}
    scene.agenda.read(sort_zone([a_claim()], FED))
    scene.agenda.want(ONE, answer(1))
    draft = scene.agenda.next_draft(LIMITS, NOW)
    assert draft is not None
    scene.agenda.refused(draft, "no such zone", frozenset())
    for _ in range(2):
        await scene.withheld.look()
    assert {reason for _, reason in scene.told()} == {"Refused"}


async def test_nothing_is_concluded_while_decisions_are_due() -> None:
    scene = Scene(at_least=0)
    scene.agenda.all_decided = False
    for _ in range(3):
        await scene.withheld.look()
    assert scene.told() == []


async def test_a_change_that_may_be_written_is_not_told() -> None:
    scene = Scene(at_least=100)
    for _ in range(3):
        await scene.withheld.look()
    assert scene.told() == []


@pytest.mark.looptime
async def test_when_it_ends_it_takes_back_what_it_told() -> None:
    scene = Scene(at_least=0)
    work = asyncio.create_task(scene.withheld.run())
    await asyncio.sleep(LOOK_EVERY_S * 1.5)
    assert scene.told()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert scene.told() == []
