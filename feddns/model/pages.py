"""Lists that are told a page at a time, or whole where they are short."""

from feddns.model.changeset import TargetChanges
from feddns.model.status import Cluster, Failover, Move, Target, Told
from feddns.model.stories import Service


class Page(Told, frozen=True):
    """A part of a list.

    Attributes:
        at: when this was so.
        total: how many there are that match, on all pages.
        next: what to give as `continue` for the next page; empty on the last one.
    """

    at: float
    total: int
    next: str


class Clusters(Told, frozen=True):
    """All clusters.

    Attributes:
        at: when this was so.
    """

    at: float
    clusters: tuple[Cluster, ...]


class Services(Page, frozen=True):
    """Services, by namespace and name."""

    services: tuple[Service, ...]


class Changes(Page, frozen=True):
    """What waits to be written; `total` counts services with changes and, one by one, held deletions."""

    targets: tuple[TargetChanges, ...]


class Moves(Page, frozen=True):
    """Changes of shards that are pending, those that are due soonest first."""

    moves: tuple[Move, ...]


class Failovers(Told, frozen=True):
    """The last answers that moved, the newest first; a restart forgets them.

    Attributes:
        at: when this was so.
    """

    at: float
    failovers: tuple[Failover, ...]


class Targets(Told, frozen=True):
    """All targets.

    Attributes:
        at: when this was so.
    """

    at: float
    targets: tuple[Target, ...]
