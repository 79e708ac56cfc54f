"""What is told of changes that wait to be written."""

from typing import Literal

from feddns.model.services import Problem
from feddns.model.status import ChangeCounts, Told


class NamedRecords(Told, frozen=True, gc=False):
    """All records of one name and type.

    Attributes:
        ttl: in seconds.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]


class Change(Told, frozen=True, gc=False):
    """A record set that is to be created, replaced or deleted.

    Attributes:
        current: as it is; null where it is to be created.
        desired: as it should be; null where it is to be deleted.
    """

    action: Literal["create", "replace", "delete"]
    current: NamedRecords | None
    desired: NamedRecords | None


class ServiceChange(Told, frozen=True, gc=False):
    """A record set of one service that is to be created, replaced or deleted.

    Attributes:
        service: as namespace/name.
        current: as it is; null where it is to be created.
        desired: as it should be; null where it is to be deleted.
    """

    service: str
    action: Literal["create", "replace", "delete"]
    current: NamedRecords | None
    desired: NamedRecords | None


class HeldDeletions(Told, frozen=True, gc=False):
    """Deletions that wait for a person's word.

    Attributes:
        cause: of all of them.
        count: how many record sets would be deleted.
        limit: how many may be, now.
        owned: how many the federation has in the zone.
        reason: the rule, and what releases it.
        changes: those of them that are on this page.
    """

    cause: Literal["health", "specification", "drift"]
    count: int
    limit: int
    owned: int
    reason: str
    changes: tuple[Change, ...]


class TargetChanges(Told, frozen=True):
    """What waits to be written into one zone, as `feddns plan` tells it.

    Attributes:
        summary: of all of it, whatever is on this page.
        refusal: why nothing may be written; empty where it may.
        frozen: whose word holds all writing up; empty where nothing does.
        changes: in the order in which they would go out.
        held: the deletions that budgets hold.
        problems: what a person should put right in the zone.
    """

    target: str
    zone: str
    summary: ChangeCounts
    refusal: str
    frozen: str
    changes: tuple[ServiceChange, ...]
    held: tuple[HeldDeletions, ...]
    problems: tuple[Problem, ...]
