"""Changes that a person has said yes to, in batches within a provider's limits."""

from collections.abc import Iterable, Iterator, Sequence

from feddns.model.changes import Batch, Change, Delete, Fence, Limits
from feddns.model.records import RecordSet
from feddns.naming import Names
from feddns.plan.batching import Cost, cost
from feddns.plan.claim import next_fence

Group = tuple[Change, ...]
"""Changes that must not be parted."""


def stages(groups: Iterable[Group], limits: Limits) -> Iterator[tuple[Change, ...]]:
    """Groups together as far as one batch may hold them, in their order; a group too large for any goes alone."""
    stage: list[Change] = []
    together = Cost()
    for group in groups:
        own = cost(group)
        if stage and not (together + own).fits(limits):
            yield _deletions_first(stage)
            stage, together = [], Cost()
        stage.extend(group)
        together += own
    if stage:
        yield _deletions_first(stage)


def _deletions_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: not isinstance(change, Delete)))


def claiming(
    changes: Iterable[tuple[Change, ...]], names: Names, owner: str, claim: RecordSet | None
) -> tuple[Batch, ...]:
    """Batches that take the claim, or count it on where it is ours already."""
    batches: list[Batch] = []
    for stage in changes:
        fence = next_fence(names, owner, claim)
        claim = fence.desired
        batches.append(Batch(stage, fence))
    return tuple(batches)


def giving_up(changes: Sequence[tuple[Change, ...]], names: Names, owner: str, claim: RecordSet) -> tuple[Batch, ...]:
    """Batches of which the last one gives the claim up; one there is in any case."""
    *first, last = changes or ((),)
    batches = claiming(first, names, owner, claim)
    current = batches[-1].fence.desired if batches else claim
    return (*batches, Batch(last, Fence(current, None)))
