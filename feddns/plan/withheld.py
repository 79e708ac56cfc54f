"""What keeps the waiting changes of one service from being written, for those who own it."""

from collections.abc import Iterable, Iterator

from feddns.model.records import ZoneName
from feddns.model.services import Problem
from feddns.plan.budget import Cause
from feddns.plan.proposal import ServiceChanges


def withheld(service: ServiceChanges, zone: ZoneName, held: Iterable[Cause], frozen: str) -> Iterator[Problem]:
    """Tell what holds a service's changes, and how to release them.

    The texts stay the same for as long as the same is held, however much of other services is held beside it.

    Args:
        service: its waiting changes.
        zone: they are to be written into it.
        held: the causes whose deletions their budgets hold.
        frozen: whose word holds all writing up, with what ends it; empty where nothing does.
    """
    for cause in held:
        names = sorted({loss.deletion.name for loss in service.losses if loss.cause is cause})
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            text = f"{service.key}: records of {names[0]}{more} would be deleted from {zone}, as {cause.because}, and "
            yield Problem("DeletionHeld", f"{text}the budget of deletions for {cause} is used up. {cause.release}")
    if frozen and service.changes:
        yield Problem("ChangesFrozen", f"{service.key}: changes wait to be written into {zone}: {frozen}")
