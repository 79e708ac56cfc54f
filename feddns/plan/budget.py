"""The budgets of deletions, one for each cause: how many record sets may go before a person is asked."""

import enum
import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Final, Self

import msgspec

from feddns.config.health import DeletionBudget
from feddns.model.changes import Change, Create, Delete
from feddns.model.records import DnsName, RecordSet


class Cause(enum.StrEnum):
    """Why a record set goes.

    Causes do not share a budget: Services that are deleted by mistake must not use up what a failover needs, nor hide
    in it; and what somebody put among our names must be cleared away without either.
    """

    HEALTH = "health", "nothing healthy answers for their names", "is healthy again"
    SPECIFICATION = "specification", "nothing stands for their names any more", "is back"
    DRIFT = "drift", "others put them among the federation's names", ""

    because: str
    until: str

    def __new__(cls, value: str, because: str, until: str) -> Self:
        """Make a cause of its name, why its record sets go, and what lets them stay; empty where only deletion does."""
        cause = str.__new__(cls, value)
        cause._value_ = value
        cause.because = because
        cause.until = until
        return cause

    @property
    def release(self) -> str:
        """What releases its record sets where they are held, for people."""
        ending = f", or until what they stand for {self.until}" if self.until else ""
        return f"They stay until `feddns apply --allow-deletions`{ending}"


class Loss(msgspec.Struct, frozen=True, gc=False):
    """A deletion that counts, and why it is due."""

    deletion: Delete
    cause: Cause


class Grounds(msgspec.Struct, frozen=True, gc=False):
    """What tells the causes of a service's losses.

    Attributes:
        standing: the names that some cluster still has the Service for, or that it still asks for.
        strays: names and types of the record sets that others put there.
    """

    standing: frozenset[DnsName] = frozenset()
    strays: frozenset[tuple[DnsName, str]] = frozenset()

    def cause(self, record_set: RecordSet) -> Cause:
        """Why a record set goes."""
        if (record_set.name, record_set.type) in self.strays:
            return Cause.DRIFT
        return Cause.HEALTH if record_set.name in self.standing else Cause.SPECIFICATION


NO_GROUNDS: Final = Grounds()

_SLOTS: Final = 4
"""Into so many parts of its window a budget's account is rounded."""


class Spent(msgspec.Struct, frozen=True, gc=False, order=True):
    """So many losses were carried out for one cause, by a moment in whole seconds since the epoch."""

    cause: Cause
    at: int
    count: int


class Held(msgspec.Struct, frozen=True):
    """Deletions that wait for a person's word.

    Attributes:
        cause: of all of them.
        count: how many record sets would be deleted.
        limit: how many may be, now.
        owned: how many the federation owns in the zone.
        text: the rule and what releases it, for people.
    """

    cause: Cause
    count: int
    limit: int
    owned: int
    text: str


def losses(changes: Iterable[Change], grounds: Grounds = NO_GROUNDS) -> tuple[Loss, ...]:
    """The deletions that count: those that leave a name without the family, or without any record.

    A deletion whose name gets another type in the same breath (A to CNAME and back) takes nothing away.
    """
    changes = tuple(changes)
    deleted = [change for change in changes if isinstance(change, Delete)]
    if not deleted:
        return ()
    created = {change.name for change in changes if isinstance(change, Create)}
    return tuple(Loss(change, grounds.cause(change.current)) for change in deleted if change.name not in created)


class Holdings(msgspec.Struct, frozen=True, gc=False):
    """How many record sets the federation has in a zone.

    Attributes:
        owned: all at its names.
        strays: those of them that others put there; they make no budget larger.
    """

    owned: int
    strays: int = 0


class Ledger:
    """What each cause has spent of its budget; `now` is seconds since the epoch.

    Processes end, take over from each other, and do not always learn that a batch was taken; so what is spent stands in
    the claim, which is written with each batch (`account`), and whoever reads the claim goes on from there (`recall`).
    """

    def __init__(self, settings: DeletionBudget, *, is_set_aside: bool = False) -> None:
        """Make a ledger in which nothing is spent.

        Args:
            settings: of the budget of every cause.
            is_set_aside: whether a person has allowed all deletions: then none is held, and none counts.
        """
        self._settings = settings
        self._is_set_aside = is_set_aside
        self._spent: dict[Cause, deque[tuple[float, int]]] = {cause: deque() for cause in Cause}
        self._waits: set[Cause] = set()
        self._slot_s = math.ceil(settings.window / _SLOTS)

    def spend(self, done: Iterable[Loss], now: float) -> None:
        """Take note of losses that were carried out."""
        for cause, count in self._counted(done).items():
            self._spent[cause].append((now, count))

    def account(self, due: Iterable[Loss], now: float) -> tuple[Spent, ...]:
        """What is spent once losses are carried out, in few numbers.

        Moments are rounded up, and always to the same, so that no loss becomes younger by being told again and again.

        Args:
            due: losses that are about to be carried out.
            now: the time.
        """
        counts = Counter[tuple[Cause, int]]()
        for cause in Cause:
            self._spent_lately(cause, now)
            for at, count in self._spent[cause]:
                counts[cause, self._slot(at)] += count
        for cause, count in self._counted(due).items():
            counts[cause, self._slot(now)] += count
        return tuple(sorted(Spent(cause, at, count) for (cause, at), count in counts.items()))

    def recall(self, spent: Iterable[Spent]) -> None:
        """Go on from what another has told, whatever was known."""
        self._spent = {cause: deque() for cause in Cause}
        for each in sorted(spent):
            self._spent[each.cause].append((each.at, each.count))

    def held(self, wanted: Mapping[Cause, int], holdings: Holdings, now: float) -> tuple[Held, ...]:
        """The deletions that must wait.

        Those of a cause wait together. While they do, the share releases none of them, so that time alone does not
        carry out in instalments a mistake that was too large at once.

        Args:
            wanted: deletions that are due by cause, all services together.
            holdings: what is in the zone now.
            now: the time.
        """
        if self._is_set_aside or not any(wanted.values()):
            self._waits.clear()
            return ()
        held = []
        for cause, limit in self.left(holdings, now).items():
            if wanted.get(cause, 0) > limit:
                self._waits.add(cause)
                held.append(self._held(cause, wanted[cause], limit, holdings.owned))
            else:
                self._waits.discard(cause)
        return tuple(held)

    def left(self, holdings: Holdings, now: float) -> Mapping[Cause, int]:
        """How many deletions each cause may still have.

        Args:
            holdings: what is in the zone now.
            now: the time.
        """
        spent = {cause: self._spent_lately(cause, now) for cause in Cause}
        # As large as it was before the window's losses, so that no cause's losses make another's budget smaller.
        whole = holdings.owned - holdings.strays + spent[Cause.HEALTH] + spent[Cause.SPECIFICATION]
        return {cause: self._limit(cause, whole, spent[cause]) for cause in Cause}

    def _spent_lately(self, cause: Cause, now: float) -> int:
        spent = self._spent[cause]
        while spent and spent[0][0] <= now - self._settings.window:
            spent.popleft()
        if spent and spent[0][0] > now + self._slot_s:  # by a clock that is ahead
            self._spent[cause] = spent = deque((now, count) for _, count in spent)
        return sum(count for _, count in spent)

    def _slot(self, at: float) -> int:
        return math.ceil(at / self._slot_s) * self._slot_s

    def _counted(self, losses: Iterable[Loss]) -> Counter[Cause]:
        return Counter(() if self._is_set_aside else (loss.cause for loss in losses))

    def _limit(self, cause: Cause, whole: int, spent: int) -> int:
        share = 0 if cause in self._waits else int(self._settings.share * whole)
        return max(0, max(self._settings.at_least, share) - spent)

    def _held(self, cause: Cause, wanted: int, limit: int, owned: int) -> Held:
        budget = self._settings
        text = (
            f"{wanted} of {owned} record sets would be deleted, as {cause.because}, and the budget for {cause} leaves "
            f"{limit} (budget.deletions: {budget.share:.0%}, at least {budget.at_least}, in {budget.window:g} s). "
            f"{cause.release}"
        )
        return Held(cause, wanted, limit, owned, text)
