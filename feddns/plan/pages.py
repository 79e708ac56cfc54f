"""What waits to be written, in numbers and a page at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from feddns.model.asked import PageAsked
from feddns.model.changes import Change, Create, Delete, Replace
from feddns.model.changeset import TargetChanges
from feddns.model.pages import Changes
from feddns.model.status import ChangeCounts
from feddns.plan.budget import Held
from feddns.plan.proposal import Plan
from feddns.plan.render import count, plan_value
from feddns.plan.waiting import Waiting

_DIGITS: Final = 9


def offset(continue_: str) -> int:
    """Where a page begins, by what the page before said; at the start where that is nothing we said."""
    return int(continue_) if continue_.isascii() and continue_.isdigit() and len(continue_) <= _DIGITS else 0


def waiting_counts(waiting: Waiting, held: Iterable[Held]) -> ChangeCounts:
    """How much waits, whatever freezes or refuses it."""
    kinds = Counter[type[Change]](type(change) for service in waiting for change in service.changes)
    stays = sum(each.count for each in held)
    return ChangeCounts(kinds[Create], kinds[Replace], kinds[Delete] - stays, stays)


def changes_page(plans: Mapping[str, Plan], asked: PageAsked, now: float) -> Changes:
    """A page of what waits at all targets: one after the other, services with changes and then held deletions.

    Args:
        plans: by target.
        asked: which page.
        now: in seconds since the epoch.
    """
    first, left = offset(asked.continue_), asked.limit
    told: list[TargetChanges] = []
    before = 0
    for target, plan in plans.items():
        shown = _part(plan, max(0, first - before), left)
        left -= len(shown.services) + len(shown.withheld)
        before += _length(plan)
        told.append(_told(target, plan, shown))
    after = first + asked.limit - left
    return Changes(now, before, str(after) if after < before else "", tuple(told))


def _length(plan: Plan) -> int:
    return len(plan.services) + len(plan.withheld)


def _part(plan: Plan, first: int, most: int) -> Plan:
    """Some of a plan: its services come first, and then what is withheld."""
    services = plan.services[first : first + most]
    start = max(0, first - len(plan.services))
    withheld = plan.withheld[start : start + most - len(services)] if first + most > len(plan.services) else ()
    return msgspec.structs.replace(plan, services=services, withheld=withheld)


def _told(target: str, plan: Plan, shown: Plan) -> TargetChanges:
    value = plan_value(shown) | {"target": target, "summary": count(plan)}
    return msgspec.convert(value, TargetChanges)
