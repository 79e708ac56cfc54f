"""The changes that wait to be written, urgent ones first."""

from collections.abc import Iterable, Iterator

from feddns.model.changes import Delete, Limits
from feddns.model.services import ServiceKey
from feddns.plan.batching import take
from feddns.plan.budget import losses
from feddns.plan.proposal import ServiceChanges, without_losses


class Waiting:
    """Each service's changes in the order of their arrival, those that take an address away before all others."""

    def __init__(self) -> None:
        self._urgent: dict[ServiceKey, ServiceChanges] = {}
        self._others: dict[ServiceKey, ServiceChanges] = {}
        self._losses: dict[ServiceKey, int] = {}
        self._lost = 0

    def __iter__(self) -> Iterator[ServiceChanges]:
        yield from self._urgent.values()
        yield from self._others.values()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._others)

    @property
    def losses(self) -> int:
        """How many of the waiting deletions the budget counts."""
        return self._lost

    def put(self, service: ServiceChanges) -> None:
        """Let a service's changes wait, in place of those that wait already; no changes take them out."""
        mine, other = (self._urgent, self._others) if service.urgent else (self._others, self._urgent)
        other.pop(service.key, None)
        lost = len(losses(service.changes))
        self._lost += lost - self._losses.pop(service.key, 0)
        if lost:
            self._losses[service.key] = lost
        if service.changes:
            mine[service.key] = service
        else:
            mine.pop(service.key, None)

    def next_batch(self, limits: Limits, most: int, *, hold_losses: bool) -> tuple[ServiceChanges, ...]:
        """The services that go out next, which go on waiting until the outcome is known.

        Args:
            limits: of the provider.
            most: the largest number of services.
            hold_losses: whether the deletions that the budget counts stay behind.
        """
        return take(self._first(most, hold_losses=hold_losses), limits)

    def withheld(self) -> tuple[Delete, ...]:
        """The waiting deletions that the budget counts."""
        return tuple(lost for service in sorted(self, key=_key) for lost in losses(service.changes))

    def _first(self, most: int, *, hold_losses: bool) -> Iterable[ServiceChanges]:
        left = most
        for service in self:
            allowed = without_losses(service)[0] if hold_losses and service.key in self._losses else service
            if allowed.changes:
                yield allowed
                left -= 1
            if not left:
                return


def _key(service: ServiceChanges) -> ServiceKey:
    return service.key
