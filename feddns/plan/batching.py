"""Which changes go out together in the next batch."""

from collections.abc import Iterable, Iterator

from feddns.model.changes import Change, Create, Delete, Limits, Replace
from feddns.model.records import DnsName
from feddns.plan.proposal import ServiceChanges


def take(waiting: Iterable[ServiceChanges], limits: Limits) -> tuple[ServiceChanges, ...]:
    """The first services of `waiting` whose changes fit into one batch together.

    A service is taken whole or not at all; only one that is larger than a whole batch is taken in stages, alone.
    """
    taken: list[ServiceChanges] = []
    changes = characters = 0
    for service in waiting:
        more_changes, more_characters = cost(service.changes)
        if changes + more_changes > limits.changes or characters + more_characters > limits.characters:
            return tuple(taken) or (_first_stage(service, limits),)
        taken.append(service)
        changes += more_changes
        characters += more_characters
    return tuple(taken)


def cost(changes: Iterable[Change]) -> tuple[int, int]:
    """What changes count against a batch's limits: elements and characters.

    A replacement counts as a removal and an addition, as every provider counts it.
    """
    elements = characters = 0
    for change in changes:
        match change:
            case Create(desired):
                elements += 1
                characters += sum(map(len, desired.values))
            case Replace(current, desired):
                elements += 2
                characters += sum(map(len, current.values)) + sum(map(len, desired.values))
            case Delete(current):
                elements += 1
                characters += sum(map(len, current.values))
    return elements, characters


def _first_stage(service: ServiceChanges, limits: Limits) -> ServiceChanges:
    stage: list[Change] = []
    for group in _by_name_in_safe_order(service.changes):
        elements, characters = cost((*stage, *group))
        if stage and (elements > limits.changes or characters > limits.characters):
            break
        stage.extend(group)
    stage.sort(key=lambda change: not isinstance(change, Delete))
    return ServiceChanges(service.key, tuple(stage), urgent=service.urgent)


def _by_name_in_safe_order(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """All changes of one name after another: what is led to comes first, and goes last."""
    groups: dict[DnsName, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.name, []).append(change)
    coming = {name for name, group in groups.items() if not all(isinstance(change, Delete) for change in group)}
    for name in sorted(coming, key=lambda name: name.count(".")):
        yield tuple(groups[name])
    for name in sorted(groups.keys() - coming, key=lambda name: -name.count(".")):
        yield tuple(groups[name])
