"""Every log event of feddns: its level, its constant message, and what it means; values travel as keys beside it."""

import enum
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

DEBUG: Final = logging.DEBUG
INFO: Final = logging.INFO
WARNING: Final = logging.WARNING
ERROR: Final = logging.ERROR


class LogEvent(enum.Enum):
    """One kind of line in the log."""

    CLUSTER_VISIBLE = (INFO, "cluster visible", "Everything of the cluster is listed and its API server answers.")
    CLUSTER_LOST = (WARNING, "cluster lost", "The cluster has been silent for too long; its answers stay as they are.")
    VERDICT = (
        INFO,
        "verdict",
        "A shard is judged otherwise than before, or will be soon: what it answers with, and why.",
    )
    CLOCK_JUMPED = (
        WARNING,
        "clock jumped",
        "The machine's wall clock was set; nothing is judged by it but what people ordered.",
    )
    RECORDS_WRITTEN = (INFO, "records written", "A batch of changes is in the zone.")
    WRITE_CONFLICT = (
        WARNING,
        "write conflict",
        "The zone was not as known: nothing was written, and it is read again.",
    )
    SERVICE_REFUSED = (
        ERROR,
        "service refused",
        "The provider refuses a service's records; the others go on without it.",
    )
    ZONE_REFUSED = (ERROR, "zone refused", "The zone holds names that are not this installation's: nothing is written.")
    DELETIONS_HELD = (
        ERROR,
        "deletions held",
        "More would be deleted for one cause than its budget allows, so it stays.",
    )
    PROVIDER_FAILED = (WARNING, "provider failed", "A provider could not be read or written; it is tried again.")
    PROBLEM = (WARNING, "problem", "Something of a service or cluster is not as it should be; the rest goes on.")
    PART_FAILED = (ERROR, "part failed", "A part of feddns ended by an error that nobody foresaw; it is started again.")
    SERVING = (INFO, "serving", "The embedded DNS server answers on these addresses.")
    WEB_SERVING = (INFO, "web serving", "Metrics and probes are answered over HTTP on this address.")
    ZONE_FILE_FAILED = (WARNING, "zone file failed", "The zone's file cannot be read; the answers stay as they were.")
    TWINS_DIFFER = (WARNING, "twins differ", "Two targets of one zone hold different records for more than a moment.")
    TWINS_AGREE = (INFO, "twins agree", "Two targets of one zone hold the same records again.")
    NOT_FENCED = (
        WARNING,
        "not fenced",
        "The target's provider cannot carry a fence: make sure that no second feddns writes the same names.",
    )
    STARTED = (INFO, "started", "feddns runs.")
    STOPPED = (INFO, "stopped", "feddns ends, as it was told.")
    CLUSTER_UNREADABLE = (WARNING, "cluster unreadable", "Objects of a cluster cannot be read; it is tried again.")
    ORDERS_CHANGED = (INFO, "orders changed", "A person has ordered, or taken back, a drain, an eviction or a freeze.")
    ORDERS_UNREADABLE = (WARNING, "orders unreadable", "What is ordered cannot be read; the last known orders stay.")
    FROZEN = (WARNING, "frozen", "Nothing is written any more, by a person's order, until `feddns thaw`.")
    THAWED = (INFO, "thawed", "Nothing is frozen any more: what has waited is written.")
    CLUSTER_NOT_READY = (
        WARNING,
        "cluster not ready",
        "An API server says that it is not ready; its cluster is lost if that lasts.",
    )
    READINESS_UNTOLD = (
        INFO,
        "readiness untold",
        "An API server does not tell feddns whether it is ready; its watches alone speak for it.",
    )
    EVENTS_REFUSED = (INFO, "events refused", "A cluster takes no Events from feddns; its problems are only logged.")

    def __init__(self, level: int, message: str, meaning: str) -> None:
        self.level = level
        self.message = message
        self.meaning = meaning


def log(event: LogEvent, **values: object) -> None:
    """Write one line.

    Args:
        event: what happened.
        values: the facts of this case; never a secret.
    """
    if event.level >= _output.least:
        logger("feddns").log(event.level, event.message, **_everywhere.get(), **values)


@contextmanager
def logging_with(**values: object) -> Iterator[None]:
    """Add these values to every line that is written inside, also by tasks that are started there."""
    token = _everywhere.set({**_everywhere.get(), **values})
    try:
        yield
    finally:
        _everywhere.reset(token)


_everywhere: Final[ContextVar[dict[str, object]]] = ContextVar("values of every line", default={})  # noqa: B039 - never changed in place


class _Output:
    """Where lines go in this process.

    Attributes:
        least: the least level of events that are written.
        set_up: makes structlog ready; None once it is.
    """

    least: int = DEBUG
    set_up: Callable[[], None] | None = None


_output: Final = _Output()


def write_from(least: int, set_up: Callable[[], None] | None) -> None:
    """Say what is written and how.

    Args:
        least: the least level of events that are written.
        set_up: called before the first line; None where structlog is to stay as it is.
    """
    _output.least, _output.set_up = least, set_up


def logger(name: str) -> Any:
    """A logger of structlog."""
    import structlog  # noqa: PLC0415 - a quarter of a second, which a verb that has nothing to log need not pay

    set_up, _output.set_up = _output.set_up, None
    if set_up is not None:
        set_up()
    return structlog.get_logger(name)
