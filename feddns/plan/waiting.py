"""The changes that wait to be written, urgent ones first."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from feddns.model.changes import Create, Limits
from feddns.model.records import TXT
from feddns.model.services import ServiceKey
from feddns.plan.batching import take
from feddns.plan.budget import Cause, Loss
from feddns.plan.ownership import ownership_name, read_ownership
from feddns.plan.proposal import ServiceChanges

_MOST_PASSED: Final = 3
"""Batches in a row that may leave out all that is not urgent: who keeps hundreds of services changing does not keep the
others' changes from being written."""


class Waiting:
    """Each service's changes in the order of their arrival, those that take an address away before all others."""

    def __init__(self) -> None:
        self._urgent: dict[ServiceKey, ServiceChanges] = {}
        self._others: dict[ServiceKey, ServiceChanges] = {}
        self._losses = Counter[Cause]()
        self._passed = 0

    def __iter__(self) -> Iterator[ServiceChanges]:
        yield from self._urgent.values()
        yield from self._others.values()

    def __contains__(self, key: ServiceKey) -> bool:
        return key in self._urgent or key in self._others

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    def of(self, key: ServiceKey) -> ServiceChanges:
        """The changes of one service; none where none wait."""
        return self._urgent.get(key) or self._others.get(key) or ServiceChanges(key, ())

    @property
    def changes(self) -> int:
        """How many changes there are, all services together."""
        return sum(len(service.changes) for service in self)

    @property
    def losses(self) -> Mapping[Cause, int]:
        """How many of the waiting deletions the budgets count, by cause."""
        return self._losses

    def put(self, service: ServiceChanges) -> None:
        """Let a service's changes wait, in place of those that wait already; no changes take them out."""
        mine, other = (self._urgent, self._others) if service.urgent else (self._others, self._urgent)
        before = other.pop(service.key, None) or mine.get(service.key)
        if before is not None:
            self._losses.subtract(loss.cause for loss in before.losses)
        self._losses.update(loss.cause for loss in service.losses)
        if service.changes:
            mine[service.key] = service
        else:
            mine.pop(service.key, None)

    def next_batch(
        self, limits: Limits, most: int, *, hold: Collection[Cause], hold_hostnames: bool = False
    ) -> tuple[ServiceChanges, ...]:
        """The services that go out next, which go on waiting until the outcome is known.

        Args:
            limits: of the provider.
            most: the largest number of services.
            hold: the causes whose losses stay behind.
            hold_hostnames: whether hostnames that are not owned yet stay behind.
        """
        taken = take(self._first(most, hold, hold_hostnames=hold_hostnames), limits)
        passes = bool(self._others) and all(service.key in self._urgent for service in taken)
        self._passed = self._passed + 1 if passes else 0
        return taken

    def withheld(self, hold: Collection[Cause]) -> tuple[Loss, ...]:
        """The waiting losses of some causes."""
        return tuple(loss for service in sorted(self, key=_key) for loss in service.losses if loss.cause in hold)

    def _first(self, most: int, hold: Collection[Cause], *, hold_hostnames: bool) -> Iterable[ServiceChanges]:
        left = most
        others_first = self._passed >= _MOST_PASSED
        for service in chain(self._others.values(), self._urgent.values()) if others_first else self:
            allowed = service.without(hold) if hold and service.losses else service
            allowed = _without_new_hostnames(allowed) if hold_hostnames else allowed
            if allowed.changes:
                yield allowed
                left -= 1
            if not left:
                return


def _without_new_hostnames(service: ServiceChanges) -> ServiceChanges:
    """The service's changes but those at hostnames that it would become the owner of by them."""
    created = (change.desired for change in service.changes if isinstance(change, Create))
    texts = (record_set for record_set in created if record_set.type == TXT)
    owned = [ownership.hostname for ownership in map(read_ownership, texts) if ownership is not None]
    if not owned:
        return service
    left_out = {*owned, *map(ownership_name, owned)}
    rest = tuple(change for change in service.changes if change.name not in left_out)
    return service.only(rest)


def _key(service: ServiceChanges) -> ServiceKey:
    return service.key
