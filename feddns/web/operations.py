"""What can be asked of a running federation over HTTP: questions, answers and paths, in one list."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from feddns.model.asked import Asked, ChangesAsked, CountedAsked, Nothing, ServiceAsked, ServicesAsked
from feddns.model.pages import Changes, Clusters, Failovers, Moves, Services, Targets
from feddns.model.status import Status
from feddns.model.stories import ServiceStory

PREFIX: Final = "/api/v1"


class Teller(Protocol):
    """Tells of the federation; asking changes nothing."""

    async def status(self) -> Status:
        """The federation at a glance."""

    async def clusters(self) -> Clusters:
        """All clusters."""

    async def services(self, asked: ServicesAsked) -> Services:
        """A page of services."""

    async def service(self, asked: ServiceAsked) -> ServiceStory | None:
        """All that is known of one service; None where there is none of that name."""

    async def changes(self, asked: ChangesAsked) -> Changes | None:
        """A page of what waits to be written; None where there is no target of that name."""

    async def moves(self, asked: CountedAsked) -> Moves:
        """A page of the changes of shards that are pending."""

    async def failovers(self) -> Failovers:
        """The last answers that moved."""

    async def targets(self) -> Targets:
        """All targets."""


class Operation(NamedTuple):
    """One thing that can be asked.

    Attributes:
        path: below the prefix; names in braces are fields of the question.
        asked: the question's form.
        told: the answer's.
        summary: what it tells.
        tell: asks for it; None where there is no such thing.
        missing: what there is not then.
    """

    path: str
    asked: type[Asked]
    told: type[msgspec.Struct]
    summary: str
    tell: Callable[[Teller, Any], Awaitable[msgspec.Struct | None]]
    missing: str = ""


class ProblemDetails(msgspec.Struct, frozen=True):
    """What is wrong with a request (RFC 9457).

    Attributes:
        type: always `about:blank`: the status says what kind of problem it is.
        title: the status in words.
        status: of the answer.
        detail: what is wrong, and what would be right.
    """

    type: str
    title: str
    status: int
    detail: str


OPERATIONS: Final = (
    Operation("/status", Nothing, Status, "The federation at a glance.", lambda teller, _: teller.status()),
    Operation("/clusters", Nothing, Clusters, "All clusters.", lambda teller, _: teller.clusters()),
    Operation(
        "/services",
        ServicesAsked,
        Services,
        "Services in brief, by namespace and name.",
        lambda teller, asked: teller.services(asked),
    ),
    Operation(
        "/services/{namespace}/{name}",
        ServiceAsked,
        ServiceStory,
        "All that is known of one service, as `feddns explain` tells it.",
        lambda teller, asked: teller.service(asked),
        "no cluster has such a service, and no zone has records for it",
    ),
    Operation(
        "/changes",
        ChangesAsked,
        Changes,
        "What waits to be written, as `feddns plan` tells it.",
        lambda teller, asked: teller.changes(asked),
        "there is no such target",
    ),
    Operation(
        "/moves",
        CountedAsked,
        Moves,
        "Withdrawals and returns of shards that are pending, those that are due soonest first.",
        lambda teller, asked: teller.moves(asked),
    ),
    Operation("/failovers", Nothing, Failovers, "The last answers that moved.", lambda teller, _: teller.failovers()),
    Operation("/targets", Nothing, Targets, "Each zone that is written.", lambda teller, _: teller.targets()),
)
