"""How writing a zone has gone so far, for people."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from feddns.model.services import ServiceKey
from feddns.plan.proposal import ServiceChanges


def _nobody(_: object) -> None:
    """Nobody is told."""


async def _nobody_either(_: object) -> None:
    """Likewise."""


class Course(msgspec.Struct):
    """The last of each kind; times in seconds since the epoch, None where there was none yet.

    Attributes:
        read_at: when the zone was last read.
        written_at: when a batch was last taken.
        failed_at: when the provider last failed.
        failure: in which way, for people; never a secret.
        settled: told of each service that was decided on or written, and for which nothing waits now.
        written: told of the changes that each batch has made.
    """

    read_at: float | None = None
    written_at: float | None = None
    failed_at: float | None = None
    failure: str = ""
    settled: Callable[[ServiceKey], None] = _nobody
    written: Callable[[Iterable[ServiceChanges]], Awaitable[None]] = _nobody_either
