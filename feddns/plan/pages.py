"""What waits to be written, in numbers and a page at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from feddns.model.asked import CountedAsked
from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.changeset import ServiceChange, TargetChanges
from feddns.model.status import ChangeCounts
from feddns.plan.budget import Held
from feddns.plan.proposal import Plan, ServiceChanges
from feddns.plan.render import change_value, count, plan_value
from feddns.plan.waiting import Waiting


def waiting_counts(waiting: Waiting, held: Iterable[Held]) -> ChangeCounts:
    """How much waits, whatever freezes or refuses it."""
    kinds = Counter[type[Change]](type(change) for service in waiting for change in service.changes)
    stays = sum(each.count for each in held)
    return ChangeCounts(kinds[Create], kinds[Replace], kinds[Delete] - stays, stays)


class Paging:
    """Takes from plans, one after the other, what stands on a page: services with changes, and then held deletions.

    Attributes:
        total: how many of both there were in all plans so far.

    Args:
        asked: which page.
    """

    def __init__(self, asked: CountedAsked) -> None:
        self.total = 0
        self._asked = asked
        self._left = asked.limit

    def take(self, plan: Plan) -> Plan:
        """What of the next plan is on the page."""
        first = max(0, self._asked.first - self.total)
        services = plan.services[first : first + self._left]
        self._left -= len(services)
        start = max(0, first - len(plan.services))
        withheld = plan.withheld[start : start + self._left]
        self._left -= len(withheld)
        self.total += len(plan.services) + len(plan.withheld)
        return msgspec.structs.replace(plan, services=services, withheld=withheld)

    @property
    def next(self) -> str:
        """What to ask for to get the next page; empty where this is the last."""
        after = self._asked.first + self._asked.limit - self._left
        return str(after) if after < self.total else ""


def service_changes(service: ServiceChanges) -> Iterator[ServiceChange]:
    """The changes of one service, as they are told."""
    for change in service.changes:
        yield msgspec.convert({"service": str(service.key), **change_value(change)}, ServiceChange)


def target_changes(target: str, plan: Plan, shown: Plan, changes: Iterable[ServiceChange]) -> TargetChanges:
    """What waits at one target.

    Args:
        target: its name.
        plan: all of it.
        shown: what of it is on the page.
        changes: those of the services that are on the page.
    """
    rest = plan_value(msgspec.structs.replace(shown, services=()))
    return msgspec.convert(rest | {"target": target, "summary": count(plan), "changes": tuple(changes)}, TargetChanges)
