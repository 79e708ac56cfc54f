"""The budget of deletions: how many record sets may go before a person is asked."""

from collections.abc import Iterable

import msgspec

from feddns.config.settings import DeletionBudget
from feddns.model.changes import Change, Create, Delete


class Held(msgspec.Struct, frozen=True):
    """Deletions that wait for a person's word.

    Attributes:
        count: how many record sets would be deleted.
        limit: how many may be, now.
        owned: how many the federation owns in the zone.
        text: the rule and what releases it, for people.
    """

    count: int
    limit: int
    owned: int
    text: str


def losses(changes: Iterable[Change]) -> tuple[Delete, ...]:
    """The deletions that count: those that leave a name without the family, or without any record.

    A deletion whose name gets another type in the same breath (A to CNAME and back) takes nothing away.
    """
    changes = tuple(changes)
    deleted = [change for change in changes if isinstance(change, Delete)]
    if not deleted:
        return ()
    created = {change.name for change in changes if isinstance(change, Create)}
    return tuple(change for change in deleted if change.name not in created)


def held_deletions(wanted: int, owned: int, spent: int, budget: DeletionBudget, *, insist: bool = False) -> Held | None:
    """Whether `wanted` deletions must wait.

    Args:
        wanted: deletions that are due, all services together.
        owned: record sets that the federation has in the zone now.
        spent: deletions done within the budget's window.
        budget: the settings.
        insist: whether they wait already. Then the share releases nothing more, so that time alone does not carry out
            in instalments a mistake that was too large at once.
    """
    share = 0 if insist else int(budget.share * (owned + spent))
    limit = max(0, max(budget.at_least, share) - spent)
    if wanted <= limit:
        return None
    return Held(
        count=wanted,
        limit=limit,
        owned=owned,
        text=(
            f"{wanted} of {owned} record sets would be deleted, and the budget leaves {limit} "
            f"(budget.deletions: {budget.share:.0%}, at least {budget.at_least}, in {budget.window:g} s). "
            f"They stay until `feddns apply --allow-deletions`, or until what they stand for is back"
        ),
    )
